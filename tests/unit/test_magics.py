"""``%step`` gives a session what a build would inject, and takes it back."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.terminal.interactiveshell import TerminalInteractiveShell
from traitlets.config import Config

from nbrefine.errors import InputError
from nbrefine.lab.parameters_cell import sets_defaults
from nbrefine.lab.scratch import prepare_scratch, scratch_paths
from nbrefine.lab.values import step_values
from nbrefine.pipeline.spec import Pipeline, Relation, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROJECT = Path(__file__).parents[1] / "fixtures" / "lab_project"
DEFAULTS = "upstream = None\nproduct = None\ndepth = 0"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in whose notebooks' folder the session starts, with the first step built."""
    root = tmp_path.resolve() / "project"
    shutil.copytree(PROJECT, root)
    for name in ("nb/load.ipynb", "data.txt"):
        product = root / "build" / name
        product.parent.mkdir(parents=True, exist_ok=True)
        product.write_text("real")
    monkeypatch.chdir(root / "notebooks")
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.delenv("PLOOMBER_ENV_FILENAME", raising=False)
    return root


def make_shell(kind: type[InteractiveShell], folder: Path) -> InteractiveShell:
    config = Config()
    config.HistoryManager.enabled = False
    config.TerminalInteractiveShell.simple_prompt = True
    config.InteractiveShell.colors = "nocolor"
    return kind(config=config, ipython_dir=str(folder))


@pytest.fixture
def shell(tmp_path: Path, project: Path) -> Iterator[InteractiveShell]:
    """A session with a person at the keyboard, and the extension loaded."""
    assert project
    shell = make_shell(TerminalInteractiveShell, tmp_path / "ipython")
    assert shell.run_cell("%load_ext nbrefine").success
    yield shell
    shell.restore_sys_module_state()


@pytest.fixture
def run(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> Callable[[str], tuple[BaseException | None, str]]:
    """Run a cell; what it raised, and what it printed."""

    def run_cell(source: str) -> tuple[BaseException | None, str]:
        capsys.readouterr()
        result = shell.run_cell(source, store_history=False)
        return result.error_before_exec or result.error_in_exec, capsys.readouterr().out

    return run_cell


Run = "Callable[[str], tuple[BaseException | None, str]]"


class TestLoad:
    """A step is loaded by name, or by the notebook that the session belongs to."""

    def test_names_and_folder(self, run: Run, shell: InteractiveShell, project: Path) -> None:
        """Parameters, upstream and product are there, and the session is in the project's root."""
        error, printed = run("%step fit-low")
        assert error is None
        assert Path.cwd() == project
        assert shell.user_ns["depth"] == 1
        assert shell.user_ns["upstream"] == {
            "load": {
                "nb": str(project / "build/nb/load.ipynb"),
                "data": str(project / "build/data.txt"),
            }
        }
        assert shell.user_ns["product"] == str(project / ".scratch/fit-low/fit-low.ipynb")
        assert printed.splitlines() == [
            f"step fit-low, in {project} (%step --off undoes it)",
            "  depth     1",
            "  upstream  load",
            "  product   .scratch/fit-low/fit-low.ipynb",
        ]

    def test_table_stays_short(self, run: Run, project: Path) -> None:
        """A long value is cut, resources are named without their paths, products one a line."""
        (project / "env.yaml").write_text(f"rows: {'9' * 100}\n")
        _, printed = run("%step load")
        lines = {line.split()[0]: line.split(maxsplit=1)[1] for line in printed.splitlines()}
        assert lines["rows"] == "9" * 67 + "..."
        assert lines["resources_"] == "settings"
        assert lines["product['data']"] == ".scratch/load/data.txt"
        assert lines["product['nb']"] == ".scratch/load/nb/load.ipynb"

    def test_products_go_to_scratch(self, run: Run, shell: InteractiveShell, project: Path) -> None:
        """What the step writes lands in a folder that exists and that git ignores."""
        run("%step load")
        run("from pathlib import Path; Path(product['data']).write_text('tried')")
        assert (project / "build/data.txt").read_text() == "real"
        assert (project / ".scratch/load/data.txt").read_text() == "tried"
        assert (project / ".scratch/load/nb").is_dir()
        assert (project / ".scratch/.gitignore").read_text() == "*\n"
        assert shell.user_ns["upstream"] is None

    @pytest.mark.parametrize("channel", ["__session__", "__vsc_ipynb_file__", "JPY_SESSION_NAME"])
    def test_finds_its_own_step(
        self,
        run: Run,
        shell: InteractiveShell,
        project: Path,
        monkeypatch: pytest.MonkeyPatch,
        channel: str,
    ) -> None:
        """Without a name the notebook decides, whichever way the front end tells it."""
        notebook = str(project / "notebooks" / "load.ipynb")
        monkeypatch.chdir(project.parent)
        if channel == "JPY_SESSION_NAME":
            monkeypatch.setenv(channel, notebook)
        else:
            shell.user_ns[channel] = notebook
        error, printed = run("%step")
        assert error is None
        assert printed.startswith("step load, ")

    def test_another_env_file(self, run: Run, shell: InteractiveShell, project: Path) -> None:
        """PLOOMBER_ENV_FILENAME counts as in the build."""
        (project / "env.small.yaml").write_text("rows: 1\n")
        run("import os; os.environ['PLOOMBER_ENV_FILENAME'] = 'env.small.yaml'")
        run("%step load")
        del os.environ["PLOOMBER_ENV_FILENAME"]
        assert shell.user_ns["rows"] == 1

    def test_loading_again_and_another(self, run: Run, shell: InteractiveShell) -> None:
        """A second load starts afresh: no name of the step before is left."""
        run("%step load")
        run("rows = 99")
        run("%step load")
        assert shell.user_ns["rows"] == 3
        run("%step fit-high")
        assert shell.user_ns["depth"] == 9
        assert "rows" not in shell.user_ns

    def test_values_are_copies(self, run: Run, shell: InteractiveShell) -> None:
        """What the user does to a list is gone after the parameters cell ran, as in a new build."""
        run("%step load")
        run("flags.append(1); nested['deep'].clear()")
        run("upstream = None")
        assert shell.user_ns["flags"] == [1, "two", None]
        assert shell.user_ns["nested"] == {"deep": {"list": [1.5]}, "ready": True}


class TestParametersCell:
    """Running the cell with the defaults does not undo the load."""

    def test_values_come_back(self, run: Run, shell: InteractiveShell) -> None:
        """After the parameters cell the build's values hold, and a line says so."""
        run("%step fit-low")
        product = shell.user_ns["product"]
        error, printed = run(DEFAULTS)
        assert error is None
        assert printed == "%step: kept the build's values of step fit-low: depth = 1, not 0\n"
        assert (shell.user_ns["depth"], shell.user_ns["product"]) == (1, product)

    def test_other_cells_are_left_alone(self, run: Run, shell: InteractiveShell) -> None:
        """A user's own change of a parameter holds, and nothing is printed."""
        run("%step fit-low")
        assert run("depth = 5") == (None, "")
        assert shell.user_ns["depth"] == 5

    def test_cell_with_a_magic(self, run: Run, shell: InteractiveShell) -> None:
        """A parameters cell that holds IPython syntax is recognised too."""
        run("%step fit-low")
        run("%precision 3\nproduct = None")
        assert shell.user_ns["product"] is not None

    def test_values_that_cannot_be_compared(self, run: Run, shell: InteractiveShell) -> None:
        """A default whose comparison raises is reported like any other."""
        run("class Odd:\n    def __eq__(self, other): raise ValueError")
        run("%step fit-low")
        error, printed = run("depth = Odd()\nproduct = None")
        assert error is None
        assert "depth = 1, not <" in printed
        assert shell.user_ns["depth"] == 1

    @pytest.mark.parametrize(
        ("source", "tagged", "expected"),
        [
            (DEFAULTS, None, True),
            ("upstream = ['load']", None, True),
            ("product: dict | None = None", None, True),
            ('# Parameters\nproduct = {"nb": "build/a.ipynb"}', None, True),
            ("rows = 1", "rows = 1\n", True),
            ("rows = 2", "rows = 1", False),
            ("product = make()", None, False),
            ("product: dict", None, False),
            ("print(product)", None, False),
            ("frame.product = None", None, False),
            ("def f():\n    product = None", None, False),
            ("product =", None, False),
        ],
    )
    def test_recognised_by_what_it_assigns(
        self, source: str, tagged: str | None, *, expected: bool
    ) -> None:
        """A constant for product or upstream, or the very text of the tagged cell, tells it."""
        assert sets_defaults(source, tagged) is expected


class TestOff:
    """``%step --off`` gives back what was there."""

    def test_names_folder_and_hook(self, run: Run, shell: InteractiveShell, project: Path) -> None:
        """Names, working directory and the parameters cell behave as before the load."""
        run("depth = 'mine'")
        run("%step fit-low")
        error, printed = run("%step --off")
        assert error is None
        assert "step fit-low is out of the session" in printed
        assert Path.cwd() == project / "notebooks"
        assert shell.user_ns["depth"] == "mine"
        assert "product" not in shell.user_ns
        assert run(DEFAULTS) == (None, "")
        assert shell.user_ns["depth"] == 0

    def test_nothing_loaded(self, run: Run) -> None:
        """Taking out what is not in is answered in words."""
        error, _ = run("%step --off")
        assert isinstance(error, InputError)
        assert error.message == "No step is loaded."

    def test_unload_extension(self, run: Run, shell: InteractiveShell, project: Path) -> None:
        """Unloading the extension takes the step, the magic and the hook with it."""
        run("%step fit-low")
        run("%unload_ext nbrefine")
        assert Path.cwd() == project / "notebooks"
        assert "product" not in shell.user_ns
        assert shell.find_line_magic("step") is None
        assert run(DEFAULTS) == (None, "")
        assert run("%load_ext nbrefine") == (None, "")
        assert run("%step fit-low")[0] is None


class TestRefusals:
    """What cannot be loaded is said in words, and leaves the session as it was."""

    def refused(self, run: Run, line: str) -> InputError:
        before = Path.cwd()
        error, printed = run(line)
        assert isinstance(error, InputError)
        assert error.hint
        assert "Traceback" not in printed
        assert f"error[{error.code}]: {error.message}" in printed
        assert Path.cwd() == before
        return error

    def test_unknown_step(self, run: Run) -> None:
        """A misspelt step is answered with the nearest."""
        assert "Did you mean 'fit-low'" in self.refused(run, "%step fit-lwo").hint

    def test_upstream_not_built(self, run: Run, project: Path) -> None:
        """A missing input is named with the step that makes it and the command to run."""
        (project / "build/data.txt").unlink()
        error = self.refused(run, "%step fit-low")
        assert "reads build/data.txt of step 'load', which is not built" in error.message
        assert error.hint == "Run ploomber build --partially load first."

    def test_no_notebook_known(self, run: Run, shell: InteractiveShell) -> None:
        """Where Jupyter does not tell the notebook, as in a console, the steps are listed."""
        shell.user_ns["__session__"] = "/somewhere/console-1-a1b2"
        error = self.refused(run, "%step")
        assert error.message == "Jupyter does not say which notebook this is."
        assert "compare, fit-high, fit-low, load" in error.hint

    def test_notebook_is_no_step(self, run: Run, shell: InteractiveShell, project: Path) -> None:
        """An exploration beside the steps is not taken for one."""
        exploration = project / "notebooks" / "laod.ipynb"
        exploration.write_text("{}")
        shell.user_ns["__session__"] = str(exploration)
        error = self.refused(run, "%step")
        assert error.message.startswith("laod.ipynb is not the source of a step")
        assert "Did you mean 'load'?" in error.hint

    def test_notebook_of_two_steps(self, run: Run, shell: InteractiveShell, project: Path) -> None:
        """A source that two steps share is not guessed at."""
        shell.user_ns["__session__"] = str(project / "notebooks" / "fit.ipynb")
        error = self.refused(run, "%step")
        assert "several steps: fit-low, fit-high" in error.message

    def test_product_in_a_database(self, project: Path) -> None:
        """A product without a scratch stand-in is refused: it would be overwritten."""
        table = Relation(("schema", "flights", "table"))
        step = Step("store", "sql", project / "store.sql", table)
        pipeline = Pipeline(project, project / "pipeline.yaml", {"store": step})
        with pytest.raises(InputError, match="'store' writes to a database"):
            step_values(pipeline, "store")

    def test_product_set_by_somebody_else(self, run: Run) -> None:
        """With a real product's path in place nothing is loaded that would seem safe."""
        run("product = {'nb': 'build/nb/fit-low.ipynb'}")
        assert "'product' is set already" in self.refused(run, "%step fit-low").message
        run("del product")
        assert run("%step fit-low")[0] is None

    def test_outside_of_a_project(self, run: Run, tmp_path: Path) -> None:
        """Without a pipeline.yaml above, it says so."""
        run(f"%cd -q {tmp_path}")
        assert "pipeline.yaml" in self.refused(run, "%step load").message

    def test_misspelt_option(self, run: Run) -> None:
        """An option that does not exist is answered by IPython's own parser."""
        error, _ = run("%step --of-course load")
        assert "unrecognized arguments" in str(error)


def test_nobody_types(project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In a shell without a person, such as an in-process engine's, the values are left alone."""
    shell = make_shell(InteractiveShell, tmp_path / "ipython")
    shell.run_cell("%load_ext nbrefine")
    shell.run_cell("%step load")
    shell.restore_sys_module_state()
    assert "nobody types here" in capsys.readouterr().out
    assert "product" not in shell.user_ns
    assert not (project / ".scratch").exists()


@pytest.mark.parametrize(
    ("products", "expected"),
    [
        ([], []),
        (["build/a.txt"], ["a.txt"]),
        (["build/a.txt", "build/b.txt"], ["a.txt", "b.txt"]),
        (["build/x/a.txt", "build/y/a.txt"], ["x/a.txt", "y/a.txt"]),
        (["build/nb/a.ipynb", "build/a.txt"], ["nb/a.ipynb", "a.txt"]),
    ],
)
def test_stand_ins_never_collide(tmp_path: Path, products: list[str], expected: list[str]) -> None:
    """Stand-ins keep file names, and folders where two products would fall together."""
    paths = [tmp_path / product for product in products]
    found = scratch_paths(tmp_path, "step", paths)
    assert list(found) == paths
    assert list(found.values()) == [tmp_path / ".scratch" / "step" / name for name in expected]


def test_scratch_keeps_its_ignore_file(tmp_path: Path) -> None:
    """What the user wrote into the scratch folder's .gitignore stays."""
    ignore = tmp_path / ".scratch" / ".gitignore"
    ignore.parent.mkdir()
    ignore.write_text("mine")
    prepare_scratch(tmp_path, [ignore.parent / "step" / "a.txt"])
    assert ignore.read_text() == "mine"
