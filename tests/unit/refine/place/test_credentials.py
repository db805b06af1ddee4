"""Credentials are taken out of a notebook, whatever they stand in."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nbrefine.environment.variables import given
from nbrefine.errors import InputError
from nbrefine.notebook.document import Cell, Notebook
from nbrefine.notebook.syntax import to_python
from nbrefine.recording.facts import CellRecord, PythonFacts, Recording
from nbrefine.refine.place.credentials import Credentials, in_files, take_out, with_own

VALUE = "k3stRel-Wolf9"


def out_of(*cells: str | tuple[str, str]) -> Credentials:
    """Take the credentials out of some cells; texts are code."""
    parts = [("code", each) if isinstance(each, str) else each for each in cells]
    return take_out(
        Notebook(Path("n.ipynb"), tuple(Cell(kind, text) for kind, text in parts)),
    )


def sources(*cells: str | tuple[str, str]) -> list[str]:
    return [cell.source for cell in out_of(*cells).notebook.cells]


@pytest.mark.parametrize(
    ("code", "changed", "variable"),
    [
        (f"password = '{VALUE}'", 'password = os.environ["PASSWORD"]', "PASSWORD"),
        (
            f"connect('db', dbPassword='{VALUE}')",
            "connect('db', dbPassword=os.environ[\"DB_PASSWORD\"])",
            "DB_PASSWORD",
        ),
        (
            f"e = engine('postgresql://ada:{VALUE}@db/x')",
            'e = engine(os.environ["DATABASE_URL"])',
            "DATABASE_URL",
        ),
        (
            f"d = 'host=db dbname=\"x\" password={VALUE} {{}}'",
            'd = f"host=db dbname=\\"x\\" password={os.environ[\'DATABASE_PASSWORD\']} {{}}"',
            "DATABASE_PASSWORD",
        ),
        (
            f'e = engine(f"see postgresql://ada:{VALUE}@{{host}}/x")',
            "e = engine(f\"see postgresql://ada:{os.environ['DATABASE_PASSWORD']}@{host}/x\")",
            "DATABASE_PASSWORD",
        ),
        (
            f"pw = '{VALUE}'\ne = engine(f'postgresql://ada:{{pw}}@db/x')",
            "pw = os.environ[\"DATABASE_PASSWORD\"]\ne = engine(f'postgresql://ada:{pw}@db/x')",
            "DATABASE_PASSWORD",
        ),
        (
            f"e = engine(f'postgresql://ada:{VALUE}@{{host}}/x')",
            "e = engine(f'postgresql://ada:{os.environ[\"DATABASE_PASSWORD\"]}@{host}/x')",
            "DATABASE_PASSWORD",
        ),
        (
            f"u = f'mysql://{{host}}:{VALUE}@{{host}}/x'",
            "u = f'mysql://{host}:{os.environ[\"DATABASE_PASSWORD\"]}@{host}/x'",
            "DATABASE_PASSWORD",
        ),
        (
            f"u = 'https://ada:{VALUE}@example.org/a.csv'",
            "u = f\"https://ada:{os.environ['PASSWORD']}@example.org/a.csv\"",
            "PASSWORD",
        ),
        (
            f"u = 'postgresql://' + host + ':' + '{VALUE}' + '@db'",
            "u = 'postgresql://' + host + ':' + os.environ[\"DATABASE_PASSWORD\"] + '@db'",
            "DATABASE_PASSWORD",
        ),
        (
            f"u = 'mysql://%s:%s@db' % (host, '{VALUE}')",
            "u = 'mysql://%s:%s@db' % (host, os.environ[\"DATABASE_PASSWORD\"])",
            "DATABASE_PASSWORD",
        ),
        (
            f"u = 'mysql://{{0}}:{{pw}}@db'.format(host, pw='{VALUE}')",
            "u = 'mysql://{0}:{pw}@db'.format(host, pw=os.environ[\"DATABASE_PASSWORD\"])",
            "DATABASE_PASSWORD",
        ),
        (
            f"u = f'https://example.org/{{host}}?q=1&token=' + '{VALUE}-0123'",
            "u = f'https://example.org/{host}?q=1&token=' + os.environ[\"API_KEY\"]",
            "API_KEY",
        ),
        (
            f"u = ('mysql://ada:{VALUE}'\n     '@db')",
            'u = (os.environ["DATABASE_URL"])',
            "DATABASE_URL",
        ),
        (
            f"token = b'{VALUE}0123456'",
            'token = os.environ["TOKEN"].encode("latin-1")',
            "TOKEN",
        ),
        (f"größe = 'ä'; pwd = '{VALUE}'", "größe = 'ä'; pwd = os.environ[\"PWD\"]", "PWD"),
    ],
)
def test_code_reads_the_environment(code: str, changed: str, variable: str) -> None:
    """The literal, or the part of it that is secret, becomes a look into the environment."""
    host = "import os\nhost = 'h'"
    found = out_of(host, code)
    assert found.notebook.cells[1].source == changed
    assert [*found.values] == [variable]
    names = {"host": "h", "engine": str, "connect": lambda *_, **named: named}
    before: dict[str, object] = dict(names)
    after: dict[str, object] = {**names, "os": os}
    exec(code, before)  # noqa: S102  (what the test is about)
    with given(found.values):
        exec(found.notebook.cells[1].source, after)  # noqa: S102
    assert {k: v for k, v in after.items() if k not in {"os", "__builtins__"}} == {
        k: v for k, v in before.items() if k != "__builtins__"
    }
    assert variable not in os.environ or os.environ[variable] != VALUE


def test_the_password_of_an_address_may_be_set_in_another_cell() -> None:
    """Also quoted, as part of a tuple, and whatever the variable is called."""
    address = "url = f'postgresql://{who}:{p}@{host}/x'"
    found = out_of("import os", f"who, p = 'ada', quote_plus('{VALUE}')", address)
    assert found.values == {"DATABASE_PASSWORD": VALUE}
    assert found.notebook.cells[1].source == (
        "who, p = 'ada', quote_plus(os.environ[\"DATABASE_PASSWORD\"])"
    )
    assert found.notebook.cells[2].source == address


@pytest.mark.parametrize(
    "code",
    [
        "port = '8080'\nu = f'http://localhost:{port}/x'",
        'u = f\'postgresql://{os.environ["ME"]}:{os.environ["PW"]}@db/x\'',
        "name = 'flights2013'\nu = f'https://example.org/{name}?key={name}'",
        "u = 'mysql://%s:%s@db' % ('me', 'password')",
        "u = 'see {} and {'.format('a')",
    ],
)
def test_what_is_no_password_stays(code: str) -> None:
    """A port, a placeholder, a short key, what comes from the environment already."""
    assert sources(code) == [code]


def test_os_is_imported_with_the_other_imports() -> None:
    """It stands before the first import; where there is none, on top of the cell."""
    first = "%matplotlib inline\nimport pandas as pd"
    assert sources(first, f"password = '{VALUE}'")[0] == (
        "%matplotlib inline\nimport os\nimport pandas as pd"
    )
    assert sources(f"%%time\npassword = '{VALUE}'") == [
        '%%time\nimport os\n\npassword = os.environ["PASSWORD"]'
    ]
    assert sources("import os.path", f"pwd = '{VALUE}'")[0] == "import os.path"
    late = sources(f"pwd = '{VALUE}'", "import os")
    assert late == ['import os\n\npwd = os.environ["PWD"]', "import os"]


def test_the_run_is_told_of_the_new_name() -> None:
    """The original's run knows nothing of `os`, which the cell binds now."""
    found = out_of(("markdown", "a"), "", "x = 1", f"password = '{VALUE}'")
    records = tuple(CellRecord(origin, bound=frozenset("x")) for origin in range(2))
    recording = Recording(records, {}, PythonFacts("python", "3.11"))
    assert [cell.bound for cell in found.seen(recording).cells] == [{"x"}, {"x", "os"}]


@pytest.mark.parametrize("other", ["os = 5", "globals()", "%whos"])
def test_no_name_is_added_where_it_would_be_seen(other: str) -> None:
    """Where the notebook has its own `os`, or lists its names, the import stays an expression."""
    found = sources(f"password = '{VALUE}'", other)
    assert found == ['password = __import__("os").environ["PASSWORD"]', other]


def test_one_value_is_one_variable() -> None:
    """It is found again where it has no name; two values of one name get two variables."""
    found = out_of(f"a.password = '{VALUE}'\nf('{VALUE}')", "b.password = 'otherWolf-7'")
    assert found.values == {"PASSWORD": VALUE, "PASSWORD_2": "otherWolf-7"}
    assert 'f(os.environ["PASSWORD"])' in found.notebook.cells[0].source


def test_prose_is_masked() -> None:
    """Comments and markdown hold no value; what only they hold becomes no variable."""
    found = out_of(
        ("markdown", f"password: {VALUE}"),
        f"password = '{VALUE}'  # was oldWolf-123: password=oldWolf-123",
    )
    assert [cell.source for cell in found.notebook.cells] == [
        "password: •••",
        'import os\n\npassword = os.environ["PASSWORD"]  # was •••: password=•••',
    ]
    assert found.values == {"PASSWORD": VALUE}


def test_magics_and_shells_read_the_environment() -> None:
    """IPython expands braces in magics; a shell knows the variable."""
    key = "a1b2c3d4e5f6a7b8"
    found = sources("import os", f"%env API_KEY={key}", f"%%bash\ncurl -H 'x' API_KEY={key}")
    assert found[1] == "%env API_KEY={os.environ['API_KEY']}"
    assert found[2] == "%%bash\ncurl -H 'x' API_KEY=$API_KEY"
    assert sources(f"password = '{VALUE}'", f"%%html\n<b>{VALUE}")[1] == "%%html\n<b>•••"


def test_other_notebooks_are_left_alone() -> None:
    """Nothing changes where nothing is found."""
    notebook = Notebook(Path("n.ipynb"), (Cell("code", "password = input()"),))
    assert take_out(notebook).notebook is notebook


@pytest.mark.parametrize(
    "use",
    [
        f"match password:\n    case '{VALUE}':\n        pass",
        f"print(f\"{{len('{VALUE}')}}\")",
    ],
)
def test_what_cannot_be_replaced_is_refused(use: str) -> None:
    """A pattern of a match statement, an expression in an f-string."""
    code = f"password = '{VALUE}'\n{use}"
    assert to_python(code).error is None
    with pytest.raises(InputError, match="nothing can take its place"):
        out_of(code)


def test_of_two_values_the_longer_is_found_first() -> None:
    """One may begin as the other does."""
    long = f"{VALUE}-and-more-1"
    found = sources("import os", f"password = '{VALUE}'", f"token = '{long}'", f"f'{long} {VALUE}'")
    assert found[3] == 'f\'{os.environ["TOKEN"]} {os.environ["PASSWORD"]}\''


def test_what_the_notebook_reads_itself_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the environment and from an `.env` file, by the names."""
    monkeypatch.setenv("SOME_TOKEN", "a1b2c3d4")
    monkeypatch.setenv("SHORT_TOKEN", "a1")
    (tmp_path / ".env").write_text("DB_PASSWORD=k3stRel\nCITY=Oslo\n")
    record = CellRecord(
        0,
        environ_read=("HOME", "SHORT_TOKEN", "SOME_TOKEN"),
        files_read=(str(tmp_path / ".env"), str(tmp_path / "a.csv")),
    )
    recording = Recording((record,), {}, PythonFacts("python", "3.11"))
    found = with_own(out_of(f"password = '{VALUE}'"), recording)
    assert found == {"SOME_TOKEN": "a1b2c3d4", "PASSWORD": VALUE}
    assert in_files(recording) == ("k3stRel",)


def test_a_word_is_a_credential_only_where_it_is_one() -> None:
    """The same text is other things elsewhere; and such a notebook is not refused."""
    code = "import psycopg\nc = psycopg.connect('postgresql://h', user='gopher', password='gopher')"
    found = out_of(
        "import os", code, "# the gopher\nx = 'gopher'\ngopher = 3", ("markdown", "gopher")
    )
    assert found.notebook.cells[1].source.endswith(
        "user='gopher', password=os.environ[\"PASSWORD\"])"
    )
    assert found.notebook.cells[2].source == "# the gopher\nx = 'gopher'\ngopher = 3"
    assert found.values == {"PASSWORD": "gopher"}
