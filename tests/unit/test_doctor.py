"""``nbrefine doctor`` says what is installed, what was mended, and how to undo it."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click.testing
import pytest

from nbrefine.cli import doctor as command_line
from nbrefine.environment import bytecode, contents, kernelspecs, packages
from nbrefine.environment.bytecode import diagnose_byte_code
from nbrefine.environment.contents import ENABLED, diagnose_contents_manager
from nbrefine.environment.diagnosis import Diagnosis, Verdict
from nbrefine.environment.jupyter_config import read_server_config
from nbrefine.environment.kernelspecs import diagnose_kernel, diagnose_magics
from nbrefine.environment.packages import diagnose_package, diagnose_plot, diagnose_python, release
from nbrefine.errors import EnvironmentFaultError
from nbrefine.lab.project import diagnose_project

if TYPE_CHECKING:
    from collections.abc import Callable

SOURCES = Path(__file__).parents[2] / "src"
OURS = SOURCES / "nbrefine" / "lab" / "jupyter_server_config.json"
PLOOMBERS = '{"ServerApp": {"jpserver_extensions": {"ploomber": true}}}'


def write(folder: Path, name: str, content: str) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content, encoding="utf-8")
    return file


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Pretend that just these distributions are installed."""

    def pretend(**versions: str) -> None:
        found = {name.replace("_", "-"): version for name, version in versions.items()}
        for module in (contents, kernelspecs, packages):
            monkeypatch.setattr(module, "installed_version", found.get)

    return pretend


@pytest.fixture
def environment(tmp_path: Path, install: Callable[..., None]) -> list[Path]:
    """Jupyter's path in a virtual environment with Ploomber and nbrefine in it."""
    install(ploomber="0.23.3", jupytext="1.19.6")
    folders = [tmp_path / "env", tmp_path / "user", tmp_path / "system"]
    write(folders[0], "jupyter_server_config.d/ploomber.json", PLOOMBERS)
    ours = OURS.read_text(encoding="utf-8")
    write(folders[0], "jupyter_server_config.d/zz_nbrefine.json", ours)
    return folders


class TestServerConfig:
    """Jupyter's configuration is merged in Jupyter's order."""

    def test_later_names_win_in_a_folder(self, environment: list[Path]) -> None:
        """Of the files in a .d folder the one whose name sorts last has the last word."""
        config = read_server_config(environment)
        assert [s.file.name for s in config.extensions["ploomber"]] == [
            "ploomber.json",
            "zz_nbrefine.json",
        ]
        word = config.last_word("ploomber")
        assert word is not None
        assert not word.enabled

    def test_a_missing_extension_has_no_last_word(self, environment: list[Path]) -> None:
        """An extension that no file mentions is neither on nor off."""
        assert read_server_config(environment).last_word("jupyterlab") is None

    def test_null_takes_a_setting_back(self, environment: list[Path]) -> None:
        """A null removes what the files of the same folder said, not what other folders' said."""
        null = '{"ServerApp": {"jpserver_extensions": {"ploomber": null}}}'
        write(environment[0], "jupyter_server_config.d/zzz.json", null)
        assert read_server_config(environment).last_word("ploomber") is None
        system = write(environment[2], "jupyter_server_config.json", PLOOMBERS)
        word = read_server_config(environment).last_word("ploomber")
        assert word is not None
        assert word.file == system

    def test_broken_files_are_named_and_passed_over(self, environment: list[Path]) -> None:
        """What is not JSON is reported once; what is JSON of another shape says nothing."""
        broken = write(environment[0], "jupyter_server_config.json", '{"ServerApp": ')
        write(environment[1], "jupyter_server_config.json", "[1, 2]")
        write(environment[2], "jupyter_server_config.json", '{"ServerApp": []}')
        write(environment[2], "jupyter_server_config.d/empty.json", "")
        config = read_server_config(environment)
        assert config.unreadable == [broken]
        assert len(config.extensions["ploomber"]) == 2

    def test_scripts_are_named_only_if_they_may_matter(self, environment: list[Path]) -> None:
        """Configuration in Python is named if it sets extensions or the contents manager."""
        matters = write(
            environment[1], "jupyter_server_config.py", "c.ServerApp.contents_manager_class = M\n"
        )
        write(environment[0], "jupyter_config.py", "# c.ServerApp.jpserver_extensions = {}\n")
        assert read_server_config(environment).scripts == [matters]


class TestContentsManager:
    """Ploomber's contents manager keeps JupyterLab from opening anything, unless it is mended."""

    def test_mended_by_the_shipped_file(self, environment: list[Path]) -> None:
        """With nbrefine's file in place the verdict is mended, and the file is named."""
        diagnosis = diagnose_contents_manager(environment)
        assert diagnosis.verdict is Verdict.MENDED
        assert "jupytext 1.19.6 would keep JupyterLab from opening any notebook" in diagnosis.found
        assert (
            str(environment[0] / "jupyter_server_config.d" / "zz_nbrefine.json") in diagnosis.done
        )

    def test_undo_undoes(self, environment: list[Path]) -> None:
        """Who follows the words after "to undo" has Ploomber's manager back."""
        undo = diagnose_contents_manager(environment).undo
        content, _, rest = undo.removeprefix("put ").partition(" into ")
        assert content == ENABLED
        file = Path(rest.partition(";")[0])
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
        diagnosis = diagnose_contents_manager(environment)
        assert diagnosis.verdict is Verdict.PROBLEM
        assert str(file) in diagnosis.found
        assert f'Take "ploomber" out of {file}' in diagnosis.remedy

    def test_a_problem_without_the_file(self, environment: list[Path]) -> None:
        """With the mend taken away it is a problem, and the remedy brings the file back."""
        (environment[0] / "jupyter_server_config.d" / "zz_nbrefine.json").unlink()
        diagnosis = diagnose_contents_manager(environment)
        assert diagnosis.verdict is Verdict.PROBLEM
        assert "pip install --force-reinstall --no-deps nbrefine" in diagnosis.remedy

    def test_older_jupytext_is_a_warning(
        self, environment: list[Path], install: Callable[..., None]
    ) -> None:
        """With a synchronous jupytext notebooks open, but saving one outdates its step."""
        install(ploomber="0.23.3", jupytext="1.16.7")
        (environment[0] / "jupyter_server_config.d" / "zz_nbrefine.json").unlink()
        diagnosis = diagnose_contents_manager(environment)
        assert diagnosis.verdict is Verdict.WARNING
        assert "never run" in diagnosis.found

    def test_nothing_to_do_without_ploomber(
        self, environment: list[Path], install: Callable[..., None]
    ) -> None:
        """Where Ploomber is not installed there is nothing to mend."""
        install(jupytext="1.19.6")
        assert diagnose_contents_manager(environment).verdict is Verdict.OK

    def test_the_user_switched_it_off(self, environment: list[Path]) -> None:
        """A user's own file that switches it off is respected and named."""
        off = write(environment[0], "jupyter_server_config.json", OURS.read_text(encoding="utf-8"))
        diagnosis = diagnose_contents_manager(environment)
        assert diagnosis.verdict is Verdict.OK
        assert str(off) in diagnosis.found

    def test_no_file_mentions_it(self, tmp_path: Path, environment: list[Path]) -> None:
        """An extension that nothing enables is not loaded."""
        assert environment
        assert diagnose_contents_manager([tmp_path / "nowhere"]).verdict is Verdict.OK

    def test_a_chosen_contents_manager_is_left_alone(self, environment: list[Path]) -> None:
        """The user's own contents manager is reported as untouched."""
        own = '{"ServerApp": {"contents_manager_class": "jupytext.TextFileContentsManager"}}'
        write(environment[1], "jupyter_server_config.json", own)
        script = write(environment[1], "jupyter_config.py", "c.ServerApp.jpserver_extensions = x\n")
        broken = write(environment[2], "jupyter_config.json", "{")
        diagnosis = diagnose_contents_manager(environment)
        assert diagnosis.verdict is Verdict.MENDED
        assert "your contents manager jupytext.TextFileContentsManager is left" in diagnosis.found
        assert str(script) in diagnosis.found
        assert str(broken) in diagnosis.found


class TestKernel:
    """The kernel of the notebooks has to exist and to have nbrefine."""

    @pytest.mark.parametrize(
        ("content", "verdict", "said"),
        [
            ('{"argv": ["python"]}', Verdict.OK, sys.executable),
            (f'{{"argv": ["{sys.executable}"]}}', Verdict.OK, sys.executable),
            ('{"argv": ["/nowhere/python"]}', Verdict.PROBLEM, "does not exist"),
            ('{"argv": []}', Verdict.PROBLEM, "cannot be read"),
            ("{", Verdict.PROBLEM, "cannot be read"),
        ],
    )
    def test_kernelspec(self, tmp_path: Path, content: str, verdict: Verdict, said: str) -> None:
        """The interpreter that python3 starts is named, and has to be there."""
        write(tmp_path, "kernels/python3/kernel.json", content)
        diagnosis = diagnose_kernel([tmp_path / "first", tmp_path])
        assert diagnosis.verdict is verdict
        assert said in diagnosis.found
        assert bool(diagnosis.remedy) is (verdict is Verdict.PROBLEM)

    def test_without_a_file(self, tmp_path: Path, install: Callable[..., None]) -> None:
        """Without a kernelspec ipykernel answers for python3, if it is installed."""
        assert diagnose_kernel([tmp_path]).verdict is Verdict.OK
        install()
        assert diagnose_kernel([tmp_path]).verdict is Verdict.PROBLEM

    def test_magics_need_nbrefine_where_the_kernel_runs(self, tmp_path: Path) -> None:
        """A kernel on a Python without nbrefine is found by importing the magics there."""
        python = write(tmp_path, "bare", f'#!/bin/sh\nexec "{sys.executable}" -I -S "$@"\n')
        python.chmod(0o755)
        write(tmp_path, "kernels/python3/kernel.json", json.dumps({"argv": [str(python)]}))
        diagnosis = diagnose_magics([tmp_path])
        assert diagnosis.verdict is Verdict.PROBLEM
        assert "No module named 'nbrefine'" in diagnosis.found
        assert f'{python} -m pip install "nbrefine[lab]"' in diagnosis.remedy

    def test_an_interpreter_that_does_not_run(self, tmp_path: Path) -> None:
        """What cannot be started at all is reported, not raised."""
        python = write(tmp_path, "broken", "\x7fELF")
        python.chmod(0o755)
        write(tmp_path, "kernels/python3/kernel.json", json.dumps({"argv": [str(python)]}))
        assert "does not run" in diagnose_magics([tmp_path]).found


class TestPackages:
    """Versions come from the installed metadata."""

    def test_missing_tools_are_problems_with_the_command(
        self, install: Callable[..., None]
    ) -> None:
        """What an extra brings is missed; what is the user's own choice is not."""
        install()
        diagnosis = diagnose_package("jupyterlab")
        assert diagnosis.verdict is Verdict.PROBLEM
        assert 'pip install "nbrefine[all]"' in diagnosis.remedy
        assert diagnose_package("pandas").verdict is Verdict.OK

    def test_another_ploomber_is_a_warning(self, install: Callable[..., None]) -> None:
        """Only the tested release of Ploomber passes without a word."""
        install(ploomber="0.24.0", nbval="0.11.0")
        assert diagnose_package("ploomber").verdict is Verdict.WARNING
        assert diagnose_package("nbval") == Diagnosis("nbval", Verdict.OK, "0.11.0")

    @pytest.mark.parametrize(
        ("version", "verdict"), [("3.3", Verdict.OK), ("3.4.1", Verdict.MENDED)]
    )
    def test_plot(self, install: Callable[..., None], version: str, verdict: Verdict) -> None:
        """From networkx 3.4 on nbrefine's own plot stands in for Ploomber's."""
        install(ploomber="0.23.3", networkx=version)
        diagnosis = diagnose_plot()
        assert diagnosis is not None
        assert diagnosis.verdict is verdict

    def test_plot_without_ploomber(self, install: Callable[..., None]) -> None:
        """Without Ploomber nothing is said about its plot."""
        install(networkx="3.6")
        assert diagnose_plot() is None

    @pytest.mark.parametrize(
        ("version", "parts"), [("1.17.0rc1", (1, 17, 0)), ("2", (2,)), ("", ())]
    )
    def test_release(self, version: str, parts: tuple[int, ...]) -> None:
        """A version's leading numbers compare as a tuple."""
        assert release(version) == parts

    @pytest.mark.parametrize(
        ("running", "verdict"), [((3, 11, 0), Verdict.OK), ((3, 14, 0), Verdict.WARNING)]
    )
    def test_python(
        self, monkeypatch: pytest.MonkeyPatch, running: tuple[int, ...], verdict: Verdict
    ) -> None:
        """An untested Python is a warning that names the tested ones."""
        monkeypatch.setattr(sys, "version_info", running)
        diagnosis = diagnose_python()
        assert diagnosis.verdict is verdict
        assert ("3.11 to 3.13" in diagnosis.remedy) is (verdict is Verdict.WARNING)


class TestByteCode:
    """Without byte code each kernel starts at double the cost."""

    @pytest.fixture
    def package(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        file = write(tmp_path, "freshly_made/__init__.py", "")
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.setenv(bytecode.VARIABLE, "1")
        monkeypatch.setattr(sys, "dont_write_bytecode", True)
        return file

    def test_warns_if_nothing_will_compile(self, package: Path) -> None:
        """A package without byte code is named, if the variable keeps it from being written."""
        assert package
        diagnosis = diagnose_byte_code(("freshly_made", "not_installed_at_all"))
        assert diagnosis.verdict is Verdict.WARNING
        assert "PYTHONDONTWRITEBYTECODE is set and freshly_made is not" in diagnosis.found

    def test_folder_with_a_space(self, package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The command can be pasted wherever Python is installed."""
        assert package
        monkeypatch.setattr(sys, "prefix", "/home/me/my project/.venv")
        remedy = diagnose_byte_code(("freshly_made",)).remedy
        assert shlex.split(remedy)[-1] == "/home/me/my project/.venv"

    def test_compiled_packages_are_fine(self, package: Path) -> None:
        """Where all is compiled already the variable does no harm."""
        subprocess.run([sys.executable, "-m", "compileall", "-q", package.parent], check=True)
        assert diagnose_byte_code(("freshly_made",)).verdict is Verdict.OK

    def test_compiled_on_first_import(self, package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without the variable the first import mends it."""
        assert package
        monkeypatch.setattr(sys, "dont_write_bytecode", False)
        diagnosis = diagnose_byte_code(("freshly_made",))
        assert diagnosis == Diagnosis("byte code", Verdict.OK, "compiled on the first import")


class TestProject:
    """The project in the working directory is checked too."""

    SPEC = "tasks:\n  - {source: a.ipynb, name: a, product: {nb: out.ipynb}, upstream: []}\n"

    def notebook(self, kernel: str) -> str:
        metadata = {"kernelspec": {"name": kernel, "display_name": kernel}}
        cell = {
            "cell_type": "code",
            "metadata": {"tags": ["parameters"]},
            "source": "upstream = None\nproduct = None",
            "outputs": [],
        }
        return json.dumps(
            {"cells": [cell], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
        )

    def test_outside_of_a_project(self, tmp_path: Path) -> None:
        """Without a pipeline.yaml there is nothing to say."""
        assert diagnose_project(tmp_path, []) is None

    def test_a_readable_project(self, tmp_path: Path) -> None:
        """The number of steps tells that the right file was read, from a folder below too."""
        write(tmp_path, "pipeline.yaml", self.SPEC)
        write(tmp_path, "a.ipynb", self.notebook("python3"))
        (tmp_path / "below").mkdir()
        diagnosis = diagnose_project(tmp_path / "below", [])
        assert diagnosis is not None
        assert diagnosis.verdict is Verdict.OK
        assert "has 1 step" in diagnosis.found

    def test_an_unreadable_project(self, tmp_path: Path) -> None:
        """What is wrong with pipeline.yaml is said with its place."""
        write(tmp_path, "pipeline.yaml", "tasks: [}")
        diagnosis = diagnose_project(tmp_path, [])
        assert diagnosis is not None
        assert diagnosis.verdict is Verdict.PROBLEM
        assert "pipeline.yaml:line 1" in diagnosis.found

    def test_a_notebook_with_a_strange_kernel(self, tmp_path: Path) -> None:
        """A kernel that is not installed would stop the build: the notebook is named."""
        write(tmp_path, "pipeline.yaml", self.SPEC)
        write(tmp_path, "a.ipynb", self.notebook("conda-base-py"))
        diagnosis = diagnose_project(tmp_path, [tmp_path / "data"])
        assert diagnosis is not None
        assert diagnosis.verdict is Verdict.PROBLEM
        assert "a.ipynb (conda-base-py)" in diagnosis.found
        write(tmp_path, "data/kernels/conda-base-py/kernel.json", "{}")
        found = diagnose_project(tmp_path, [tmp_path / "data"])
        assert found is not None
        assert found.verdict is Verdict.OK


class TestCommand:
    """What the user reads and scripts see."""

    MENDED = Diagnosis("plot", Verdict.MENDED, "broken", done="drew it", undo="nothing to undo")
    BAD = Diagnosis("jupyterlab", Verdict.PROBLEM, "not installed", remedy="Run this")

    @pytest.fixture
    def run(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> Callable[..., click.testing.Result]:
        monkeypatch.chdir(tmp_path)

        def invoke(*diagnoses: Diagnosis, arguments: tuple[str, ...] = ()) -> click.testing.Result:
            monkeypatch.setattr(command_line, "examine", lambda: list(diagnoses))
            return click.testing.CliRunner().invoke(command_line.command, arguments)

        return invoke

    def test_mended_is_well(self, run: Callable[..., click.testing.Result]) -> None:
        """With nothing left to do the exit code is 0, and what was done can be undone."""
        result = run(self.MENDED)
        assert result.exit_code == 0
        assert result.stdout.split("\n")[:3] == [
            "mended   plot  broken",
            "               nbrefine: drew it",
            "               to undo: nothing to undo",
        ]

    def test_a_problem_is_an_error(self, run: Callable[..., click.testing.Result]) -> None:
        """A problem ends in the one error for the formatter, with exit code 1."""
        result = run(self.MENDED, self.BAD)
        assert isinstance(result.exception, EnvironmentFaultError)
        assert result.exception.exit_code == 1
        assert "1 of 2 checks found a problem: jupyterlab." in result.exception.message
        assert "to do: Run this" in result.stdout

    def test_json(self, run: Callable[..., click.testing.Result]) -> None:
        """The same for scripts: all fields of each check, also when there is a problem."""
        result = run(self.MENDED, self.BAD, arguments=("--json",))
        first, second = json.loads(result.stdout)
        assert first == {
            "name": "plot",
            "verdict": "mended",
            "found": "broken",
            "done": "drew it",
            "remedy": "",
            "undo": "nothing to undo",
        }
        assert second["verdict"] == "problem"
        assert isinstance(result.exception, EnvironmentFaultError)
