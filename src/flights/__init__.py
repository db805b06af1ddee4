"""Will this flight be late? The reference project's own code."""
