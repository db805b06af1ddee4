"""From a messy notebook to a pipeline, and the proof that it says the same."""
