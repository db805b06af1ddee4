"""Say when two outputs, or two values, are the same."""
