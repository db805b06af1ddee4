"""Verdicts on a build, from what its steps showed and held."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from nbrefine.compare.verdict import Verdict
from nbrefine.recording.facts import (
    Basis,
    CellRecord,
    PythonFacts,
    Recording,
    ValueFacts,
    WrittenFile,
)
from nbrefine.refine.prove.case import Case, StepRun
from nbrefine.refine.prove.judge_cells import judge_cells
from nbrefine.refine.prove.judge_items import judge_files, judge_variables
from nbrefine.refine.prove.proof import Proof, headline, proof_json

Output = dict[str, Any]


def printed(text: str, stream: str = "stdout") -> Output:
    return {"output_type": "stream", "name": stream, "text": text}


def facts(digest: str | None, **more: Any) -> ValueFacts:  # noqa: ANN401  (any field)
    return ValueFacts("builtins.dict", digest, 100, **more)


def executed(origin: int | None, *outputs: Output, ran: bool = True) -> dict[str, Any]:
    metadata = {"role": "imports"} if origin is None else {"origin": origin}
    return {
        "cell_type": "code",
        "execution_count": 1 if ran else None,
        "metadata": {"nbrefine": metadata},
        "source": ["x = 1\n", "x"],
        "outputs": list(outputs),
    }


def recording(*cells: CellRecord, **more: Any) -> Recording:  # noqa: ANN401  (any field)
    return Recording(cells, more.pop("final", {}), PythonFacts("", ""), **more)


def recorded(origin: int, *outputs: Output, **more: Any) -> CellRecord:  # noqa: ANN401  (any field)
    return CellRecord(origin, outputs, **more)


def test_each_cell_is_found_in_its_step_by_its_origin() -> None:
    """Cells that refine added are passed over; the source comes from the executed notebook."""
    case = Case(
        recording(recorded(0, printed("a\n")), recorded(1, printed("b\n"))),
        {
            "load": StepRun((executed(None, printed("noise\n")), executed(0, printed("a\n")))),
            "show": StepRun((executed(1, printed("c\n")),)),
        },
    )
    first, second = judge_cells(case)
    assert (first.step, first.verdict, first.source) == ("load", Verdict.EQUAL, "x = 1\nx")
    assert (second.step, second.verdict) == ("show", Verdict.DIFFERENT)


def test_a_cell_that_is_nowhere_or_did_not_run_is_missing() -> None:
    """Even if it showed nothing in the original."""
    case = Case(recording(recorded(0), recorded(1)), {"load": StepRun((executed(1, ran=False),))})
    nowhere, stopped = judge_cells(case)
    assert nowhere.verdict is stopped.verdict is Verdict.MISSING
    assert "in no step" in nowhere.differences[0].message
    assert "was not run" in stopped.differences[0].message


def test_a_cell_in_two_steps_has_to_be_right_in_both() -> None:
    """The worse verdict counts."""
    case = Case(
        recording(recorded(0, printed("a\n"))),
        {"one": StepRun((executed(0, printed("a\n")),)), "two": StepRun((executed(0),))},
    )
    assert judge_cells(case)[0].verdict is Verdict.MISSING


def test_a_varying_cell_carries_its_cause_even_where_it_is_equal() -> None:
    """Agreement by luck is no steadiness."""
    case = Case(
        recording(
            recorded(0, printed("a\n")),
            recorded(1, printed("b\n")),
            varying=frozenset({0, 1}),
            causes={0: "no random_state"},
        ),
        {"all": StepRun((executed(0, printed("a\n")), executed(1, printed("c\n"))))},
    )
    equal, other = judge_cells(case)
    assert (equal.verdict, equal.cause) == (Verdict.EQUAL, "no random_state")
    assert other.verdict is Verdict.NONDETERMINISTIC


def test_reruns_of_the_original_excuse_what_they_vary() -> None:
    """Each cell is compared with the same cell of the plain runs."""
    case = Case(
        recording(
            recorded(0, printed("1 s\n")),
            recorded(1, printed("2\n")),
            reruns=(((printed("3 s\n"),), (printed("2\n"),)),),
        ),
        {"all": StepRun((executed(0, printed("9 s\n")), executed(1, printed("9\n"))))},
    )
    assert [cell.verdict for cell in judge_cells(case)] == [
        Verdict.NONDETERMINISTIC,
        Verdict.DIFFERENT,
    ]


def test_a_cell_that_is_not_of_chance_may_differ_only_where_its_runs_did() -> None:
    """The time of day that a summary prints excuses no other number in it."""
    old, rerun = printed("23:45:06 fit 0.91\n"), printed("23:45:16 fit 0.91\n")
    held = recording(recorded(0, old), varying=frozenset({0}), reruns=(((rerun,),),))

    def judged(text: str) -> Verdict:
        return judge_cells(Case(held, {"all": StepRun((executed(0, printed(text)),))}))[0].verdict

    assert judged("23:59:59 fit 0.91\n") is Verdict.NONDETERMINISTIC
    assert judged("23:59:59 fit 0.92\n") is Verdict.DIFFERENT


def info(columns: int, memory: str) -> Output:
    return printed(f"Data columns (total {columns} columns):\nmemory usage: {memory}\n")


@pytest.mark.parametrize(
    ("shown", "verdict"),
    [
        (info(3, "123.9 KB"), Verdict.WITHIN_TOLERANCE),
        (info(3, "124.7+ KB"), Verdict.DIFFERENT),  # there are objects now
        (info(4, "123.9 KB"), Verdict.DIFFERENT),
        (printed("memory usage: 3 of 4\n"), Verdict.DIFFERENT),
    ],
)
def test_how_much_memory_a_frame_takes_may_differ(shown: Output, verdict: Verdict) -> None:
    """A filtered frame takes some bytes more than the same frame that was stored."""
    before = info(3, "124.7 KB")
    held = recording(recorded(0, before, printed("1\n", "stderr")))
    step = StepRun((executed(0, shown, printed("1\n", "stderr")),))
    (cell,) = judge_cells(Case(held, {"all": step}))
    assert cell.verdict is verdict
    if verdict is Verdict.WITHIN_TOLERANCE:
        assert [each.message.partition(":")[0] for each in cell.differences] == [
            "the memory that a frame takes is another"
        ]


def warned(text: str) -> Output:
    return printed(f"own.py:1: {text}\n  big['x'] = 1\n", "stderr")


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("SettingWithCopyWarning: \nA value is trying to be set", Verdict.WITHIN_TOLERANCE),
        ("PerformanceWarning: DataFrame is highly fragmented.  This", Verdict.WITHIN_TOLERANCE),
        ("PerformanceWarning: indexing past lexsort depth", Verdict.DIFFERENT),
        ("UserWarning: A value is trying to be set", Verdict.DIFFERENT),
    ],
)
def test_a_warning_of_how_a_frame_is_held_may_be_gone(text: str, verdict: Verdict) -> None:
    """It may not be new."""
    without, with_it = recorded(0), recorded(0, warned(text))
    steps = {"all": StepRun((executed(0),))}
    (cell,) = judge_cells(Case(recording(with_it), steps))
    assert cell.verdict is verdict
    steps = {"all": StepRun((executed(0, warned(text)),))}
    assert judge_cells(Case(recording(with_it), steps))[0].verdict is Verdict.EQUAL
    assert judge_cells(Case(recording(without), steps))[0].verdict is Verdict.DIFFERENT


def test_a_notebook_that_names_its_own_folder_names_the_project_s() -> None:
    """Wherever both lie: `Path("results").resolve()` is the same place in each."""
    held = recording(recorded(0, printed("Wrote /home/ada/a.csv\n")), folder="/home/ada")
    for text, verdict in (("/srv/p1/a.csv", Verdict.EQUAL), ("/srv/p2/a.csv", Verdict.DIFFERENT)):
        runs = {"all": StepRun((executed(0, printed(f"Wrote {text}\n")),))}
        (cell,) = judge_cells(Case(held, runs, folders=("/home/ada/project", "/srv/p1")))
        assert cell.verdict is verdict


def test_a_warning_may_move_into_a_cell_that_refine_added() -> None:
    """An import that warned in cell 0 warns in the imports cell now; a write may warn too."""
    old = printed("a.py:1: FutureWarning: old\n  import a\n", "stderr")
    new = printed("b.py:1: UserWarning: slow\n  write()\n", "stderr")
    case = Case(
        recording(recorded(0, old)), {"all": StepRun((executed(None, old, new), executed(0)))}
    )
    assert judge_cells(case)[0].verdict is Verdict.EQUAL
    lost = Case(recording(recorded(0, old)), {"all": StepRun((executed(0),))})
    assert judge_cells(lost)[0].verdict is Verdict.DIFFERENT


def test_a_difference_in_an_edited_step_is_superseded() -> None:
    """What was edited need not say what the notebook said; the other steps have to."""
    case = Case(
        recording(recorded(0, printed("a\n")), recorded(1, printed("b\n")), recorded(2)),
        {
            "load": StepRun((executed(0, printed("z\n")),)),
            "show": StepRun((executed(1, printed("z\n")),)),
        },
        edited=frozenset({"show"}),
    )
    assert [cell.verdict for cell in judge_cells(case)] == [
        Verdict.DIFFERENT,
        Verdict.SUPERSEDED,
        Verdict.SUPERSEDED,
    ]


def variables(
    final: dict[str, ValueFacts],
    held: dict[str, dict[str, ValueFacts] | None],
    **more: Any,  # noqa: ANN401  (any field)
) -> dict[str, tuple[Verdict, str]]:
    """Judge a notebook of three cells, ``x`` bound in cell 0 and changed in 1, in three steps."""
    case = Case(
        recording(
            recorded(0, bound=frozenset({"x", "y"})),
            recorded(1, changed=frozenset({"x"})),
            recorded(2),
            final=final,
            **more,
        ),
        {
            step: StepRun((executed(origin),), held.get(step))
            for origin, step in enumerate(("a", "b", "c"))
        },
    )
    return {item.name: (item.verdict, item.step) for item in judge_variables(case)}


def test_a_variable_is_looked_for_where_it_was_written_last() -> None:
    """An earlier step holds an older value, and a step that does not use it need not have it."""
    found = variables(
        {"x": facts("new"), "y": facts("y")},
        {"a": {"x": facts("old"), "y": facts("y")}, "b": {"x": facts("new")}, "c": {}},
    )
    assert found == {"x": (Verdict.EQUAL, "b"), "y": (Verdict.EQUAL, "a")}


def test_a_later_step_with_a_stale_value_is_different() -> None:
    """It read the variable from the wrong step."""
    held = {"a": {"x": facts("old")}, "b": {"x": facts("new")}, "c": {"x": facts("old")}}
    assert variables({"x": facts("new")}, held) == {"x": (Verdict.DIFFERENT, "b")}


def test_a_variable_that_is_not_there_is_missing() -> None:
    """The step that wrote it last ends without it."""
    held: dict[str, dict[str, ValueFacts] | None] = {"a": {"x": facts("new")}, "b": {}, "c": {}}
    assert variables({"x": facts("new")}, held) == {"x": (Verdict.MISSING, "b")}


def test_an_opaque_variable_is_looked_for_where_it_was_bound_last() -> None:
    """That a later cell names it does not mean that the cell's step has to have it."""
    opaque = {"x": facts(None, opaque="generator")}
    held = recording(
        recorded(0, bound=frozenset({"x"}), values=opaque),
        recorded(1, changed=frozenset({"x"}), values=opaque),
        final=opaque,
    )
    runs = {"a": StepRun((executed(0),), opaque), "b": StepRun((executed(1),), {})}
    (item,) = judge_variables(Case(held, runs))
    assert (item.step, item.verdict) == ("a", Verdict.NOT_COMPARED)


def test_variables_that_nobody_saw_are_not_compared() -> None:
    """Without a build none is seen; a kernel may also not answer."""
    final = {"x": facts("new")}
    assert variables(final, {})["x"][0] is Verdict.NOT_COMPARED
    assert variables(final, {"a": {}, "c": {}})["x"][0] is Verdict.NOT_COMPARED


def test_a_variable_of_a_varying_cell_is_nondeterministic() -> None:
    """The last cell that wrote it decides; so do plain runs that end with another value.

    A cell that mentions a name which a varying cell wrote varies with it.
    """
    final, held = {"x": facts("new")}, {"a": {}, "b": {"x": facts("other")}, "c": {}}
    assert variables(final, held, varying=frozenset({1}))["x"][0] is Verdict.NONDETERMINISTIC
    assert variables(final, held, varying=frozenset({0}))["x"][0] is Verdict.NONDETERMINISTIC
    assert variables(final, held, varying=frozenset({2}))["x"][0] is Verdict.DIFFERENT
    reruns = ({"x": facts("third")},)
    assert variables(final, held, rerun_finals=reruns)["x"][0] is Verdict.NONDETERMINISTIC


def files(tmp_path: Path, **more: Any) -> dict[str, tuple[Verdict, str]]:  # noqa: ANN401  (any field)
    """Judge files of which one is kept, one differs, and one is gone, written by cell 0."""
    for name, content in {
        "root/out/a.csv": "x 1.0",
        "root/b.csv": "2",
        "kept/0.csv": "x 1.00",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    folder = "/home/ann/study"
    written = {
        f"{folder}/out/a.csv": WrittenFile("0" * 64, 6, "0.csv"),
        f"{folder}/b.csv": WrittenFile("0" * 64, 3),
        f"{folder}/out/b.csv": WrittenFile(hashlib.sha256(b"2").hexdigest(), 1),
    }
    case = Case(
        recording(recorded(0, files_written=tuple(written)), files=written, **more),
        {"load": StepRun((executed(0),))},
    )
    judged = judge_files(case, tmp_path / "root", tmp_path / "kept")
    return {item.name: (item.verdict, item.message) for item in judged}


def test_files_are_found_by_their_paths_below_the_notebook(tmp_path: Path) -> None:
    """The notebook's folder is another than the project's; a file is not found elsewhere in it."""
    assert files(tmp_path) == {
        "out/a.csv": (Verdict.WITHIN_TOLERANCE, "line 1 differs"),
        "b.csv": (Verdict.DIFFERENT, "the content differs (3 bytes before, 1 now)"),
        "out/b.csv": (Verdict.MISSING, "the build did not write it"),
    }


def test_files_elsewhere_are_found_where_the_project_finds_them(tmp_path: Path) -> None:
    """A file beside the notebook's folder is as far from the project as its path says."""
    home, built = tmp_path / "study" / "project", tmp_path / "copy" / "study" / "project"
    for folder in (home, built, tmp_path / "copy" / "out"):
        folder.mkdir(parents=True)
    (built / "a.csv").write_text("1")
    (tmp_path / "copy" / "out" / "b.csv").write_text("2")
    written = {
        str(tmp_path / "study" / "a.csv"): WrittenFile(hashlib.sha256(b"1").hexdigest(), 1),
        str(tmp_path / "out" / "b.csv"): WrittenFile(hashlib.sha256(b"2").hexdigest(), 1),
    }
    case = Case(
        recording(recorded(0, files_written=tuple(written)), files=written),
        {"load": StepRun((executed(0),))},
        folders=(str(home), str(built)),
    )
    judged = judge_files(case, built, tmp_path / "kept")
    assert {item.name: item.verdict for item in judged} == {
        "../out/b.csv": Verdict.EQUAL,
        "a.csv": Verdict.EQUAL,
    }


def test_files_elsewhere_are_found_where_none_lies_in_the_notebook_s_folder(
    tmp_path: Path,
) -> None:
    """The recording knows that folder; the files alone would not tell it."""
    home, built = tmp_path / "project", tmp_path / "copy" / "project"
    for folder in (home, built, tmp_path / "copy" / "images"):
        folder.mkdir(parents=True)
    (tmp_path / "copy" / "images" / "b.csv").write_text("2")
    path = str(tmp_path / "images" / "b.csv")
    written = {path: WrittenFile(hashlib.sha256(b"2").hexdigest(), 1)}
    case = Case(
        recording(
            recorded(0, files_written=(path,)), files=written, folder=str(tmp_path / "study")
        ),
        {"load": StepRun((executed(0),))},
        folders=(str(home), str(built)),
    )
    [judged] = judge_files(case, built, tmp_path / "kept")
    assert (judged.name, judged.verdict) == ("../images/b.csv", Verdict.EQUAL)


def test_a_file_that_a_varying_cell_wrote_is_nondeterministic(tmp_path: Path) -> None:
    """As its outputs are; a file that is gone is missing all the same."""
    found = files(tmp_path, varying=frozenset({0}))
    assert found["b.csv"][0] is Verdict.NONDETERMINISTIC
    assert found["out/b.csv"][0] is Verdict.MISSING


def test_a_proof_holds_if_nothing_is_different_or_missing() -> None:
    """And says so in a sentence, and in JSON that masks credentials and leaves out pictures."""
    case = Case(
        recording(recorded(0, printed("password = 'a1b2'\n")), recorded(1, printed("b\n"))),
        {
            "all": StepRun(
                (executed(0, printed("password = 'a1b3'\n")), executed(1, printed("b\n")))
            )
        },
    )
    proof = Proof(Path("study"), judge_cells(case))
    assert not proof.holds
    assert headline(proof) == "The pipeline differs from the notebook in 1 cell."
    data = proof_json(proof)
    assert data["counts"]["cells"] == {"different": 1, "equal": 1}
    assert "a1b2" not in str(data)
    assert "picture" not in data["cells"][0]["differences"][0]
    assert Proof(Path("study"), proof.cells[1:]).holds
    assert not Proof(Path("study"), proof.cells[1:], built=False).holds


def test_without_a_run_nothing_is_compared_but_every_cell_has_to_run() -> None:
    """A cell that is in no step is missing all the same."""
    unseen = {"x": ValueFacts("", None, 0, opaque="nobody looked")}
    case = Case(
        recording(recorded(0), recorded(1), basis=Basis.NONE, final=unseen),
        {"load": StepRun((executed(0, printed("a\n")),), {"x": facts("1")})},
    )
    first, second = judge_cells(case)
    assert (first.verdict, second.verdict) == (Verdict.NOT_COMPARED, Verdict.MISSING)
    assert judge_variables(case)[0].verdict is Verdict.NOT_COMPARED
    proof = Proof(Path("study"), (first,), judge_variables(case), basis=Basis.NONE)
    assert proof.holds
    assert "Nothing was compared" in headline(proof)


def test_stored_outputs_are_compared_and_variables_are_not() -> None:
    """Nobody has seen the variables of a notebook that was executed elsewhere."""
    unseen = {"x": ValueFacts("", None, 0, opaque="nobody looked")}
    case = Case(
        recording(recorded(0, printed("a\n")), basis=Basis.STORED, final=unseen),
        {"load": StepRun((executed(0, printed("b\n")),), {"x": facts("1")})},
    )
    assert judge_cells(case)[0].verdict is Verdict.DIFFERENT
    assert judge_variables(case)[0].message == "nobody looked"
    equal = Proof(Path("study"), (), judge_variables(case), basis=Basis.STORED)
    assert "executed notebook" in headline(equal)
