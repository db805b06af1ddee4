"""``python -m nbrefine``."""

from nbrefine.cli.main import main

main()
