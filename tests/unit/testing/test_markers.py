"""What nbval's words mean here, held against nbval's own reading."""

from __future__ import annotations

import pytest
from nbval.plugin import find_comment_markers, find_metadata_tags

from nbrefine.testing.markers import Markers, markers_of


@pytest.mark.parametrize(
    ("source", "tags", "said"),
    [
        ("1", [], Markers()),
        ("# NBVAL_IGNORE_OUTPUT\n1", [], Markers(check=False)),
        ("#NBVAL_CHECK_OUTPUT", ["nbval-ignore-output"], Markers(check=True)),
        ("1", ["nbval-ignore-output", "mine"], Markers(check=False)),
        ("1", ["nbval-skip"], Markers(skip=True)),
        ("1 / 0", ["raises-exception"], Markers(raises=True)),
        ("1 / 0  # NBVAL_RAISES_EXCEPTION", [], Markers()),
        ("# PYTEST_VALIDATE_IGNORE_OUTPUT", [], Markers(check=False)),
        ("# nbval_skip", [], Markers()),
    ],
)
def test_words_are_read_as_nbval_reads_them(source: str, tags: list[str], said: Markers) -> None:
    """Tags and comments, with comments before tags."""
    assert markers_of(source, tags) == said
    theirs = dict(find_metadata_tags({"tags": tags})) | dict(find_comment_markers(source))
    assert theirs.get("check") == said.check
    assert bool(theirs.get("skip")) == said.skip
    assert bool(theirs.get("check_exception")) == said.raises
