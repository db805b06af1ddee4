"""From a refined project to a declaration of its features, for its user to review."""
