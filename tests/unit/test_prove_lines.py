"""What ``nbrefine prove`` says in a terminal."""

from __future__ import annotations

from pathlib import Path

import click

from nbrefine.cli.prove import proof_lines
from nbrefine.compare.verdict import Difference, Verdict
from nbrefine.recording.facts import Basis
from nbrefine.refine.prove.proof import CellProof, ItemProof, Proof


def said(*cells: CellProof, basis: Basis = Basis.RUN) -> str:
    items = (ItemProof("df", "load", Verdict.DIFFERENT, "the shape was (3,), and is (4,)"),)
    proof = Proof(Path("study"), cells, items if basis is Basis.RUN else (), basis=basis)
    return click.unstyle("\n".join(proof_lines(proof)))


def test_what_differs_is_listed_with_both_sides() -> None:
    """Cell, step, what it was and what it is; a credential in it is masked."""
    difference = Difference(
        Verdict.DIFFERENT, "stdout", 0, "line 1 differs", "api_key = 'a1b2c3d4e5'", "4"
    )
    text = said(
        CellProof(0, "load", Verdict.EQUAL),
        CellProof(1, "clean", Verdict.DIFFERENT, (difference,)),
    )
    assert "The pipeline differs from the notebook in 1 cell and 1 variable." in text
    assert "different: code cell 2 in step clean" in text
    assert "    + 4" in text
    assert "a1b2c3d4e5" not in text
    assert "different: variable df in step load\n  the shape was (3,), and is (4,)" in text
    assert "code cell 1 " not in text


def test_a_cell_that_varies_is_listed_with_its_cause() -> None:
    """Even where it is equal by luck."""
    text = said(CellProof(0, "load", Verdict.EQUAL, cause="It shows the time of day."))
    assert "equal: code cell 1 in step load (It shows the time of day.)" in text


def test_where_nothing_was_compared_no_cell_is_listed() -> None:
    """All of them were not, and the headline says so."""
    cell = CellProof(0, "load", Verdict.NOT_COMPARED, cause="It draws.")
    text = said(cell, basis=Basis.NONE)
    assert "Nothing was compared" in text
    assert "1 not-compared" in text
    assert "code cell" not in text
