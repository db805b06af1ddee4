"""What a project says of the credentials that its steps read from the environment."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING

from nbrefine.errors import InputError, Place
from nbrefine.files.atomic import write_atomic
from nbrefine.files.paths import shown
from nbrefine.notebook.document import read_text
from nbrefine.report.masking import is_secret_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

NEEDED = ".nbrefine/credentials.json"
EXAMPLE = ".env.example"
DOTENV = ".env"
LEAST = 6
"""A shorter value is no credential: it would be found everywhere."""

_PAIR = re.compile(r"^\s*(?:export\s+)?(\w+)\s*=\s*(\S+)\s*$", re.MULTILINE)


def with_credentials(content: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    """Name the credentials in the files around the steps.

    Parameters
    ----------
    content
        Path relative to the project's root, and text.
    names
        The environment variables; where there are none, nothing changes.

    Returns
    -------
    dict of str to str
        With an example of an ``.env`` file; the workflow takes them from the repository's
        secrets.
    """
    if not names:
        return dict(content)
    names = sorted(names)
    secrets = "".join(f"      {name}: ${{{{ secrets.{name} }}}}\n" for name in names)
    workflow = ".github/workflows/build.yml"
    return {
        **content,
        EXAMPLE: "".join(f"{name}=\n" for name in names),
        "README.md": content["README.md"] + _section(names),
        workflow: content[workflow].replace("    steps:\n", f"    env:\n{secrets}    steps:\n", 1),
    }


def remember_credentials(project: Path, names: Sequence[str]) -> None:
    """Keep with a project which environment variables it needs; never their values."""
    if names:
        write_atomic(project / NEEDED, json.dumps(sorted(names), indent=1) + "\n")
    else:
        (project / NEEDED).unlink(missing_ok=True)


def required_names(project: Path) -> list[str]:
    """Return the environment variables that a project needs.

    Parameters
    ----------
    project
        Its root.
    """
    file = project / NEEDED
    return list(json.loads(read_text(file))) if file.is_file() else []


def required_values(project: Path) -> tuple[str, ...]:
    """Return the credentials that a project needs, from the environment and its ``.env`` file.

    Parameters
    ----------
    project
        Its root.

    Raises
    ------
    InputError
        If some are not in the environment.
    """
    names = required_names(project)
    missing = [name for name in names if not os.environ.get(name)]
    if missing:
        raise InputError(
            f"The steps read {', '.join(missing)} from the environment, and it is not set.",
            where=Place(shown(project)),
            hint=f"Fill in a copy of {EXAMPLE} named .env, then: set -a; . ./.env; set +a",
        )
    return (*(os.environ[name] for name in names), *dotenv_values(project / DOTENV).values())


def dotenv_values(file: Path) -> dict[str, str]:
    """Return the credentials in a file of lines such as ``NAME=value``, if there is one."""
    if not file.is_file():
        return {}
    pairs = _PAIR.findall(file.read_text(encoding="utf-8", errors="replace"))
    return {
        name: value.strip("'\"")
        for name, value in pairs
        if is_secret_name(name) and len(value.strip("'\"")) >= LEAST
    }


def _section(names: Sequence[str]) -> str:
    lines = [
        "",
        "## Credentials",
        "",
        "The steps read these from the environment; their values are in no file of the project:",
        "",
        *(f"- `{name}`" for name in names),
        "",
        f"Copy `{EXAMPLE}` to `.env`, which git ignores, fill it in, and load it before a build:",
        "",
        "```",
        "set -a; . ./.env; set +a",
        "```",
        "",
        "What once stood in a notebook that others have is known to them: revoke it.",
    ]
    return "\n".join(lines) + "\n"
