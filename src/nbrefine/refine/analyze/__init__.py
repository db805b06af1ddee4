"""What refine would make of a notebook, shown and not done."""
