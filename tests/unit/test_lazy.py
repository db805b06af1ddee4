"""Public names that are imported when they are asked for."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from nbrefine.lazy import deferred

PACKAGES = ("nbrefine.features", "nbrefine.serving", "nbrefine.transforms")


@pytest.mark.parametrize("name", PACKAGES)
def test_every_public_name_is_there(name: str) -> None:
    """And is what it is called."""
    package = import_module(name)
    assert {each: getattr(package, each).__name__ for each in package.__all__} == {
        each: each for each in package.__all__
    }


@pytest.mark.parametrize("name", PACKAGES)
def test_a_name_that_there_is_not_is_answered_as_by_any_module(name: str) -> None:
    """So that `hasattr` and `from ... import` say what they always say."""
    with pytest.raises(AttributeError, match=f"module '{name}' has no attribute 'nowhere'"):
        getattr(import_module(name), "nowhere")  # noqa: B009  (mypy knows it, too)


def test_packages_cost_nothing_until_they_are_used() -> None:
    """Neither pandas nor scikit-learn."""
    program = f"import sys, {', '.join(PACKAGES)}; print('pandas' in sys.modules)"
    command = [sys.executable, "-c", program]
    assert subprocess.check_output(command, text=True, timeout=60) == "False\n"


def test_a_function_that_takes_long_to_import_is_imported_when_it_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever imports the module afterwards gets it whole."""
    (tmp_path / "slow_syntax.py").write_text("LOADED = True\ndef check(text): return text + '!'\n")
    monkeypatch.syspath_prepend(tmp_path)
    with deferred("slow_syntax", "check"):
        check = import_module("slow_syntax").check
    assert "slow_syntax" not in sys.modules
    assert check("a") == "a!"
    assert import_module("slow_syntax").LOADED
    with deferred("slow_syntax", "check"):
        assert import_module("slow_syntax").LOADED
    monkeypatch.delitem(sys.modules, "slow_syntax")


def test_a_conversion_does_not_wait_for_the_syntax_of_addresses() -> None:
    """Nor is it missing when somebody checks one."""
    program = (
        "import sys\nfrom nbrefine.lazy import deferred\n"
        "with deferred('rfc3987_syntax', 'is_valid_syntax'): import jsonschema\n"
        "print('rfc3987_syntax' in sys.modules)\n"
        "checker = jsonschema.FormatChecker()\n"
        "print(checker.conforms('http://a.b/ä', 'iri'), checker.conforms('no iri', 'iri'))"
    )
    said = subprocess.check_output([sys.executable, "-c", program], text=True, timeout=60)
    assert said == "False\nTrue False\n"
