"""The page of a proof shows what was beside what is, and nothing that it must not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbrefine.compare.outputs import compare_outputs
from nbrefine.compare.verdict import Verdict
from nbrefine.refine.inline.named import NamedTransform
from nbrefine.refine.inline.report import transforms_json
from nbrefine.refine.prove.page import proof_page
from nbrefine.refine.prove.proof import CellProof, ItemProof, Proof
from nbrefine.transforms.model import Classification, Kind

# Equal pictures are shown as they are, whatever they hold.
PIXEL = "iVBORw0KGgoAAAANSUhEUg=="


def printed(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


def shown(**data: str) -> dict[str, Any]:
    mimes = {"html": "text/html", "png": "image/png", "text": "text/plain", "svg": "image/svg+xml"}
    content = {mimes[name]: value for name, value in data.items()}
    return {"output_type": "display_data", "metadata": {}, "data": content}


def page(expected: list[dict[str, Any]], actual: list[dict[str, Any]], source: str = "f()") -> str:
    """Draw a proof of one cell."""
    judged = compare_outputs(expected, actual)
    cell = CellProof(
        0, "load", judged.verdict, judged.differences, "", source, tuple(expected), tuple(actual)
    )
    return proof_page(Proof(Path("study"), (cell,)))


def test_the_words_that_differ_are_marked_on_both_sides() -> None:
    """And only they."""
    drawn = page([printed("mean 1.5 of 3\n")], [printed("mean 1.6 of 3\n")])
    assert "mean <mark>1.5</mark> of 3" in drawn
    assert "mean <mark>1.6</mark> of 3" in drawn


def test_the_cells_of_a_table_that_differ_are_marked() -> None:
    """The table is drawn anew from its texts."""
    table = "<table><tr><td>a</td><td>{}</td></tr></table>"
    drawn = page([shown(html=table.format(1.5))], [shown(html=table.format(1.6))])
    assert '<td>a</td><td class="differs">1.5</td>' in drawn
    assert '<td>a</td><td class="differs">1.6</td>' in drawn


def test_nothing_of_an_output_runs_in_the_page() -> None:
    """Scripts, handlers and styles of outputs come out as text or not at all."""
    html = "<script>alert(1)</script><b onclick='x()'>hello</b>"
    drawn = page([shown(html=html)], [shown(html=html + "!")], source="'</pre><script>x</script>'")
    assert "<script" not in drawn
    assert "<b onclick" not in drawn
    drawn = page([shown(png="'><script>x</script>")], [shown(png="no")])
    assert "<script" not in drawn


def test_credentials_are_masked_wherever_they_stand() -> None:
    """In code, output, messages and error."""
    line = "api_key = 'a1b2c3d4e5'"
    drawn = page([printed(line)], [printed(line + "!")], source=line)
    failed = Proof(Path("study"), (), built=False, build_error=line)
    item = ItemProof("x", "load", Verdict.DIFFERENT, f"it was {line}")
    listed = Proof(Path("study"), (), (item,))
    for text in (drawn, proof_page(failed), proof_page(listed)):
        assert "a1b2c3d4e5" not in text


def test_equal_outputs_are_shown_once_and_closed() -> None:
    """A page of figures would be twice as large otherwise."""
    drawn = page([shown(png=PIXEL)], [shown(png=PIXEL)])
    assert drawn.count(PIXEL) == 1
    assert '<details class="cell panel equal" data-verdict="equal">' in drawn


def test_what_differs_is_open_and_can_be_picked_without_a_script() -> None:
    """Each verdict that is there has a choice, and a rule that hides the others."""
    drawn = page([printed("a")], [])
    assert '<details class="cell panel missing" data-verdict="missing" open>' in drawn
    assert 'id="only-missing"' in drawn
    assert 'id="only-equal"' not in drawn
    assert "body:has(#only-missing:checked) [data-verdict]:not([data-verdict=missing])" in drawn
    assert "Not shown." in drawn


def test_long_outputs_are_cut_and_that_is_said() -> None:
    """Nobody reads a thousand lines side by side."""
    text = "\n".join(f"line {number}" for number in range(1000))
    drawn = page([printed(text)], [printed(text.replace("line 3\n", "line three\n"))])
    assert "line 59" in drawn
    assert "line 61" not in drawn
    assert "… and 940 more lines" in drawn


def test_transforms_say_what_they_are_for_and_which_statement_makes_them_so() -> None:
    """What tests found out of a function outweighs its code."""
    kind = Classification(Kind.FITTED, 3, "df.a.mean()", "the mean is taken <here>", "code")
    named = NamedTransform("fill_a", "notebooks/a.ipynb", 4, 2, *"dd", (), ("a",), ("a",), kind, "")
    (said,) = transforms_json([named], {}, {})
    assert (said["cell"], said["line"], said["kind"]) == (4, 3, "fitted")
    drawn = proof_page(Proof(Path("study"), ()), [said])
    assert "<code>fill_a</code></td><td>fitted</td><td>learns from its rows" in drawn
    assert "cell 5, line 3<br><code>df.a.mean()</code><br>the mean is taken &lt;here&gt;" in drawn
    (said,) = transforms_json([named], {}, {"fill_a": "FillA"})
    drawn = proof_page(Proof(Path("study"), ()), [said])
    assert "fit it on the training data, as <code>FillA</code> does</td>" in drawn
    refuted = Classification(Kind.UNKNOWN, None, None, "a row alone gives something else", "both")
    (said,) = transforms_json([named], {"fill_a": refuted}, {})
    assert (said["kind"], said["reason"]) == ("unknown", "a row alone gives something else")
    assert "<h2>Transforms" not in proof_page(Proof(Path("study"), ()))
