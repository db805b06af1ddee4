"""What a reader sees of raw outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbrefine.compare.screen import DISPLAY, STREAM, shown

if TYPE_CHECKING:
    from conftest import Outputs


def test_a_progress_bar_ends_as_a_terminal_shows_it(out: type[Outputs]) -> None:
    """What a carriage return wrote over is gone; what sticks out beyond it is not."""
    [stream] = shown([out.stderr("  0%|    |\r 50%|##  |\r100%|####|\ndone\n")])
    assert stream.parts == {"stderr": "100%|####|\ndone\n"}
    [stream] = shown([out.stdout("abcdef\rxy\n")])
    assert stream.parts == {"stdout": "xycdef\n"}
    [stream] = shown([out.stdout("one\r\ntwo\r\n")])
    assert stream.parts == {"stdout": "one\ntwo\n"}


def test_lists_of_lines_are_joined(out: type[Outputs]) -> None:
    """Nbformat keeps text as lists of lines on disk."""
    assert shown([{**out.stdout(""), "text": ["a\n", "b\n"]}]) == shown([out.stdout("a\nb\n")])
    lists = {**out.display(), "data": {"text/plain": ["a\n", "b"], "application/json": ["a", "b"]}}
    [item] = shown([lists])
    assert item.parts == {"text/plain": "a\nb", "application/json": ["a", "b"]}


def test_an_empty_stream_is_not_there(out: type[Outputs]) -> None:
    """print(end="") shows nothing."""
    assert shown([out.stdout("")]) == []


def test_clear_output_clears_at_once_or_with_the_next(out: type[Outputs]) -> None:
    """As ``wait`` says."""
    clear, wait = {"output_type": "clear_output"}, {"output_type": "clear_output", "wait": True}
    assert shown([out.stdout("a"), clear]) == []
    assert [item.parts for item in shown([out.stdout("a"), wait])] == [{"stdout": "a"}]
    assert [item.parts for item in shown([out.stdout("a"), wait, out.stdout("b")])] == [
        {"stdout": "b"}
    ]


def test_an_update_replaces_the_display_of_its_id_alone(out: type[Outputs]) -> None:
    """Displays without an id are not touched."""
    named = {**out.display(text="0 of 3"), "transient": {"display_id": "bar"}}
    update = {**out.display(text="3 of 3"), "output_type": "update_display_data"}
    update["transient"] = {"display_id": "bar"}
    items = shown([named, out.display(text="other"), update])
    assert [item.parts["text/plain"] for item in items] == ["3 of 3", "other"]
    assert {item.kind for item in items} == {DISPLAY}


def test_streams_split_by_a_display_stay_apart(out: type[Outputs]) -> None:
    """Before and after a figure are two places."""
    items = shown([out.stdout("a"), out.display(text="x"), out.stdout("b")])
    assert [item.kind for item in items] == [STREAM, DISPLAY, STREAM]
