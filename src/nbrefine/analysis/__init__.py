"""What code says without being run."""
