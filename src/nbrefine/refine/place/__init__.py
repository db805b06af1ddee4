"""What ties a notebook to its place: credentials, paths, files and modules beside it."""
