"""How many of a table of labelled transforms are classified right."""
