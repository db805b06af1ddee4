from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

# An audit hook cannot be taken away again, so the cells run in a process of their own.
PROGRAM = """
import json, os, sys
from nbrefine.observer.watch import EnvironReads, Readers, Watch

folder = os.getcwd()
places = ["/usr/", "/sys/", "/proc/", sys.prefix + "/", sys.base_prefix + "/"]
watch = Watch(places, lambda path: None)
readers = Readers(watch)
watch.start([lambda name: readers.wrap_loaded()])
space = {"__name__": "__main__"}
own = lambda frame: frame.f_globals is space
os.environ._data = EnvironReads(os.environ._data).attach(watch, own)
for cell in json.loads(sys.argv[1]):
    watch.clear()
    readers.wrap_loaded()
    watch.on = True
    exec(cell, space)
    watch.on = False
    read = sorted(os.path.relpath(path, folder) for path in watch.read)
    written = sorted(os.path.relpath(path, folder) for path in watch.changed())
    print(json.dumps([read, written, sorted(watch.environ), watch.network, watch.subprocess]))
"""
CONNECT = """
import socket
s = socket.socket()
try: s.connect(('127.0.0.1', 1))
except OSError: pass
s.close()
"""
# Each cell, and what is to be seen: files read, files written, variables, network, processes.
CELLS: list[tuple[str, list[str], list[str], list[str], bool, bool]] = [
    # the very cell that imports pandas writes and reads with it
    (
        (
            "import os, pandas as pd\n"
            "pd.DataFrame({'a': [1]}).to_parquet('t.parquet'); pd.read_parquet('t.parquet')"
        ),
        [],
        ["t.parquet"],
        [],
        False,
        False,
    ),
    ("open('t.csv', 'w').write('a\\n1\\n')", [], ["t.csv"], [], False, False),
    ("open('t.csv').read()", ["t.csv"], [], [], False, False),
    ("open('t.csv', 'a').close()", ["t.csv"], ["t.csv"], [], False, False),
    ("open('t.csv').read(); open('t.csv', 'w').close()", ["t.csv"], ["t.csv"], [], False, False),
    ("open('t.csv', 'w').write('a\\n1\\n'); open('t.csv').read()", [], ["t.csv"], [], False, False),
    (
        "open('t.csv', 'w').write('a\\n1\\n'); open('t.csv', 'a').close()",
        [],
        ["t.csv"],
        [],
        False,
        False,
    ),
    ("pd.read_csv('t.csv').to_csv('n.csv')", ["t.csv"], ["n.csv"], [], False, False),
    ("pd.read_parquet('t.parquet')", ["t.parquet"], [], [], False, False),
    (
        "import pyarrow.parquet as pq; pq.read_table('t.parquet')",
        ["t.parquet"],
        [],
        [],
        False,
        False,
    ),
    ("import pyarrow.csv, pyarrow.feather", [], [], [], False, False),
    ("pyarrow.csv.read_csv('t.csv')", ["t.csv"], [], [], False, False),
    (
        "pyarrow.feather.write_feather(pd.DataFrame({'a': [1]}), 'n.f')",
        [],
        ["n.f"],
        [],
        False,
        False,
    ),
    ("pyarrow.memory_map('n.f').close()", ["n.f"], [], [], False, False),
    ("pyarrow.memory_map('n.f', mode='r+').close()", ["n.f"], ["n.f"], [], False, False),
    # whoever has a connection may write by it, in any cell, and most only ask
    (
        "import sqlite3; c = sqlite3.connect('n.db'); c.execute('CREATE TABLE t (x)')",
        [],
        ["n.db"],
        [],
        False,
        False,
    ),
    ("c.execute('SELECT * FROM t')", [], [], [], False, False),
    ("c.execute('INSERT INTO t VALUES (1)'); c.commit()", [], ["n.db"], [], False, False),
    ("sqlite3.connect('n.db').execute('SELECT * FROM t')", ["n.db"], [], [], False, False),
    ("os.replace('n.csv', 'm.csv')", ["n.csv"], ["m.csv"], [], False, False),
    ("import json.tool", [], [], [], False, False),
    (
        "os.environ.get('HOME'), os.getenv('LANG'), 'PATH' in os.environ",
        [],
        [],
        ["HOME", "LANG", "PATH"],
        False,
        False,
    ),
    # a library asks for PATH: that says nothing
    ("import shutil; shutil.which('no such program')", [], [], [], False, False),
    (CONNECT, [], [], [], True, False),
    ("os.system('true')", [], [], [], False, True),
]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> list[list[object]]:
    """What was seen of each cell."""
    folder = tmp_path_factory.mktemp("watch")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps([cell for cell, *_ in CELLS])],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=os.path.realpath(folder),
    )
    assert not done.returncode, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("number", range(len(CELLS)), ids=lambda number: CELLS[number][0][:30])
def test_what_a_cell_uses_is_seen(seen: list[list[object]], number: int) -> None:
    """Files, variables, connections and processes are seen; also what pyarrow opens by itself."""
    _, *expected = CELLS[number]
    assert seen[number] == expected


def test_a_write_is_announced_before_it_happens(tmp_path: Path) -> None:
    """Whoever protects a file is called while it is still as it was."""
    file = tmp_path / "x"
    file.write_text("before")
    program = (
        "import sys\nfrom nbrefine.observer.watch import Watch\n"
        "watch = Watch([], lambda path: print(path, open(path).read()))\n"
        "watch.start([]); watch.on = True\nopen(sys.argv[1], 'w').close()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(file)],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == f"{file} before\n"
    assert not file.read_text()


LISTING = """
import json, os, sys
from nbrefine.observer.watch import Watch

watch = Watch([], lambda path: None)
watch.start([])
watch.on = True
exec(sys.argv[1], {"__name__": "__main__"})
watch.on = False
only_read = watch.read - (watch.changed() - watch.only_read())
seen = [watch.listed, only_read, watch.read, watch.loaded]
print(json.dumps([[os.path.relpath(path) for path in sorted(each)] for each in seen]))
"""


def uses(folder: Path, cell: str) -> list[list[str]]:
    done = subprocess.run(
        [sys.executable, "-c", LISTING, cell],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    found: list[list[str]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(
    ("cell", "folders"),
    [
        ("import os; os.listdir('raw')", ["raw"]),
        ("import os; os.listdir()", ["."]),
        ("from pathlib import Path; [*Path('raw').glob('*.csv')]", ["raw"]),
        ("import glob; glob.glob('raw/*.csv')", ["raw"]),
        ("import os; [*os.walk('raw')]", ["raw", "raw/deep"]),
        ("import sys; sys.path.insert(0, 'raw'); import wave, own", []),
        ("import importlib.metadata as m; m.version('click')", []),
        ("import pkgutil; [*pkgutil.iter_modules()]", []),
        ("open('raw/a.csv').close()", []),
    ],
)
def test_folders_that_code_lists_are_seen(tmp_path: Path, cell: str, folders: list[str]) -> None:
    """A new file in them may be read; what Python looks for on the import path does not count."""
    (tmp_path / "raw" / "deep").mkdir(parents=True)
    (tmp_path / "raw" / "a.csv").write_text("1")
    (tmp_path / "raw" / "own.py").write_text("")
    assert uses(tmp_path, cell)[0] == folders


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        ("import sqlite3; c = sqlite3.connect('a.db'); c.execute('SELECT * FROM t')", ["a.db"]),
        (
            (
                "import sqlite3; c = sqlite3.connect('a.db'); "
                "c.execute('INSERT INTO t VALUES (1)'); c.commit()"
            ),
            [],
        ),
        ("open('a.txt', 'r+').read()", ["a.txt"]),
        ("open('a.txt', 'a').write('x')", []),
        ("open('b.txt', 'w').close(); open('b.txt', 'a').close()", []),
    ],
)
def test_what_is_opened_to_be_written_may_be_read_only(
    tmp_path: Path, cell: str, read: list[str]
) -> None:
    """A database is an input unless it has changed."""
    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.execute("CREATE TABLE t (x)")
    connection.close()
    (tmp_path / "a.txt").write_text("1")
    assert uses(tmp_path, cell)[1] == read


_BY_HAND = """
import importlib.util
spec = importlib.util.spec_from_file_location('own', 'raw/own.py')
spec.loader.exec_module(importlib.util.module_from_spec(spec))
"""


@pytest.mark.parametrize(
    ("cell", "read", "loaded"),
    [
        ("import sys; sys.path.insert(0, 'raw'); import own", [], ["raw/own.py"]),
        (_BY_HAND, [], ["raw/own.py"]),
        ("import runpy; runpy.run_path('raw/own.py')", ["raw/own.py"], []),
        (
            "import sys, pkgutil; sys.path.insert(0, 'raw'); pkgutil.get_data('own', 'a.csv')",
            ["raw/a.csv"],
            ["raw/own.py"],
        ),
    ],
)
def test_modules_are_told_from_files_whether_they_were_compiled_before(
    tmp_path: Path, cell: str, read: list[str], loaded: list[str]
) -> None:
    """The first time the source is read, the second time what was compiled."""
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "a.csv").write_text("1")
    (tmp_path / "raw" / "own.py").write_text("")
    first = uses(tmp_path, cell)
    again = uses(tmp_path, cell)
    assert [each for each in first[3] if each.startswith("raw")] == loaded
    assert first[2] == again[2] == read
    assert [each for each in again[3] if each.startswith("raw")] == loaded
