"""Many variants of one step: each with parameters and products of its own, and what came of it."""
