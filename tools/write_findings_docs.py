"""Writes docs/findings/ from the docstrings of the rules; a test holds the two to each other."""

from __future__ import annotations

import sys
from pathlib import Path

from nbrefine.refine.findings.pages import index_page, page_name, rule_page
from nbrefine.refine.findings.rules import RULES

FOLDER = Path(__file__).parents[1] / "docs" / "findings"


def pages() -> dict[str, str]:
    """Return each page by the name of its file."""
    return {"README.md": index_page(RULES)} | {page_name(rule): rule_page(rule) for rule in RULES}


def main() -> int:
    """Write all pages, and take away those of rules that are no more."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    found = pages()
    for file in FOLDER.glob("*.md"):
        if file.name not in found:
            file.unlink()
    for name, text in found.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    print(f"{len(found)} pages in {FOLDER.name}/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
