"""Whether the generated tests notice when the code is changed."""
