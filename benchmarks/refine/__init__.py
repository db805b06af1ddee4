"""How many real notebooks refine turns into pipelines that say the same, and at what cost."""
