"""``nbrefine plot`` as its user sees it."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
from click.testing import CliRunner, Result

from nbrefine.cli.plot import command
from nbrefine.errors import InputError, NbrefineError, PipelineSpecError

SPEC = """\
tasks:
  - {source: tasks.load, product: "{{out}}/load.csv", params: {n: 15, api_key: abc123}}
  - {source: tasks.clean, product: "{{out}}/clean.csv"}
  - {source: tasks.plot, product: {a: "{{out}}/a.png", b: "{{out}}/b.png"}}
"""
TASKS = """\
def load(product, n, api_key): ...
def clean(product, upstream): upstream["load"]
def plot(product, upstream): upstream["clean"], upstream["load"]
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pipeline of functions, of which the first has a product without a record."""
    folder = tmp_path / "my project"
    (folder / "out").mkdir(parents=True)
    (folder / "pipeline.yaml").write_text(SPEC)
    (folder / "env.yaml").write_text("out: out\n")
    (folder / "tasks.py").write_text(TASKS)
    (folder / "out" / "load.csv").write_text("x" * 1234)
    monkeypatch.delenv("PLOOMBER_ENV_FILENAME", raising=False)
    monkeypatch.chdir(folder)
    return folder


def plot(*arguments: str) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.output


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(command, arguments)
    if isinstance(result.exception, NbrefineError):
        raise result.exception
    return result


class Links(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.ids: set[str] = set()
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.targets += [str(found["href"])] if "href" in found else []
        self.ids |= {str(found["id"])} if "id" in found else set()

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_text(project: Path) -> None:
    """Without options the graph is printed, with each step's state and why."""
    assert project.name == "my project"
    assert plot() == (
        "pipeline.yaml, 3 steps: 1 outdated, 2 missing\n"
        "\n"
        "●    load   outdated  there is no record of how out/load.csv was made\n"
        "├─○  clean  missing   never built\n"
        "○─╯  plot   missing   never built\n"
    )


def test_from_a_folder_below_or_elsewhere(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """DIR may be any folder of the project."""
    monkeypatch.chdir(project / "out")
    assert "3 steps" in plot()
    monkeypatch.chdir(project.parent)
    assert plot("my project").startswith("my project/pipeline.yaml, 3 steps")


@pytest.mark.parametrize("place", ["pipeline.html", "deep/er/page.html"])
def test_page(project: Path, place: str) -> None:
    """All links of the page lead somewhere from where it lies, and each step has all its facts."""
    assert plot("-o", place) == f"Wrote {place} (3 steps: 1 outdated, 2 missing).\n"
    text = (project / place).read_text()
    links = Links(text)
    files = {target for target in links.targets if not target.startswith("#")}
    found = {((project / place).parent / unquote(target)).resolve() for target in files}
    assert found == {project / name for name in ("pipeline.yaml", "tasks.py", "out/load.csv")}
    assert {t[1:] for t in links.targets if t.startswith("#")} == {
        "step-load",
        "step-clean",
        "step-plot",
    }
    assert links.ids >= {"step-load", "step-clean", "step-plot"}
    words = " ".join(links.words)
    assert "there is no record of how out/load.csv was made" in words
    assert "1.2 kB" in words
    assert "n: 15" in words


def test_products_of_one_folder_share_its_name(project: Path) -> None:
    """The page says a step's folder once; products of several folders, or one, have their path."""
    plot("-o", "a.html")
    words = Links((project / "a.html").read_text()).words
    assert {"out/", "a.png", "b.png", "out/clean.csv"} <= set(words)
    (project / "pipeline.yaml").write_text(SPEC.replace("{{out}}/a.png", "other/a.png"))
    plot("-o", "a.html")
    words = Links((project / "a.html").read_text()).words
    assert {"other/a.png", "out/b.png"} <= set(words)


def test_credentials_are_masked_everywhere(project: Path) -> None:
    """A parameter that is called a key is shown in no output."""
    plot("-o", "a.html")
    plot("-o", "a.svg")
    for shown in (plot(), plot("--json"), *(p.read_text() for p in project.glob("a.*"))):
        assert "abc123" not in shown
    assert "•••" in (project / "a.html").read_text()


def test_svg_text_and_mermaid_files(project: Path) -> None:
    """The suffix decides what is written."""
    for name in ("sub/a.svg", "a.txt", "a.mmd"):
        plot("--output", name)
    root = ET.fromstring((project / "sub/a.svg").read_text())  # noqa: S314  (our own text)
    links = {element.get("href") for element in root.iter() if element.get("href")}
    assert links == {"./../tasks.py"}
    assert (project / "a.txt").read_text().startswith("●    load")
    assert "flowchart LR" in (project / "a.mmd").read_text()


def test_json(project: Path) -> None:
    """The same facts for programs."""
    data = json.loads(plot("--json"))
    assert data["spec"] == str(project / "pipeline.yaml")
    load, _, last = data["steps"]
    assert load == {
        "name": "load",
        "kind": "function",
        "source": str(project / "tasks.py"),
        "function": "tasks.load",
        "upstream": [],
        "state": "outdated",
        "reasons": ["there is no record of how out/load.csv was made"],
        "made": None,
        "params": {"n": 15, "api_key": "•••"},
        "products": [
            {
                "name": "product",
                "path": str(project / "out/load.csv"),
                "exists": True,
                "size": 1234,
            }
        ],
    }
    assert last["upstream"] == ["clean", "load"]
    assert [product["name"] for product in last["products"]] == ["a", "b"]


def test_json_beside_a_file(project: Path) -> None:
    """With --json and -o both are made, and standard output is JSON alone."""
    assert len(json.loads(plot("--json", "-o", "a.svg"))["steps"]) == 3
    assert (project / "a.svg").exists()


def test_another_env_file(project: Path) -> None:
    """--env chooses the placeholders' values."""
    (project / "env.other.yaml").write_text("out: elsewhere\n")
    assert "3 missing" in plot("--env", "env.other.yaml")


def test_drawing_changes_nothing_else(project: Path) -> None:
    """Apart from the file that was asked for, the project is as it was."""
    before = {path: path.stat().st_mtime_ns for path in project.rglob("*") if path.is_file()}
    plot("-o", "a.html")
    after = {path: path.stat().st_mtime_ns for path in project.rglob("*") if path.is_file()}
    assert {path for path in after if after[path] != before.get(path)} == {project / "a.html"}


def test_an_unknown_suffix_is_refused(project: Path) -> None:
    """Nothing is written under a name that does not say what to write."""
    with pytest.raises(InputError, match=r"'a\.png' cannot be told") as caught:
        run("-o", "a.png")
    assert ".html, .svg" in caught.value.hint
    assert not (project / "a.png").exists()


def test_what_cannot_be_written_is_said(project: Path) -> None:
    """A place where no file can be is the user's to change, and an existing file stays."""
    (project / "file").write_text("x")
    with pytest.raises(InputError, match="cannot be written"):
        run("-o", "file/a.html")
    assert (project / "file").read_text() == "x"


def test_faults_of_the_pipeline_are_errors_with_a_place(project: Path) -> None:
    """A broken spec, an unknown placeholder and a cycle end in a message."""
    (project / "pipeline.yaml").write_text(SPEC.replace("{{out}}/clean", "{{outt}}/clean"))
    with pytest.raises(PipelineSpecError, match="stands for nothing") as caught:
        run()
    assert (caught.value.where.line, caught.value.exit_code) == (3, 2)
    (project / "pipeline.yaml").write_text(SPEC)
    (project / "tasks.py").write_text(
        TASKS.replace("api_key)", "api_key, upstream=upstream['plot'])")
    )
    with pytest.raises(PipelineSpecError, match="in a circle: load → clean → plot → load"):
        run()


def test_help_says_what_is_replaced() -> None:
    """The help names the suffixes, and that an existing file is replaced."""
    text = re.sub(r"\s+", " ", plot("--help"))
    assert "A file that is there is replaced" in text
    assert "FILE.html" in text
