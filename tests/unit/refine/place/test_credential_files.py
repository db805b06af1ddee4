"""A project names the credentials that it needs, and asks for them before it is built."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from nbrefine.errors import InputError
from nbrefine.refine.place.credential_files import (
    EXAMPLE,
    NEEDED,
    remember_credentials,
    required_values,
    with_credentials,
)
from nbrefine.refine.write.project import Environment, project_files

if TYPE_CHECKING:
    from pathlib import Path

AROUND = project_files("p", "n.ipynb", (), Environment())


def test_names_stand_in_the_files_around_the_steps() -> None:
    """The workflow takes them from the repository's secrets; the filled in file is ignored."""
    files = with_credentials(AROUND, ["TOKEN", "DB_PASSWORD"])
    assert files[EXAMPLE] == "DB_PASSWORD=\nTOKEN=\n"
    assert ".env" in AROUND[".gitignore"].splitlines()
    assert "- `DB_PASSWORD`" in files["README.md"]
    job = yaml.safe_load(files[".github/workflows/build.yml"])["jobs"]["build"]
    assert job["env"]["TOKEN"] == "${{ secrets.TOKEN }}"  # noqa: S105  (a name)
    assert with_credentials(AROUND, []) == AROUND


def test_what_is_missing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Values come from the environment, and are kept nowhere."""
    (tmp_path / ".nbrefine").mkdir()
    assert required_values(tmp_path) == ()
    remember_credentials(tmp_path, ["TOKEN", "DB_PASSWORD"])
    monkeypatch.setenv("TOKEN", "a1b2c3")
    monkeypatch.delenv("DB_PASSWORD", raising=False)
    with pytest.raises(InputError, match="DB_PASSWORD from the environment"):
        required_values(tmp_path)
    monkeypatch.setenv("DB_PASSWORD", "k3stRel")
    assert required_values(tmp_path) == ("k3stRel", "a1b2c3")
    assert "k3stRel" not in (tmp_path / NEEDED).read_text()
    (tmp_path / ".env").write_text(
        "export MY_TOKEN='abcdef123'\nHOME_PAGE=x\nPASSWORD=no\n# TOKEN\n"
    )
    assert required_values(tmp_path) == ("k3stRel", "a1b2c3", "abcdef123")
    remember_credentials(tmp_path, [])
    assert not (tmp_path / NEEDED).exists()
