from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nbrefine.errors import InputError, PipelineSpecError, format_error
from nbrefine.pipeline.spec import Relation, find_root, read_pipeline

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.pipeline.conftest import Project

TWO = """\
tasks:
  - source: load.ipynb
    product: {nb: out/load.ipynb, data: out/load.csv}
    params: {n: 15}
  - source: fit.ipynb
    product: out/fit.html
    name: train
    executor_params: {timeout: 5}
"""


@pytest.fixture
def two(project: Project) -> Project:
    project.notebook("load.ipynb")
    project.notebook("fit.ipynb", 'upstream = ["load"]\nproduct = None')
    return project


def test_steps_are_read_as_the_spec_says(two: Project) -> None:
    """Names, products, params, upstream and further keys come out, with absolute paths."""
    pipeline = two.read(TWO)
    load, train = pipeline.steps.values()
    assert list(pipeline.steps) == ["load", "train"]
    assert (load.kind, load.source, load.upstream) == ("notebook", two.root / "load.ipynb", ())
    assert load.product == {
        "nb": two.root / "out/load.ipynb",
        "data": two.root / "out/load.csv",
    }
    assert load.params == {"n": 15}
    assert train.upstream == ("load",)
    assert train.files == {"product": two.root / "out/fit.html"}
    assert train.options == {"executor_params": {"timeout": 5}}
    assert (train.place.file, train.place.line) == ("pipeline.yaml", 5)


def test_find_root_looks_upwards(two: Project) -> None:
    """The nearest folder with a pipeline.yaml counts, from any folder below it."""
    two.file("pipeline.yaml", TWO)
    below = two.root / "a" / "b"
    below.mkdir(parents=True)
    assert find_root(below) == two.root
    two.file("a/pipeline.yaml", TWO)
    assert find_root(below) == two.root / "a"


def test_no_pipeline_is_said(tmp_path: Path) -> None:
    """Where no folder has a pipeline.yaml, the message says where was looked."""
    with pytest.raises(PipelineSpecError, match=r"no pipeline\.yaml in .* or above it"):
        find_root(tmp_path)
    with pytest.raises(PipelineSpecError, match="no folder"):
        find_root(tmp_path / "absent")


def test_an_unknown_step_names_those_that_are_near(two: Project) -> None:
    """A misspelt step is answered with the nearest name."""
    pipeline = two.read(TWO)
    assert pipeline.step("train").name == "train"
    with pytest.raises(InputError, match="no step 'trian'") as caught:
        pipeline.step("trian")
    assert caught.value.hint == "Did you mean 'train'?"


def test_a_spec_may_be_a_list_of_tasks(two: Project) -> None:
    """A spec without sections is its list of tasks, and its errors have the right line."""
    pipeline = two.read("- source: load.ipynb\n  product: out.ipynb\n")
    assert list(pipeline.steps) == ["load"]
    with pytest.raises(PipelineSpecError) as caught:
        two.read("- source: load.ipynb\n  product: out.ipynb\n- source: gone.ipynb\n  product: x\n")
    assert caught.value.where.line == 3


def test_upstream_may_be_said_in_the_spec(two: Project) -> None:
    """With extract_upstream false the key 'upstream' counts, and the source is not asked."""
    two.notebook("load.ipynb", parameters=None)
    spec = TWO.replace("name: train", "name: train\n    upstream: load")
    pipeline = two.read("meta: {extract_upstream: false}\n" + spec)
    assert pipeline.steps["train"].upstream == ("load",)
    assert pipeline.steps["load"].upstream == ()


def test_the_product_may_be_said_in_the_source(two: Project) -> None:
    """With extract_product the notebook's own literal is the product."""
    two.notebook("load.ipynb", 'upstream = None\nproduct = {"nb": "o.ipynb", "d": "d.csv"}')
    pipeline = two.read("meta: {extract_product: true}\ntasks:\n  - source: load.ipynb\n")
    assert pipeline.steps["load"].product == {
        "nb": two.root / "o.ipynb",
        "d": two.root / "d.csv",
    }


def test_products_may_be_relative_to_the_source(two: Project) -> None:
    """product_relative_to_source puts a relative product beside the notebook."""
    two.notebook("sub/load.ipynb")
    pipeline = two.read(
        "meta: {product_relative_to_source: true}\n"
        "tasks:\n  - {source: sub/load.ipynb, product: out.ipynb}\n"
    )
    assert pipeline.steps["load"].product == two.root / "sub/out.ipynb"


def test_functions_are_read_without_being_imported(two: Project) -> None:
    """A function's upstream comes from its text, in order; its module is never run."""
    two.file(
        "tasks.py",
        "raise SystemExit\n\n\ndef early(upstream):\n    upstream['no']\n\n\n"
        "def join(product, upstream):\n"
        "    a = upstream['train']\n    b = upstream['load']['nb']\n    return upstream[a]\n",
    )
    pipeline = two.read(TWO + "  - {source: tasks.join, product: out/join.txt}\n")
    join = pipeline.steps["join"]
    assert (join.kind, join.dotted_path) == ("function", "tasks.join")
    assert (join.source, join.upstream) == (two.root / "tasks.py", ("train", "load"))


def test_sql_and_shell_are_read_as_templates(two: Project) -> None:
    """What an SQL or shell template looks up in upstream is what it builds on."""
    two.file("a.sql", "CREATE TABLE {{product}} AS SELECT * FROM {{ upstream['load'] }}")
    two.file("b.sh", "cp {{upstream.a}} {{product}} # upstream['no']")
    pipeline = two.read(
        "tasks:\n  - {source: load.ipynb, product: out.ipynb}\n"
        "  - {source: a.sql, product: [schema, name, table], client: db.client}\n"
        "  - {source: b.sh, product: out.txt}\n"
    )
    assert pipeline.steps["a"].upstream == ("load",)
    assert pipeline.steps["a"].product == Relation(("schema", "name", "table"))
    assert str(pipeline.steps["a"].product) == "schema.name"
    assert pipeline.steps["a"].files == {}
    assert (pipeline.steps["b"].kind, pipeline.steps["b"].upstream) == ("shell", ("a",))


def test_tasks_may_be_imported_from_another_file(two: Project) -> None:
    """Sources of imported tasks are relative to their file, products to the project."""
    two.file("more/tasks.yaml", "- {source: clean.ipynb, product: '{{here}}/c.ipynb'}\n")
    two.notebook("more/clean.ipynb")
    pipeline = two.read("meta: {import_tasks_from: more/tasks.yaml}\n" + TWO)
    clean = pipeline.steps["clean"]
    assert (clean.source, clean.product) == (two.root / "more/clean.ipynb", two.root / "c.ipynb")
    assert clean.place.file == "more/tasks.yaml"


def test_a_wildcard_names_all_steps_that_match(two: Project) -> None:
    """A wildcard such as "fit-*" is every step of that name, and which wildcard it was is kept."""
    two.notebook("report.ipynb", 'upstream = ["fit-*", "load"]')
    pipeline = two.read(
        "tasks:\n  - {source: load.ipynb, product: a.ipynb}\n"
        "  - {source: fit.ipynb, name: fit-, product: fit.ipynb, grid: {k: [1, 2]}}\n"
        "  - {source: report.ipynb, product: r.ipynb}\n"
    )
    report = pipeline.steps["report"]
    assert report.upstream == ("fit-0", "fit-1", "load")
    assert report.groups == {"fit-0": "fit-*", "fit-1": "fit-*"}


def test_resources_are_absolute(two: Project) -> None:
    """Files under resources_ are given as Ploomber gives them, as absolute paths."""
    two.file("raw.csv", "1")
    pipeline = two.read(TWO.replace("{n: 15}", "{n: 15, resources_: {raw: raw.csv}}"))
    assert pipeline.steps["load"].params["resources_"] == {"raw": str(two.root / "raw.csv")}


# What is wrong: the spec, the line, and what the message and the hint have to say.
WRONG = {
    "unknown section": ("task: []\n", 1, "no section 'task'", "Did you mean 'tasks'?"),
    "no tasks": ("tasks:\n", 1, "no 'tasks'", ""),
    "tasks no list": ("tasks: {a: 1}\n", 1, "have to be a list", ""),
    "task no mapping": ("tasks:\n  - [a]\n", 2, "source and product", ""),
    "no source": ("tasks:\n  - {sourse: load.ipynb}\n", 2, "needs a 'source'", "'sourse'"),
    "no product": (
        "tasks:\n  - source: load.ipynb\n    prodcut: x\n",
        3,
        "has no key 'prodcut'",
        "Did you mean 'product'",
    ),
    "product missing": ("tasks:\n  - source: load.ipynb\n", 2, "needs a 'product'", ""),
    "unknown key": (
        "tasks:\n  - source: load.ipynb\n    product: x.ipynb\n    parms: {}\n",
        4,
        "no key 'parms'",
        "Did you mean 'params'?",
    ),
    "no such source": (
        "tasks:\n  - product: x\n    source: laod.ipynb\n",
        3,
        "no source 'laod.ipynb'",
        "Did you mean 'load.ipynb'",
    ),
    "unknown suffix": ("tasks:\n  - {source: a/b.xyz, product: x}\n", 2, "'.xyz'", ".ipynb"),
    "no such module": ("tasks:\n  - {source: gone.f, product: x}\n", 2, "not found", "gone.py"),
    "two names": (
        "tasks:\n  - {source: load.ipynb, product: x}\n  - {source: load.ipynb, product: y}\n",
        3,
        "Two steps have the name 'load'; the first is at pipeline.yaml:line 2",
        "'name'",
    ),
    "unknown class": (
        "tasks:\n  - {source: load.ipynb, product: x, class: NotebookRuner}\n",
        2,
        "no task class",
        "NotebookRunner",
    ),
    "unknown meta": ("meta: {extract_upstrem: true}\ntasks: [load.ipynb]\n", 1, "no key", "Did"),
    "meta no truth": ("meta: {extract_product: 1}\ntasks: [load.ipynb]\n", 1, "true or false", ""),
    "location": ("location: a.b\n", 1, "made by code", "ploomber status"),
    "upstream in the spec": (
        "tasks:\n  - source: load.ipynb\n    product: x\n    upstream: a\n",
        4,
        "extract_upstream is false",
        "upstream = [...]",
    ),
    "no executed notebook": (
        "tasks:\n  - source: load.ipynb\n    product: {data: x.csv}\n",
        3,
        "executed notebook, under 'nb'",
        "nb_product_key",
    ),
    "product of no kind": ("tasks:\n  - {source: load.ipynb, product: [1]}\n", 2, "a path", ""),
    "params no mapping": (
        "tasks:\n  - {source: load.ipynb, product: x, params: 3}\n",
        2,
        "'params'",
        "",
    ),
    "param upstream": (
        "tasks:\n  - {source: load.ipynb, product: x, params: {upstream: 3}}\n",
        2,
        "cannot be called 'upstream'",
        "",
    ),
    "resource gone": (
        "tasks:\n- source: load.ipynb\n  product: x\n  params:\n    resources_: {\n a: gone.csv}\n",
        6,
        "no file 'gone.csv'",
        "",
    ),
    "grid without a name": (
        "tasks:\n  - source: load.ipynb\n    product: x\n    grid: {a: [1]}\n",
        4,
        "needs a 'name'",
        "",
    ),
    "grid and params": (
        "tasks:\n  - {source: load.ipynb, name: l, product: x, grid: {a: [1]}, params: {a: 1}}\n",
        2,
        "both say a",
        "",
    ),
    "grid from code": (
        "tasks:\n  - {source: load.ipynb, name: l, product: x, grid: {a: 'm::f'}}\n",
        2,
        "come from code",
        "ploomber status",
    ),
    "product outside": (
        "tasks:\n  - {source: load.ipynb, product: ../x.ipynb}\n",
        2,
        "'../x.ipynb' leaves the project",
        "product-roots",
    ),
    "product outside in the second line": (
        "tasks:\n  - source: load.ipynb\n    product:\n      nb: a.ipynb\n      d: /x.csv\n",
        5,
        "'/x.csv' leaves the project: it is /x.csv",
        'product-roots = ["/"]',
    ),
    "product is a source": (
        "tasks:\n  - {source: load.ipynb, product: load.ipynb}\n",
        2,
        "load.ipynb is the source of a step",
        "another name",
    ),
    "one product twice": (
        "tasks:\n  - {source: load.ipynb, product: {nb: a.ipynb, d: ./a.ipynb}}\n",
        2,
        "Two products of 'load' are the same a.ipynb",
        "of its own",
    ),
    "product of two steps": (
        "tasks:\n  - {source: load.ipynb, product: x}\n  - {source: fit.ipynb, product: ./x}\n",
        3,
        "The steps 'load' and 'fit' make the same x",
        "of its own",
    ),
    "product in the folder of another step": (
        (
            "tasks:\n  - {source: load.ipynb, product: {nb: a.ipynb, d: m/notes.md}}\n"
            "  - {source: fit.ipynb, product: m}\n"
        ),
        2,
        "m/notes.md lies in m, which 'fit' makes as a whole",
        "place of its own",
    ),
    "product in a folder of its own step": (
        (
            "tasks:\n  - source: load.ipynb\n    product:\n"
            "      model: out/m\n      nb: out/m/a.ipynb\n"
        ),
        5,
        "out/m/a.ipynb lies in out/m, which 'load' makes as a whole",
        "place of its own",
    ),
    "import of nothing": (
        "meta: {import_tasks_from: gone.yaml}\ntasks: [load.ipynb]\n",
        1,
        "no file gone.yaml",
        "",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_followed_is_refused(two: Project, name: str) -> None:
    """Each fault of a spec is refused with its line, what is wrong, and what to do."""
    spec, line, message, hint = WRONG[name]
    with pytest.raises(PipelineSpecError) as caught:
        two.read(spec)
    assert (caught.value.where.file, caught.value.where.line) == ("pipeline.yaml", line)
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_an_unknown_upstream_is_refused_where_it_is_said(two: Project) -> None:
    """A step that builds on what is no step is an error in its source, with the nearest name."""
    two.notebook("fit.ipynb", 'upstream = ["laod"]')
    with pytest.raises(PipelineSpecError) as caught:
        two.read(TWO)
    assert format_error(caught.value) == (
        "error[NBE101]: The step 'train' builds on 'laod', which is no step.\n"
        "  --> fit.ipynb:cell 2:line 1\n"
        "  hint: Did you mean 'load'?"
    )


def test_a_wildcard_that_matches_nothing_is_refused(two: Project) -> None:
    """Ploomber would silently build on nothing."""
    two.notebook("fit.ipynb", 'upstream = ["lod*"]')
    with pytest.raises(PipelineSpecError, match=r"'lod\*', which is no step"):
        two.read(TWO)


def test_a_pipeline_inside_a_package_is_refused(two: Project) -> None:
    """src/NAME/pipeline.yaml has other rules in Ploomber, which are not followed."""
    two.file("src/pack/pipeline.yaml", TWO)
    with pytest.raises(PipelineSpecError, match="inside a package"):
        read_pipeline(two.root / "src/pack")


def test_a_link_out_of_the_project_is_refused_unless_its_folder_is_allowed(
    two: Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Where a product really lies counts, not what its path looks like."""
    outside = tmp_path_factory.mktemp("outside")
    (two.root / "link").symlink_to(outside)
    spec = "tasks:\n  - {source: load.ipynb, product: link/load.ipynb}\n"
    with pytest.raises(PipelineSpecError, match="leaves the project") as caught:
        two.read(spec)
    assert f'product-roots = ["{outside}"]' in caught.value.hint
    two.file("pyproject.toml", f'[tool.nbrefine]\nproduct-roots = ["{outside}"]\n')
    assert two.read(spec).steps["load"].product == outside / "load.ipynb"


def test_ploombers_other_classes(two: Project) -> None:
    """Their sources are not read: with upstream in the spec they are steps, else refused."""
    task = (
        "tasks:\n  - {class: DownloadFromURL, source: https://x/y.csv, product: y.csv, name: d}\n"
    )
    assert two.read("meta: {extract_upstream: false}\n" + task).steps["d"].kind == "other"
    with pytest.raises(PipelineSpecError, match="DownloadFromURL builds on cannot be read"):
        two.read(task)


def test_a_circle_is_shown_where_it_is_declared(two: Project) -> None:
    """At one of its steps."""
    two.notebook("load.ipynb", 'upstream = ["train"]')
    with pytest.raises(PipelineSpecError) as caught:
        _ = two.read(TWO).graph
    assert format_error(caught.value) == (
        "error[NBE101]: Steps build on one another in a circle: load → train → load.\n"
        "  --> pipeline.yaml:line 2\n"
        "  hint: Take one name out of the upstream of one of them."
    )


def test_an_unknown_upstream_of_a_function_is_shown_at_its_definition(two: Project) -> None:
    """With its line."""
    two.file("own.py", "\n\ndef join(product, upstream):\n    return upstream['laod']\n")
    with pytest.raises(PipelineSpecError) as caught:
        two.read(TWO + "  - {source: own.join, product: out/join.txt}\n")
    assert (caught.value.where.file, caught.value.where.line) == ("own.py", 3)


@pytest.mark.parametrize("table", ["timeouts = {laod = 3}", "resources = {laod = {gpu = 1}}"])
def test_settings_for_a_step_that_is_not_there_are_refused(two: Project, table: str) -> None:
    two.file("pyproject.toml", f"[tool.nbrefine]\n{table}\n")
    with pytest.raises(InputError, match=r"the step .laod., which the pipeline has not") as why:
        two.read("tasks:\n  - {source: load.ipynb, product: x}\n")
    assert "load" in why.value.hint
    two.file("pyproject.toml", "[tool.nbrefine]\ntimeouts = {'l*' = 3}\n")
    assert [*two.read().steps] == ["load"]
