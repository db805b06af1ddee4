"""How much time a build takes beside that of its cells."""
