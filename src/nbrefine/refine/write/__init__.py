"""The text of a refined project, and how it comes onto the disk."""
