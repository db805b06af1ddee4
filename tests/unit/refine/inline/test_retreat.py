"""What is given up where the proof fails with transforms that have names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from nbrefine.compare.verdict import Verdict
from nbrefine.refine.draft import Draft, Wishes
from nbrefine.refine.extract.extraction import Extraction, Moved
from nbrefine.refine.fallback import fallbacks
from nbrefine.refine.inline.name_transforms import name_transforms
from nbrefine.refine.inline.named import Naming
from nbrefine.refine.prove.proof import CellProof, Proof

NOTEBOOK: dict[str, Any] = {
    "cells": [
        {"cell_type": "code", "id": "a", "metadata": {}, "source": source}
        for source in ("import pandas as pd\ndf = pd.DataFrame({'a': [1]})", "df['b'] = df['a']")
    ]
}


def draft(naming: Naming) -> Draft:
    """Return a draft of which one function moved, and that is otherwise empty."""
    moved = Moved("add_b", "function", "p.features", "n.ipynb", 1, 1)
    nothing = cast("Any", None)
    extraction = Extraction(moved=(moved,))
    return Draft((), nothing, nothing, nothing, nothing, {}, extraction=extraction, naming=naming)


def test_transforms_stay_statements_before_all_functions_stay() -> None:
    """First what may be to blame goes back, then the names of transforms, then all functions."""
    naming = name_transforms({"n.ipynb": NOTEBOOK})
    assert [each.name for each in naming.transforms] == ["add_b"]
    proof = Proof(Path(), (CellProof(0, "step", Verdict.DIFFERENT, source="df = add_b(df)"),))
    first = fallbacks(draft(naming), proof, Wishes())
    assert first is not None
    assert (first[0].inline, first[0].extract) == (False, True)
    second = fallbacks(draft(Naming()), proof, first[0])
    assert second is not None
    assert (second[0].inline, second[0].extract) == (False, False)


def move(*names: str) -> tuple[Moved, ...]:
    return tuple(Moved(each, "function", "p.features", "n.ipynb", 1, 1) for each in names)


def failing(source: str) -> Proof:
    return Proof(Path(), (CellProof(0, "step", Verdict.DIFFERENT, source=source),))


def test_definitions_go_back_one_after_the_other() -> None:
    """A second fault does not give up what the first had nothing to do with."""
    three = replace(draft(Naming()), extraction=Extraction(moved=move("one", "two", "three")))
    first = fallbacks(three, failing("one(1)"), Wishes())
    assert first is not None
    assert first[0].keep.keys() == {"one"}
    two = replace(three, extraction=Extraction(moved=move("two", "three")))
    second = fallbacks(two, failing("two(1)"), first[0])
    assert second is not None
    assert second[0].keep.keys() == {"one", "two"}
    assert second[1] == "`two` stayed in the notebooks"
    last = fallbacks(two, failing("1 + 1"), second[0])
    assert last is not None
    assert not last[0].extract


def test_one_transform_becomes_statements_again_and_the_others_keep_their_names() -> None:
    cells = [*NOTEBOOK["cells"], {**NOTEBOOK["cells"][1], "source": "df['c'] = df['a'] + 1"}]
    naming = name_transforms({"n.ipynb": {"cells": cells}})
    assert [each.name for each in naming.transforms] == ["add_b", "add_c"]
    wishes = Wishes(keep={"add_b": "it fails"})
    one = replace(draft(naming), extraction=Extraction(moved=move("add_c")))
    found = fallbacks(one, failing("df = add_b(df)"), wishes)
    assert found is not None
    assert (found[0].as_written, found[0].keep, found[0].inline) == ((1,), {}, True)
    assert found[1] == "`add_b` stayed statements"


def test_nothing_is_given_up_for_what_cannot_be_mended() -> None:
    """What fails in the plainest project, too; for the rest, retreats go on."""
    three = replace(draft(Naming()), extraction=Extraction(moved=move("one", "two")))
    cells = tuple(
        CellProof(origin, "step", Verdict.DIFFERENT, source=source)
        for origin, source in enumerate(("one(1)", "two(1)"))
    )
    proof = Proof(Path(), cells, built=False)
    assert proof.failing == {"code cell 1", "code cell 2", "build"}
    assert fallbacks(three, proof, Wishes(unmendable=tuple(proof.failing))) is None
    found = fallbacks(three, proof, Wishes(unmendable=("build", "code cell 1")))
    assert found is not None
    assert found[0].keep.keys() == {"two"}
