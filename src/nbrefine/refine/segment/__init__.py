"""Where a notebook is cut into steps."""
