"""New tests go below those that are there, which stay to the letter."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrefine.refine.generated_tests.adding import added_tests

THERE = '''\
"""My tests."""

from pathlib import Path

from shop.cleaning import tidy

FIXTURES = Path(__file__).parent / "fixtures"


def test_tidy():
    assert tidy("a") == "a"  # mine
'''
NEW = '''\
"""Tests of `shop.cleaning`."""

from pathlib import Path

import pandas as pd
import pytest

from shop.cleaning import large

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.mark.parametrize("limit", [3])
def test_large(limit):
    assert large(pd.read_parquet(FIXTURES / "rows.parquet"), limit)


def test_tidy():
    assert False
'''
TEST, FIXTURE = "tests/test_cleaning.py", "tests/fixtures/rows.parquet"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a test and a fixture of its own."""
    (tmp_path / "tests" / "fixtures").mkdir(parents=True)
    (tmp_path / TEST).write_text(THERE)
    (tmp_path / FIXTURE).write_bytes(b"mine")
    (tmp_path / "tests" / "conftest.py").write_text("# mine\n")
    return tmp_path


def test_tests_and_their_imports_are_added(project: Path) -> None:
    """A test whose name is taken is not; a constant that is there neither."""
    text = added_tests(project, {TEST: NEW}, "shop")[TEST]
    assert isinstance(text, str)
    assert text.startswith('"""My tests."""\n\nfrom pathlib import Path\n\nimport pandas as pd\n')
    assert "from shop.cleaning import large, tidy\n" in text
    assert text.count("FIXTURES = ") == 1
    assert 'assert tidy("a") == "a"  # mine\n\n\n@pytest.mark' in text
    assert "assert False" not in text
    compile(text, TEST, "exec")


def test_a_fixture_of_a_taken_name_gets_another(project: Path) -> None:
    files = added_tests(project, {TEST: NEW, FIXTURE: b"new"}, "shop")
    assert files["tests/fixtures/rows_2.parquet"] == b"new"
    assert FIXTURE not in files
    assert 'FIXTURES / "rows_2.parquet"' in str(files[TEST])


def test_the_same_fixture_is_shared(project: Path) -> None:
    files = added_tests(project, {TEST: NEW, FIXTURE: b"mine"}, "shop")
    assert 'FIXTURES / "rows.parquet"' in str(files[TEST])


def test_a_conftest_that_is_there_stays(project: Path) -> None:
    assert "tests/conftest.py" not in added_tests(project, {"tests/conftest.py": "x"}, "shop")


def test_where_there_are_no_tests_the_new_ones_are_taken_as_they_are(tmp_path: Path) -> None:
    files = {TEST: NEW, FIXTURE: b"new", "tests/conftest.py": "x"}
    assert added_tests(tmp_path, files, "shop") == files
