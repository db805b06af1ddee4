"""What is taken out of texts, and what never is."""

# ruff: noqa: S108  (these paths are texts: nothing is written)
from __future__ import annotations

import pytest

from nbrefine.compare.html import html_lines
from nbrefine.compare.normalise import normalise


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("<function f at 0x7f3c2a1b9d00>", "<function f at 0x7fffe2a1b9d0>"),
        ("/tmp/ipykernel_12/3456.py:7: oops", "/tmp/ipykernel_99/1.py:2: oops"),
        ("<ipython-input-3-0a1b2c3d>:1: oops", "<ipython-input-9-ffffffff>:4: oops"),
        ("Cell In[3], line 1", "Cell In[12], line 1"),
        ("wrote /tmp/tmpab12_x9z/out.csv", "wrote /tmp/tmpzz00aa11/out.csv"),
        ("5/5 [00:01<00:00,  4.52it/s]", "5/5 [00:02<00:00,  2.33it/s]"),
        (
            "CPU times: user 3 ms, sys: 1 ms\nWall time: 4 ms",
            "CPU times: total: 2 ms\nWall time: 9 s",
        ),
        (
            "1.2 ms ± 3 µs per loop (mean ± std. dev. of 7 runs, 10 loops each)",
            "990 µs ± 9 µs per loop (mean ± std. dev. of 7 runs, 1,000 loops each)",
        ),
    ],
)
def test_what_names_the_process_is_the_same(one: str, other: str) -> None:
    """Addresses, files of cells, temporary files and the time that something took."""
    assert one != other
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("flags 0x1f", "flags 0x2f"),
        ("2013-01-01 05:15", "2013-01-02 05:15"),
        ("wrote data/tmp_one.csv", "wrote data/tmp_two.csv"),
        ("digest 0a1b2c3d4e5f60718293a4b5c6d7e8f9", "digest 1a1b2c3d4e5f60718293a4b5c6d7e8f9"),
        ("[0.1, 0.2]", "[0.1, 0.3]"),
        ("mean ± std: 1 ± 2", "mean ± std: 1 ± 3"),
    ],
)
def test_results_are_never_taken_out(one: str, other: str) -> None:
    """Hexadecimal numbers, dates, names and digests may be what the cell computes."""
    assert normalise(one) != normalise(other)


@pytest.mark.parametrize("repeated", ["x", "/", "C:\\", "± ", "[1:", "<a ", "0x", "a="])
def test_a_line_may_be_long(repeated: str) -> None:
    """Such as an image in base64: it takes time by its length, not by the square of that."""
    text = repeated * 500_000
    assert normalise(text) == text


def test_folders_are_matched_whole() -> None:
    """``/home/ann/study`` is not the beginning of ``/home/ann/study2``; ``/tmp`` is too short."""
    assert normalise("/home/ann/study2/x", ["/home/ann/study"]) == "/home/ann/study2/x"
    assert normalise("in /home/ann/study", ["/home/ann/study/"]) == "in <folder>"
    assert normalise("/tmp/x", ["/tmp"]) == "/tmp/x"
    inner = ["/home/ann/study", "/home/ann/study/copy"]
    assert normalise("/home/ann/study/copy/x", inner) == "<folder>/x"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "<div id='sk-container-id-3'><p>Ridge()</p></div>",
            "<div id='sk-container-id-1'><p>Ridge()</p></div>",
        ),
        (
            "<div id='c0ffee00-1111-4222-8333-444455556666'></div>",
            "<div id='deadbeef-1111-4222-8333-444455556666'></div>",
        ),
        (
            "<script>var map_0123456789abcdef0123456789abcdef = L.map(1)</script>",
            "<script>var map_fedcba9876543210fedcba9876543210 = L.map(1)</script>",
        ),
        (
            "<script>Bokeh.embed({'id':'p1001','ref':'p1002'})</script>",
            "<script>Bokeh.embed({'id':'p2044','ref':'p2045'})</script>",
        ),
    ],
)
def test_generated_ids_of_html_are_numbered(one: str, other: str) -> None:
    """Of scikit-learn, Plotly, folium and Bokeh."""
    assert one != other
    assert html_lines(one) == html_lines(other)


def test_an_id_used_for_another_element_is_a_difference() -> None:
    """Ids are numbered, not taken out: which element is meant still counts."""
    page = "<b id='x{0}'></b><b id='x{1}'></b><label for='x{2}'></label>"
    one, two = "0a1b2c3d4e", "1a1b2c3d4e"
    assert html_lines(page.format(one, two, one)) == html_lines(page.format(two, one, two))
    assert html_lines(page.format(one, two, one)) != html_lines(page.format(one, two, two))


def test_a_digest_in_a_table_is_data() -> None:
    """What looks generated, but is what a reader sees, is compared."""
    page = "<table><tr><td>{}</td></tr></table>"
    one, two = "0a1b2c3d4e5f60718293a4b5c6d7e8f9", "ffff2c3d4e5f60718293a4b5c6d7e8f9"
    assert html_lines(page.format(one)) != html_lines(page.format(two))
