"""What flows between cells, told from their code and from a run of it."""
