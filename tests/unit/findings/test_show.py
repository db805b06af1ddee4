"""A finding is printed with the code it means, whatever stands in the line."""

from __future__ import annotations

import sys
from pathlib import Path

from nbrefine.notebook.document import Cell, Notebook, read_notebook
from nbrefine.refine.analyze.analyze import Analysis, Passage, ProposedStep
from nbrefine.refine.analyze.graph import flow_svg
from nbrefine.refine.analyze.page import analysis_page
from nbrefine.refine.analyze.text import analysis_lines, counted
from nbrefine.refine.findings.check import find_findings
from nbrefine.refine.findings.finding import Finding
from nbrefine.refine.findings.show import show
from nbrefine.refine.findings.subject import Subject
from nbrefine.refine.flow.facts import gather

HARD = sorted((Path(__file__).parents[2] / "fixtures/notebooks/hard").glob("*.ipynb"))


def found(notebook: Notebook) -> tuple[Finding, ...]:
    return find_findings(Subject(notebook, gather(notebook, None)))


def shown(source: str) -> list[str]:
    notebook = Notebook(Path("case.ipynb"), (Cell("code", source),))
    (finding,) = found(notebook)
    return show(finding, notebook).splitlines()


def test_the_caret_counts_characters_not_bytes() -> None:
    """What is not ASCII in front of the code does not move the caret."""
    lines = shown('import random\nprint("größer", random.random())')
    text, caret = lines[2], lines[3]
    assert text[caret.index("^") : caret.rindex("^") + 1] == "random.random()"


def test_the_caret_follows_tabs() -> None:
    """A tab in the code is a tab above the caret, so that they stand below each other."""
    lines = shown("import random\nif True:\n\tprint(random.random())")
    assert lines[3].endswith("| \t      ^^^^^^^^^^^^^^^")


def test_a_wide_line_is_cut() -> None:
    """A line of thousands of characters does not flood the terminal."""
    lines = shown(f"import random\nprint(random.random(), {'1, ' * 2000})")
    assert max(map(len, lines)) < 130


def test_a_key_of_several_lines_is_masked_whole() -> None:
    """Where a credential spans lines nothing of the cell is shown."""
    key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANB\n-----END PRIVATE KEY-----"
    assert "MIIEvQIBADANB" not in "\n".join(shown(f'print("""{key}""")'))


def test_findings_stand_where_there_is_code() -> None:
    """On each hard notebook the rules run through, and each place lies inside its cell."""
    assert len(HARD) > 100
    for path in HARD:
        notebook = read_notebook(path)
        for each in found(notebook):
            assert each.cell is not None
            lines = notebook.cells[each.cell].source.split("\n")
            assert each.line is None or each.line <= len(lines)
            assert show(each, notebook)


def test_the_work_on_a_notebook_grows_with_its_length() -> None:
    """Not with the length's square or worse; counted in calls, which are the same in each run."""

    def calls(copies: int) -> int:
        block = ("import random\nx = [random.random()]\ny = x\ny.append(1)", "print(x, len(y))")
        cells = tuple(Cell("code", text, index=index) for index, text in enumerate(block * copies))
        notebook = Notebook(Path("long.ipynb"), cells)
        facts = gather(notebook, None)
        count = 0

        def see(_frame: object, event: str, _argument: object) -> None:
            nonlocal count
            count += event in {"call", "c_call"}

        before = sys.getprofile()
        sys.setprofile(see)
        try:
            find_findings(Subject(notebook, facts))
        finally:
            sys.setprofile(before)
        return count

    calls(5)
    assert calls(40) < 8 * calls(10)


def analysis(count: int) -> Analysis:
    cells = tuple(Cell("code", f"v{n} = <{n}>", index=n) for n in range(count))
    steps = tuple(ProposedStep(f"step_{n}", f"Step <{n}>", (n,)) for n in range(count))
    passages = tuple(
        Passage(f"v{n}", f"step_{n}", tuple(f"step_{m}" for m in range(n + 1, min(n + 3, count))))
        for n in range(count - 1)
    )
    return Analysis(Notebook(Path("case.ipynb"), cells), steps, passages)


def test_the_graph_has_each_step_and_each_value_once() -> None:
    """A value that several steps take is one label with several arrows."""
    drawn = flow_svg(analysis(5))
    assert drawn.count('class="step"') == 5
    assert drawn.count('class="value"') == 4
    assert drawn.count('class="edge"') == 4 + (2 * 3 + 1)


def test_the_page_escapes_what_the_notebook_says() -> None:
    """Code is shown, not taken for HTML."""
    page = analysis_page(analysis(3))
    assert "v1 = &lt;1&gt;" in page
    assert "<1>" not in page


def test_the_text_names_cells_in_short() -> None:
    """Cells are counted from 1, runs of them are drawn together."""
    whole = Analysis(
        Notebook(Path("case.ipynb"), ()), (ProposedStep("load", "Load", (0, 1, 2, 5)),), ()
    )
    assert "  load  cells 1-3, 6  Load" in list(analysis_lines(whole))


def test_counts_are_said_in_words() -> None:
    """One error is an error, and none of anything is said so."""
    notebook = Notebook(Path("case.ipynb"), (Cell("code", "print(a)"), Cell("code", "b", index=1)))
    assert counted(found(notebook)) == "2 errors"
    assert counted(found(notebook)[:1]) == "1 error"
    assert counted(()) == "no findings"
