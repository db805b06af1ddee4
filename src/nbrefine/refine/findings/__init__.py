"""What a notebook's author should know about it: one rule a class, one idea a file."""
