"""Steps with what each takes and keeps, and in which format."""
