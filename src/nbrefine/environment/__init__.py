"""What is installed, whether it works together, and the variables that are set."""
