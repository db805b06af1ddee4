"""Which cells have to stay in one step, whatever crosses."""

from __future__ import annotations

from pathlib import Path

from nbrefine.analysis.scopes import analyse_cell
from nbrefine.notebook.document import Cell, Notebook
from nbrefine.notebook.syntax import to_python
from nbrefine.recording.facts import CellRecord, PythonFacts, Recording
from nbrefine.refine.flow.dataflow import build_flow
from nbrefine.refine.flow.facts import gather


def bonds(
    *sources: str, library: dict[int, dict[str, tuple[str, ...]]] | None = None
) -> set[tuple[int, int]]:
    """Return the first and last cells of the bonds of a notebook."""
    records = [
        CellRecord(
            origin,
            bound=analyse_cell(to_python(source)).binds,
            library=(library or {}).get(origin, {}),
        )
        for origin, source in enumerate(sources)
    ]
    cells = tuple(Cell("code", source, index=index) for index, source in enumerate(sources))
    recording = Recording(tuple(records), {}, PythonFacts("", "3.11"))
    flow = build_flow(gather(Notebook(Path("small.ipynb"), cells), recording))
    return {(bond.first, bond.last) for bond in flow.bonds}


def test_a_logger_that_is_set_up_stays_with_those_who_log() -> None:
    """Its handlers are the process's; who logs inside of a function counts too."""
    setup = "import logging\nlogger = logging.getLogger('a')\nlogger.addHandler(handler)"
    uses = "def load():\n    logger.info('loaded')"
    assert bonds(setup, uses, "load()", "x = 1") == {(0, 2)}
    assert bonds("x = 1", setup, "x + 1", "logging.getLogger('a').error('b')") == {(1, 3)}


def test_a_level_is_set_again_instead() -> None:
    """Unless it is set in a condition, or on a logger that is not asked for by its name alone."""
    setup = "import logging\nlogger = logging.getLogger('a')\nlogger.setLevel(10)"
    assert bonds(setup, "logger.info('loaded')") == set()
    assert bonds(setup.replace("'a'", "names[0]"), "logger.info('loaded')") == {(0, 1)}
    guarded = setup.replace("logger.set", "if True:\n    logger.set")
    assert bonds(guarded, "logger.info('loaded')") == {(0, 1)}


def test_what_is_said_to_the_logging_module_itself_is_repeated_instead() -> None:
    """A statement that says it all needs no bond."""
    setup = "import logging\nlogging.basicConfig(level=10)\nlogging.getLogger('a').setLevel(10)"
    assert bonds(setup, "logging.info('b')") == set()


def test_a_formatter_of_own_objects_stays_with_all_that_follows() -> None:
    """Unless the statement that registers it tells IPython itself, and so can be repeated."""
    shown = {0: {"ipython": ("text/plain.<class '__main__.Money'>",)}}
    foreign = {0: {"ipython": ("image/png.<class 'matplotlib.figure.Figure'>",)}}
    repeated = "get_ipython().display_formatter.formatters['text/plain'].for_type(Money, show)"
    assert bonds("formatter.for_type(Money, show)", "a = 1", "a", library=shown) == {(0, 2)}
    assert bonds("formatter.for_type(Money, show)", "a = 1", "a", library=foreign) == set()
    assert bonds(repeated, "a = 1", "a", library=shown) == set()
    asked = "formatter = get_ipython().display_formatter.formatters['text/plain']\n"
    said = f"{asked}formatter.for_type(Money, show)"
    assert bonds(said, "a = 1", "a", library=shown) == set()
    assert bonds(said, "formatter = 1", "a", library=shown) == {(0, 2)}
