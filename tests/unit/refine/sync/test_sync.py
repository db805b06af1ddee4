"""New definitions of step notebooks move to src/; what is there stays; all files or none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from tests.steps_in_memory import run, sources, step

from nbrefine.cli.sync import command
from nbrefine.errors import InputError, PipelineSpecError
from nbrefine.refine.generated_tests.generate import GeneratedTests
from nbrefine.refine.sync import new_tests
from nbrefine.refine.sync.spec import add_resources
from nbrefine.refine.sync.sync import plan_sync, write_sync

SPEC = """\
# The steps of late.ipynb.
tasks:
  - source: notebooks/load.ipynb
    name: load
    product:
      nb: build/load.ipynb  # executed

  - source: notebooks/clean.ipynb
    name: clean
    product:
      nb: build/clean.ipynb
    params:
      limit: 3
      # Files whose change makes this step run again.
      resources_:
        cleaning: src/late/cleaning.py
"""
CLEANING = '''\
"""Clean the data."""

import re


def tidy(text, sep=" "):
    """Changed by hand: it takes a separator."""
    return re.sub(r"\\s+", sep, text)
'''
LOAD = step("def load_rows(n):\n    return list(range(n))", "rows = load_rows(3)\nrows")
CLEAN = step(
    "path:\nimport sys\n\nsys.path[:0] = ['src', '../src']",
    "imports:\nfrom late.cleaning import tidy",
    "def clean_title(text):\n    return tidy(text).title()",
    "clean_title('a  b')",
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A refined project of two steps, each of which defines a function anew."""
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "src" / "late").mkdir(parents=True)
    (tmp_path / "pipeline.yaml").write_text(SPEC)
    (tmp_path / "src" / "late" / "__init__.py").write_text("")
    (tmp_path / "src" / "late" / "cleaning.py").write_text(CLEANING)
    write(tmp_path, "load", LOAD)
    write(tmp_path, "clean", CLEAN)
    return tmp_path


def write(project: Path, name: str, notebook: dict[str, Any]) -> None:
    """Write a step's notebook."""
    (project / "notebooks" / f"{name}.ipynb").write_text(json.dumps(notebook, indent=1) + "\n")


def read(project: Path, name: str) -> dict[str, Any]:
    """Read a step's notebook."""
    found: dict[str, Any] = json.loads((project / "notebooks" / f"{name}.ipynb").read_text())
    return found


def texts(project: Path) -> dict[str, str]:
    """Return all files of a project, but for what a reader of `pipeline.yaml` remembers."""
    found = (path for path in project.rglob("*") if path.is_file())
    files = (path for path in found if path.name != "yaml.json")
    return {path.relative_to(project).as_posix(): path.read_text() for path in sorted(files)}


def test_new_functions_move_and_the_notebooks_say_the_same(project: Path) -> None:
    """The module keeps what it had, signatures changed by hand among it, and gets the new one."""
    before = texts(project)
    write_sync(plan_sync(project))
    after = texts(project)
    cleaning = after["src/late/cleaning.py"]
    assert cleaning.startswith(before["src/late/cleaning.py"])
    assert cleaning.endswith("\n\n\ndef clean_title(text):\n    return tidy(text).title()\n")
    modules = {path: text for path, text in after.items() if path.startswith("src/")}
    assert run(read(project, "load"), modules).shown == {0: "", 1: "[0, 1, 2]\n"}
    assert run(read(project, "clean"), modules).shown == {0: "", 1: "'A B'\n"}


def test_the_spec_says_what_the_steps_depend_on(project: Path) -> None:
    """Only lines are added, so that stock Ploomber notices a change of a module."""
    write_sync(plan_sync(project))
    text = (project / "pipeline.yaml").read_text()
    assert [line for line in SPEC.split("\n") if line not in text.split("\n")] == []
    load, clean = yaml.safe_load(text)["tasks"]
    assert list(load["params"]["resources_"].values()) == ["src/late/loading.py"] or list(
        load["params"]["resources_"].values()
    ) == ["src/late/cleaning.py"]
    assert clean["params"] == {"limit": 3, "resources_": {"cleaning": "src/late/cleaning.py"}}


def test_check_waits_until_it_is_done(project: Path) -> None:
    """It changes nothing, exits with 1 while anything waits, and with 0 afterwards."""
    before = texts(project)
    waiting = CliRunner().invoke(command, [str(project), "--check"])
    assert waiting.exit_code == 1
    assert "clean.ipynb:cell 4:line 1: clean_title waits for late.cleaning" in waiting.output
    assert texts(project) == before
    assert CliRunner().invoke(command, [str(project), "--no-tests"]).exit_code == 0
    done = CliRunner().invoke(command, [str(project), "--check", "--json"])
    assert done.exit_code == 0
    said = json.loads(done.output)
    assert (said["waiting"], said["left"], said["files"]) == ([], [], [])


def test_a_second_run_changes_nothing(project: Path) -> None:
    """What was moved is not moved again."""
    write_sync(plan_sync(project))
    once = texts(project)
    write_sync(plan_sync(project))
    assert texts(project) == once


def test_another_function_of_the_same_name_is_not_overwritten(project: Path) -> None:
    """It stays in the notebook, with the file that has the other."""
    write(project, "clean", step("def tidy(text):\n    return text.strip()", "tidy(' a ')"))
    plan = plan_sync(project)
    assert [each.name for each in plan.moved] == ["load_rows"]
    assert [each.reason for each in plan.left] == ["`src/late/cleaning.py` has another `tidy`"]
    write_sync(plan)
    assert (project / "src" / "late" / "cleaning.py").read_text().startswith(CLEANING)


def test_a_copy_of_what_is_there_becomes_an_import(project: Path) -> None:
    """The same definition is not written twice."""
    text = CLEANING.partition("\n\n\n")[2].rstrip("\n")
    write(project, "clean", step("import re", text, "tidy('a  b')"))
    write(project, "load", step("1 + 1"))
    write_sync(plan_sync(project))
    assert (project / "src" / "late" / "cleaning.py").read_text() == CLEANING
    assert sources(read(project, "clean"))[1] == "from late.cleaning import tidy"


def test_outputs_and_metadata_of_the_notebook_stay(project: Path) -> None:
    """Only the cells that define something are different."""
    notebook = read(project, "load")
    notebook["metadata"] = {"zeta": 1, "alpha": {"b": 2}}
    output = {"output_type": "stream", "name": "stdout", "text": ["kept\n"]}
    notebook["cells"][2] |= {"outputs": [output], "execution_count": 7}
    write(project, "load", notebook)
    write_sync(plan_sync(project))
    after = read(project, "load")
    assert list(after["metadata"]) == ["zeta", "alpha"]
    assert after["cells"][-1] == notebook["cells"][2]


def test_on_a_failure_the_project_is_as_it_was(project: Path) -> None:
    """The module cannot be written: the notebooks, which could, are put back."""
    write(project, "clean", step("1"))
    for file in (project / "src" / "late").iterdir():
        file.unlink()
    (project / "src" / "late").rmdir()
    (project / "src").rmdir()
    (project / "src").write_text("a file where a folder should be")
    (project / "pipeline.yaml").write_text(SPEC.partition("    params:")[0])
    before = texts(project)
    plan = plan_sync(project)
    assert plan.files
    with pytest.raises(InputError, match="Nothing was changed"):
        write_sync(plan)
    assert texts(project) == before


def test_a_broken_module_is_named(project: Path) -> None:
    """With the file and the line."""
    (project / "src" / "late" / "cleaning.py").write_text("def tidy(:\n")
    with pytest.raises(InputError, match="no valid Python") as caught:
        plan_sync(project)
    assert "cleaning.py:line 1" in str(caught.value.where)


def test_a_step_in_one_line_is_refused() -> None:
    """There is no line to add; the message names the line of the step."""
    text = "tasks:\n  - {source: a.ipynb, product: {nb: b.ipynb}}\n"
    with pytest.raises(PipelineSpecError, match="in one line") as caught:
        add_resources(text, {"a.ipynb": ["src/a/b.py"]}, "pipeline.yaml")
    assert str(caught.value.where) == "pipeline.yaml:line 2"


def test_keys_of_resources_do_not_collide() -> None:
    """A data file may have the module's name."""
    text = "tasks:\n- source: a.ipynb\n  params:\n    resources_:\n      x: data/x.csv\n  name: a\n"
    found = yaml.safe_load(add_resources(text, {"a.ipynb": ["src/p/x.py"]}, "pipeline.yaml"))
    assert found["tasks"][0] == {
        "source": "a.ipynb",
        "params": {"resources_": {"x": "data/x.csv", "x_module": "src/p/x.py"}},
        "name": "a",
    }


SCRIPT = """\
# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#       jupytext_version: 1.10.0
# ---

# %% tags=["parameters"]
upstream = None
product = None


# %%
def load_rows(n):
    return list(range(n))


# %% [markdown]
# Look at them.

# %%
rows = load_rows(3)
"""


def with_script(project: Path, text: str, name: str = "load.py") -> Path:
    """Keep the first step as a script."""
    (project / "notebooks" / "load.ipynb").unlink()
    (project / "notebooks" / name).write_text(text)
    spec = project / "pipeline.yaml"
    spec.write_text(spec.read_text().replace("load.ipynb\n    name", f"{name}\n    name"))
    return project / "notebooks" / name


def test_a_step_that_is_a_script_stays_one(project: Path) -> None:
    """Its header, its text and its other cells are as they were."""
    script = with_script(project, SCRIPT)
    plan = plan_sync(project)
    assert {each.name for each in plan.moved} == {"load_rows", "clean_title"}
    write_sync(plan)
    text = script.read_text()
    assert text.startswith(SCRIPT[: SCRIPT.index("# %% tags")])
    assert "def load_rows" not in text
    assert "from late.cleaning import load_rows" in text
    assert text.endswith("# %% [markdown]\n# Look at them.\n\n# %%\nrows = load_rows(3)\n")


def test_a_step_that_cannot_be_written_again_as_it_is_is_named(project: Path) -> None:
    with_script(project, SCRIPT.replace("# %%\nrows", "#   %%\n\n\n# %% \nrows"))
    plan = plan_sync(project)
    assert [*plan.unseen] == ["notebooks/load.py"]
    assert "jupytext would write it otherwise" in plan.unseen["notebooks/load.py"]
    assert {each.name for each in plan.moved} == {"clean_title"}
    said = CliRunner().invoke(command, [str(project), "--check"]).output
    assert "notebooks/load.py: not looked at: jupytext would write it otherwise" in said


def test_nothing_moves_if_the_project_does_not_build_with_it(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a build says goes to the user, with the way to move all the same."""

    def failing(*_: object) -> GeneratedTests:
        return GeneratedTests(trouble="the build failed: NameError", build_failed=True)

    monkeypatch.setattr(new_tests, "generate_tests", failing)
    before = texts(project)
    said = CliRunner().invoke(command, [str(project)])
    assert said.exit_code == 1
    assert "Nothing was moved: the build failed: NameError" in said.output
    assert "nbrefine sync --no-tests" in said.output
    assert texts(project) == before
