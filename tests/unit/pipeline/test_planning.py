"""What the next build does after an edit, and the words it has for why."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.pipeline.building import (
    plan_of,
    planner_of,
    publish,
    publish_all,
    reasons,
    states,
)
from tests.unit.pipeline.conftest import Project, code

from nbrefine.environment.distributions import Distributions
from nbrefine.errors import UnknownStepError
from nbrefine.files.digest import DigestCache
from nbrefine.pipeline.fingerprint import ABSENT, CHANGED_MEANWHILE
from nbrefine.pipeline.inputs import fingerprint_after, fingerprint_of
from nbrefine.pipeline.ledger import Ledger
from nbrefine.pipeline.observed import Observed
from nbrefine.pipeline.plan import State
from nbrefine.pipeline.survey import Survey

SPEC = """\
tasks:
  - source: load.ipynb
    product: {nb: out/load.ipynb, data: out/load.csv}
    params: {threshold: 15, token: hunter2}
  - source: fit.ipynb
    product: {nb: out/fit.ipynb, model: out/model.bin}
  - source: report.ipynb
    product: out/report.html
"""
FEATURES = """\
import pandas as pd

LIMIT = 3


def add_route_stats(flights):
    return flights.head(LIMIT)


def add_delays(flights):
    return flights.tail(2)
"""


def notebook(*cells: str, upstream: str = "None") -> str:
    parameters = code(f"upstream = {upstream}\nproduct = None", ["parameters"])
    document = {"cells": [parameters, *map(code, cells)], "metadata": {}, "nbformat": 4}
    return json.dumps(document | {"nbformat_minor": 4})


@pytest.fixture
def flights(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Three steps, all published: the first uses a module, a file, a variable and a package."""
    monkeypatch.setenv("REGION", "east")
    project.file("pipeline.yaml", SPEC)
    project.file("raw/flights.csv", "a,b\n1,2\n")
    project.file("src/delays/__init__.py", "")
    project.file("src/delays/features.py", FEATURES)
    project.file(
        "load.ipynb",
        notebook("import os\nfrom delays.features import add_route_stats\nos.environ['REGION']"),
    )
    project.file("fit.ipynb", notebook("x = 1", upstream='["load"]'))
    project.file("report.ipynb", notebook("y = 1", upstream='["fit"]'))
    publish_all(project.root, {"load": Observed(read=("raw/flights.csv",), folders=("raw",))})
    return project


def replaced(project: Project, name: str, old: str, new: str) -> None:
    text = (project.root / name).read_text()
    assert old in text
    project.file(name, text.replace(old, new))


def test_after_a_build_nothing_is_to_do(flights: Project) -> None:
    """All steps are fresh, and again at the next look."""
    for _ in range(2):
        assert states(flights.root) == {"load": "fresh", "fit": "fresh", "report": "fresh"}


def test_before_the_first_build_all_is_to_do(project: Project) -> None:
    """A step without products was never built; products that nobody recorded are not trusted."""
    project.file("pipeline.yaml", SPEC)
    for name in ("load", "fit", "report"):
        project.file(f"{name}.ipynb", notebook())
    assert reasons(project.root, "load") == ["never built"]
    project.file("out/load.csv", "1")
    said = ["there is no record of how its products were made"]
    assert reasons(project.root, "load") == said


CHANGES: dict[str, tuple[Callable[[Project], object], str]] = {
    "code": (
        lambda p: replaced(p, "load.ipynb", "import os", "import os, sys"),
        "`load.ipynb` changed",
    ),
    "function": (
        lambda p: replaced(p, "src/delays/features.py", "head", "tail"),
        "`src/delays/features.py`: `add_route_stats` changed",
    ),
    "constant": (
        lambda p: replaced(p, "src/delays/features.py", "LIMIT = 3", "LIMIT = 4"),
        "`src/delays/features.py`: `LIMIT` changed",
    ),
    "file": (
        lambda p: p.file("raw/flights.csv", "a,b\n1,3\n"),
        "`raw/flights.csv` changed",
    ),
    "file gone": (
        lambda p: (p.root / "raw/flights.csv").unlink(),
        "`raw/flights.csv` is gone",
    ),
    "file beside": (lambda p: p.file("raw/more.csv", ""), "folder `raw` lists other files"),
    "param": (
        lambda p: replaced(p, "pipeline.yaml", "15", "20"),
        "param `threshold`: 15 -> 20",
    ),
    "secret param": (
        lambda p: replaced(p, "pipeline.yaml", "hunter2", "hunter3"),
        "param `token` changed",
    ),
    "param taken out": (
        lambda p: replaced(p, "pipeline.yaml", "threshold: 15, ", ""),
        "param `threshold` was taken out",
    ),
    "param new": (
        lambda p: replaced(p, "pipeline.yaml", "threshold: 15", "threshold: 15, n: [1, 2]"),
        "param `n` is new: [1, 2]",
    ),
    "variable": (
        lambda _: os.environ.__setitem__("REGION", "west"),
        "environment variable `REGION` changed",
    ),
    "variable gone": (
        lambda _: os.environ.__delitem__("REGION"),
        "environment variable `REGION` is gone",
    ),
    "product gone": (
        lambda p: (p.root / "out/load.csv").unlink(),
        "`out/load.csv` is missing",
    ),
    "product edited": (
        lambda p: p.file("out/load.csv", "else"),
        "`out/load.csv` is not what the build has made",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_noticed_and_said(flights: Project, name: str) -> None:
    """Its step is outdated, what builds on it waits, and the reason has the user's own words."""
    edit, said = CHANGES[name]
    edit(flights)
    assert said in reasons(flights.root, "load")
    assert states(flights.root) == {"load": "outdated", "fit": "waiting", "report": "waiting"}
    assert reasons(flights.root, "fit") == ["it builds on `load`"]


def test_a_product_that_lies_elsewhere_outdates_those_that_are_told_where(
    flights: Project,
) -> None:
    """Code may go by a file's name."""
    replaced(flights, "pipeline.yaml", "out/load.csv", "out/load2.csv")
    assert "product `data`: out/load.csv -> out/load2.csv" in reasons(flights.root, "load")
    assert reasons(flights.root, "fit") == ["`data` of `load`: out/load.csv -> out/load2.csv"]
    assert states(flights.root)["report"] == "waiting"


def test_a_new_version_of_a_package_is_noticed_and_said(
    flights: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of one that only a module of the project imports."""
    versions = Distributions.versions
    was = Distributions(None).versions("pandas")["pandas"]

    def newer(self: Distributions, module: str) -> dict[str, str]:
        found = versions(self, module)
        return found | {"pandas": "99.0"} if "pandas" in found else found

    monkeypatch.setattr(Distributions, "versions", newer)
    assert reasons(flights.root, "load") == [f"pandas {was} -> 99.0"]
    assert states(flights.root)["fit"] == "waiting"


NOTHING: dict[str, Callable[[Project], object]] = {
    "touch": lambda p: os.utime(p.root / "raw/flights.csv"),
    "clock set back": lambda p: [
        os.utime(path, (1, 1)) for path in p.root.rglob("*") if path.is_file()
    ],
    "another function": lambda p: replaced(p, "src/delays/features.py", "tail(2)", "tail(3)"),
    "comment in a module": lambda p: replaced(
        p, "src/delays/features.py", "LIMIT = 3", "LIMIT = 3 #"
    ),
    "outputs of the notebook": lambda p: replaced(
        p, "load.ipynb", '"execution_count": null', '"execution_count": 7'
    ),
    "its own executed notebook's fellow": lambda p: p.file("out/other.csv", "1"),
    "an unused file": lambda p: p.file("README.md", "1"),
    "an unused variable": lambda _: os.environ.__setitem__("OTHER", "1"),
    "a copy elsewhere": lambda p: p.file(
        "pipeline.yaml", SPEC.replace("load.ipynb", "./load.ipynb")
    ),
}


@pytest.mark.parametrize("name", NOTHING)
def test_what_does_not_matter_runs_nothing(flights: Project, name: str) -> None:
    """All steps stay fresh."""
    NOTHING[name](flights)
    assert states(flights.root) == {"load": "fresh", "fit": "fresh", "report": "fresh"}


@pytest.mark.parametrize(
    ("old", "new"), [("import os", "import os  # why"), ("import os", "import  os")]
)
def test_new_prose_refreshes_and_runs_nothing(flights: Project, old: str, new: str) -> None:
    """The executed notebook is to show the new text; nothing below is touched."""
    replaced(flights, "load.ipynb", old, new)
    assert states(flights.root) == {"load": "refresh", "fit": "fresh", "report": "fresh"}
    assert reasons(flights.root, "load") == ["only prose or formatting of `load.ipynb` is new"]


def test_the_same_content_again_runs_nothing_below(flights: Project) -> None:
    """A step that ran again and made the same does not outdate what builds on it."""
    data = (flights.root / "out/load.csv").read_text()
    replaced(flights, "load.ipynb", "import os", "import os, sys")
    publish(flights.root, "load", content={"data": data})
    assert states(flights.root) == {"load": "fresh", "fit": "fresh", "report": "fresh"}
    publish(flights.root, "load", content={"data": "else"})
    assert reasons(flights.root, "fit") == ["`load` made another `data`"]


def test_an_executed_notebook_is_an_input_only_if_it_is_read(flights: Project) -> None:
    """Then what it says counts, and neither its counts nor its times."""
    executed = notebook("z = 1")
    data = {"data": (flights.root / "out/load.csv").read_text()}
    publish(flights.root, "load", content=data | {"nb": executed})
    assert states(flights.root)["fit"] == "fresh"
    publish(flights.root, "fit", Observed(read=("out/load.ipynb", "out/load.csv")))
    again = executed.replace('"execution_count": null', '"execution_count": 3')
    publish(flights.root, "load", content=data | {"nb": again})
    assert states(flights.root)["fit"] == "fresh"
    publish(flights.root, "load", content=data | {"nb": notebook("z = 2")})
    assert reasons(flights.root, "fit") == ["`out/load.ipynb` changed"]


def test_a_file_that_the_code_or_a_param_names_counts(flights: Project) -> None:
    """Libraries read behind Python's back: no run has shown these files."""
    flights.file("raw/zones.txt", "1")
    flights.file("raw/limits.txt", "1")
    replaced(flights, "load.ipynb", "import os", "import os\\nload('raw/zones.txt')")
    replaced(flights, "pipeline.yaml", "token:", "limits: raw/limits.txt, token:")
    publish_all(flights.root)
    flights.file("raw/zones.txt", "2")
    assert reasons(flights.root, "load") == ["`raw/zones.txt` changed"]
    flights.file("raw/zones.txt", "1")
    flights.file("raw/limits.txt", "2")
    assert reasons(flights.root, "load") == ["`raw/limits.txt` changed"]


def test_a_file_that_a_step_writes_itself_is_no_input(flights: Project) -> None:
    """A name in the code may be that of something written beside the products."""
    replaced(flights, "load.ipynb", "import os", "import os\\nsave('out/extra.csv')")
    flights.file("out/extra.csv", "1")
    publish(flights.root, "load", Observed(written=("out/extra.csv",)))
    flights.file("out/extra.csv", "2")
    assert states(flights.root)["load"] == "fresh"


def test_an_input_that_changed_meanwhile_runs_again_once(flights: Project) -> None:
    """Which of its states the run has read nobody knows."""
    planner = planner_of(flights.root)
    step = planner.pipeline.steps["load"]
    observed = Observed(read=("raw/flights.csv",))
    found = fingerprint_of(planner.pipeline, step, planner.survey, {}, observed)
    after = fingerprint_after(found, ["raw/flights.csv"])
    assert after.parts["file:raw/flights.csv"] == CHANGED_MEANWHILE
    assert after.key != found.key


def test_forcing_runs_what_was_asked_for(flights: Project) -> None:
    """Steps above that are fresh stay so."""
    planner = planner_of(flights.root)
    found = planner.plan(["fit"], force=True).steps
    assert {name: step.state for name, step in found.items()} == {
        "load": State.FRESH,
        "fit": State.OUTDATED,
    }
    assert found["fit"].reasons == ("it was asked for",)
    with pytest.raises(UnknownStepError, match="no step 'fti'"):
        planner.plan(["fti"])


def test_what_cannot_be_followed_is_said(flights: Project) -> None:
    """A run that reached for the network or started a process may have further inputs."""
    publish(flights.root, "load", Observed(network=True, subprocess=True))
    assert plan_of(flights.root).notes == (
        "`load` reached for the network: what it got from there is not followed",
        "`load` started other programs: what these read is not followed",
    )


def test_a_project_is_the_same_elsewhere(
    flights: Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Fingerprints have no absolute path of the project in them: a team can share a cache."""
    replaced(flights, "pipeline.yaml", "token: hunter2", "where: '{{root}}/raw/flights.csv'")
    other = tmp_path_factory.mktemp("other") / "project"
    keys = []
    for root in (flights.root, other):
        if root is other:
            flights.root.rename(other)
            os.chdir(other)
        planner = planner_of(root)
        step = planner.pipeline.steps["load"]
        observed = Observed(read=("raw/flights.csv",), folders=("raw",))
        keys.append(fingerprint_of(planner.pipeline, step, Survey(root), {}, observed).key)
    assert keys[0] == keys[1]


def test_an_absent_file_has_a_digest_of_its_own(tmp_path: Path) -> None:
    """It is no digest of any content."""
    assert Survey(tmp_path).file(tmp_path / "gone") == ABSENT
    assert Survey(tmp_path).content(tmp_path / "gone.zip") == ABSENT


def test_a_name_of_something_made_later_is_no_input(flights: Project) -> None:
    """A step may mention what is made of its products."""
    replaced(flights, "load.ipynb", "import os", "import os\\nprint('out/model.bin')")
    publish_all(flights.root)
    publish(flights.root, "fit", content={"model": "another"})
    assert states(flights.root)["load"] == "fresh"


@pytest.mark.parametrize(("many", "state"), [(True, "fresh"), (False, "outdated")])
def test_code_that_takes_all_variables_does_not_hang_on_a_terminal(
    flights: Project,
    monkeypatch: pytest.MonkeyPatch,
    many: bool,  # noqa: FBT001
    state: str,
) -> None:
    """Handing the environment on is no interest in the window's number; asking for it is."""
    monkeypatch.setenv("WINDOWID", "1")
    names = ("WINDOWID", *(f"NAME{number}" for number in range(20 if many else 0)))
    publish(flights.root, "load", Observed(environ=names))
    monkeypatch.setenv("WINDOWID", "2")
    assert states(flights.root)["load"] == state
    monkeypatch.setenv("NAME3", "1")
    assert states(flights.root)["load"] == "outdated"


def test_a_kernel_of_another_environment_is_said(flights: Project) -> None:
    """Its packages are not looked up."""
    replaced(
        flights,
        "pipeline.yaml",
        "product: out/report",
        "kernelspec_name: r4\n    product: out/report",
    )
    (note,) = plan_of(flights.root).notes
    assert note.startswith("`report` is for the kernel 'r4'")


def test_each_thing_is_looked_at_once(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many steps there are: no file, no folder of modules and no row twice."""
    spec = "tasks:\n"
    for number in range(12):
        above = [f"s{number - 1}"] if number else None
        project.file(f"s{number}.ipynb", notebook("import json", upstream=str(above)))
        spec += f"  - {{source: s{number}.ipynb, product: out/s{number}.txt, name: s{number}}}\n"
    project.file("pipeline.yaml", spec)
    publish_all(project.root)
    planner = planner_of(project.root)
    looked: list[object] = []
    digest, finder = DigestCache.digest, Survey._finder
    monkeypatch.setattr(
        DigestCache, "digest", lambda *a: looked.append(("file", *a[1:])) or digest(*a)
    )
    monkeypatch.setattr(Survey, "_finder", lambda *a: looked.append(("modules",)) or finder(*a))
    monkeypatch.setattr(Ledger, "last", lambda *_: pytest.fail("a row was asked for alone"))
    assert {each.state for each in planner.plan().steps.values()} == {State.FRESH}
    assert len(looked) == len({*looked}) == 12 + 12 + 1
