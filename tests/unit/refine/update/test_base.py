"""What refine wrote is known again: texts as they are, the rest by what is in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrefine.errors import InputError
from nbrefine.refine.options import Options
from nbrefine.refine.write.base import BASE, read_base, remember_base


def test_what_was_written_is_known_again(tmp_path: Path) -> None:
    files = {
        "pipeline.yaml": b"tasks: []\n",
        "tests/fixtures/a.json": b"[1]",
        "picture.png": b"\x89PNG\xff",
    }
    for path, content in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    remember_base(tmp_path, ["a = 1"], Options(steps=3, runs=1), files)
    base = read_base(tmp_path)
    assert base.cells == ("a = 1",)
    assert Options(**base.options) == Options(steps=3, runs=1)
    assert base.texts == {"pipeline.yaml": "tasks: []\n"}
    for path, content in files.items():
        assert base.holds(path, content)
        assert not base.holds(path, content + b"x")
        assert not base.holds(path, None)
    assert base.holds("new", None)


@pytest.mark.parametrize(
    ("text", "words"), [(None, "Nothing says"), ("{", "cannot be read"), ("{}", "cannot be read")]
)
def test_without_it_there_is_no_update(tmp_path: Path, text: str | None, words: str) -> None:
    if text is not None:
        (tmp_path / BASE).parent.mkdir()
        (tmp_path / BASE).write_text(text)
    with pytest.raises(InputError, match=words):
        read_base(tmp_path)
