"""What steps are called."""
