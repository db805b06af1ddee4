"""What nbrefine does inside JupyterLab."""
