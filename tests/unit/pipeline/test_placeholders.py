from __future__ import annotations

import ast
import datetime as dt
import getpass
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbrefine.errors import PipelineSpecError
from nbrefine.pipeline.environment import read_environment
from nbrefine.pipeline.located import Document
from nbrefine.pipeline.placeholders import _NO_LITERAL, as_literal, expand

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.pipeline.conftest import Project


def expanded(root: Path, value: object, env_file: Path | None = None) -> object:
    document = Document(root / "pipeline.yaml", value, {})
    return expand(document, value, read_environment(root, env_file))


def test_values_keep_their_type(project: Project) -> None:
    """A text that is a literal once it is rendered is that literal, as in Ploomber."""
    project.file("env.yaml", "n: 15\nname: ab\npath: {data: ~/x}\nlist: [1, a]\n")
    values = {
        "{{n}}": 15,
        "{{ n }}0": 150,
        "{{name}}": "ab",
        "x-{{name}}-{{n}}.csv": "x-ab-15.csv",
        "{{list}}": [1, "a"],
        "{{list[1]}}": "a",
        "7": 7,
        "yes no": "yes no",
        "True": True,
        "none": None,
        "{'a': {'b': 1}}": {"a": {"b": 1}},
    }
    assert expanded(project.root, dict(enumerate(values))) == dict(enumerate(values.values()))
    assert not str(expanded(project.root, "{{path.data}}")).startswith("~")
    assert expanded(project.root, ["{{path['data']}}"]) == [expanded(project.root, "{{path.data}}")]


def test_built_in_placeholders(project: Project) -> None:
    """Folder, user and time need no env.yaml, and are worked out when they are used."""
    root = str(project.root.resolve())
    assert expanded(project.root, ["{{root}}", "{{here}}", "{{cwd}}"]) == [root] * 3
    assert expanded(project.root, "{{user}}x") == f"{getpass.getuser()}x"
    assert dt.datetime.fromisoformat(str(expanded(project.root, "{{now}}"))).year > 2000


def test_git_placeholders(project: Project) -> None:
    """The branch, else the commit; without a commit there is an error that says so."""
    git = ["git", "-C", str(project.root), "-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run([*git, "init", "-q", "-b", "trunk"], check=True)
    with pytest.raises(PipelineSpecError, match="a repository with a commit"):
        expanded(project.root, "{{git_hash}}")
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "x"], check=True)
    commit = str(expanded(project.root, "x{{git_hash}}"))[1:]
    assert int(commit, 16) > 0
    assert expanded(project.root, "{{git}}") == "trunk"
    subprocess.run([*git, "checkout", "-q", "--detach"], check=True)
    assert expanded(project.root, "x{{git}}") == f"x{commit}"


def test_which_env_file_counts(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that is named, else PLOOMBER_ENV_FILENAME's, else env.yaml."""
    project.file("env.yaml", "n: 1\n")
    project.file("env.ci.yaml", "n: 2\n")
    other = project.file("other/env.yaml", "n: 3\n")
    assert expanded(project.root, "{{n}}") == 1
    monkeypatch.setenv("PLOOMBER_ENV_FILENAME", "env.ci.yaml")
    assert expanded(project.root, "{{n}}") == 2
    assert expanded(project.root, "{{n}}", other) == 3
    monkeypatch.setenv("PLOOMBER_ENV_FILENAME", "env.cl.yaml")
    with pytest.raises(PipelineSpecError, match="has no such file") as caught:
        expanded(project.root, "x")
    assert "env.ci.yaml" in caught.value.hint
    monkeypatch.setenv("PLOOMBER_ENV_FILENAME", "other/env.yaml")
    with pytest.raises(PipelineSpecError, match="without folders"):
        expanded(project.root, "x")


def test_env_yml_is_not_silently_left_out(project: Project) -> None:
    """A file with the wrong suffix, which Ploomber refuses too, is said."""
    project.file("env.yml", "n: 1\n")
    with pytest.raises(PipelineSpecError, match=r"has to end in \.yaml"):
        expanded(project.root, "x")


def test_env_values_may_use_those_before(project: Project) -> None:
    """In env.yaml, values above and built-in ones, and the environment, can be used."""
    project.file("env.yaml", 'a: 1\nb: "{{a}}2"\nc: "{{here}}/x"\nd: "{{env.NBREFINE_T}}"\n')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NBREFINE_T", "deep")
        values = expanded(project.root, ["{{b}}", "{{c}}", "{{d}}"])
    assert values == [12, f"{project.root.resolve()}/x", "deep"]


def test_env_may_import_another(project: Project) -> None:
    """meta.import_from gives what the file does not say itself, in depth."""
    project.file("base.yaml", "a: {x: 1, y: 2}\nb: 3\n")
    project.file("env.yaml", "meta: {import_from: base.yaml}\na: {y: 5}\n")
    assert expanded(project.root, ["{{a.x}}", "{{a.y}}", "{{b}}"]) == [1, 5, 3]


def test_env_files_that_import_one_another_are_refused(project: Project) -> None:
    """A circle of them has no first one."""
    project.file("env.yaml", "meta: {import_from: base.yaml}\na: 1\n")
    project.file("base.yaml", "meta: {import_from: env.yaml}\nb: 2\n")
    with pytest.raises(PipelineSpecError, match=r"imports itself, through env\.yaml") as caught:
        expanded(project.root, "{{a}}")
    assert caught.value.where.file == "base.yaml"


WRONG = {
    "unknown": ("{{rot}}", "{{rot}} stands for nothing", "Did you mean 'root'?"),
    "no part": ("{{tree.y}}", "has no part 'y'", "Known are: x."),
    "filter": ("{{n | int}}", "not a plain name", "Only names"),
    "statement": ("{% if n %}", "Only placeholders", "left to Ploomber"),
    "open": ("{{n", "Only placeholders", ""),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_not_understood_is_refused(project: Project, name: str) -> None:
    """An unknown placeholder, and Jinja beyond names, is an error and never left as it is."""
    project.file("env.yaml", "n: 15\ntree: {x: 1}\n")
    text, message, hint = WRONG[name]
    with pytest.raises(PipelineSpecError) as caught:
        expanded(project.root, {"a": text})
    assert message in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- 1\n", "names and their values"),
        ("_module: x\n", "cannot be a placeholder's name"),
        ("a__b: x\n", "cannot be a placeholder's name"),
        ("meta: {import_form: x}\n", "no key 'import_form'"),
        ("meta: {import_from: gone.yaml}\n", r"no file gone\.yaml"),
        ("meta: {import_from: env.yaml}\n", "imports itself"),
        ("meta: 3\n", "'meta' has to be"),
        ('a: "{{b}}"\nb: 1\n', "{{b}} stands for nothing"),
    ],
)
def test_an_env_file_that_cannot_be_followed(project: Project, text: str, message: str) -> None:
    """Each fault of an env file is refused, with the file's name."""
    project.file("env.yaml", text)
    with pytest.raises(PipelineSpecError, match=message) as caught:
        expanded(project.root, "x")
    assert caught.value.where.file == "env.yaml"


@given(st.sampled_from(sorted(_NO_LITERAL)), st.text(alphabet="abefinorstux'\"\\()[]{}.,:-1 #/"))
def test_no_literal_begins_like_what_is_not_parsed(first: str, rest: str) -> None:
    """So that it can be left as it is, but for the words that Ploomber knows."""
    text = first + rest
    with pytest.raises((ValueError, SyntaxError, TypeError, MemoryError, RecursionError)):
        ast.literal_eval(text)
    if text.lower() not in {"none", "true", "false", "null"}:
        assert as_literal(text) == text
