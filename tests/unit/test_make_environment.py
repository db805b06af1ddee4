"""The environment counts as made by content, never by time."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[2] / "tools" / "make_environment.py"


@pytest.fixture
def maker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, looking at a small project of its own."""
    spec = importlib.util.spec_from_file_location("make_environment", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "requirements.lock").write_text(
        "click==8.5.1 \\\n    --hash=sha256:aa\nsetuptools==84.2.1 \\\n    --hash=sha256:bb\n"
        "setuptools-scm==9.0 \\\n    --hash=sha256:cc\nwheel==0.46 \\\n    --hash=sha256:dd\n",
        encoding="utf-8",
    )
    (tmp_path / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "LOCK", tmp_path / "requirements.lock")
    monkeypatch.setattr(module, "ENVIRONMENT", tmp_path / ".venv")
    monkeypatch.setattr(module, "STAMP", tmp_path / ".venv" / "nbrefine-stamp")
    return module


def test_fingerprint_follows_content_and_interpreter_but_not_time(maker: ModuleType) -> None:
    """A checkout changes modification times; that must not make the environment anew."""
    before = maker.fingerprint("python 3.11.7")
    os.utime(maker.LOCK, (1, 1))
    assert maker.fingerprint("python 3.11.7") == before
    assert maker.fingerprint("python 3.12.1") != before
    maker.LOCK.write_text("click==8.5.2\n", encoding="utf-8")
    assert maker.fingerprint("python 3.11.7") != before


def test_an_install_that_failed_does_not_count(
    maker: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The stamp is written last: after a failure the next call starts again, and then it holds."""
    made = []

    def break_off(python: Path) -> None:
        made.append(python)
        if len(made) == 1:
            raise maker.CannotMakeEnvironmentError("the index does not answer")

    monkeypatch.setattr(maker, "check", lambda _: maker.ENVIRONMENT.mkdir(exist_ok=True))
    monkeypatch.setattr(maker, "install", break_off)
    assert maker.main() == 1
    assert "error: the index does not answer" in capsys.readouterr().err
    assert not maker.STAMP.exists()
    assert maker.main() == 0
    assert maker.main() == 0
    assert len(made) == 2


def test_parts_of_the_lock_keep_their_hashes(maker: ModuleType) -> None:
    """Only what is named is taken, not others whose name begins alike."""
    assert maker.locked(maker.BUILD_TOOLS.__contains__).split() == [
        *("setuptools==84.2.1", "\\", "--hash=sha256:bb"),
        *("wheel==0.46", "\\", "--hash=sha256:dd"),
    ]
    rest = maker.locked("wheel".__ne__)
    assert rest.count("--hash") == 3
    assert "wheel" not in rest


def test_pip_does_the_same_where_uv_cannot_be_installed(
    maker: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fallback asks for everything in the lock but uv, which would fail again."""
    maker.LOCK.write_text("uv==1 \\\n    --hash=sha256:ee\nwheel==2 \\\n    --hash=sha256:ff\n")
    asked = []

    def check(command: list[str]) -> None:
        files = [Path(word) for word in command if word.endswith("requirements.txt")]
        asked.append((command[2], files[0].read_text(encoding="utf-8") if files else ""))

    monkeypatch.setattr(maker, "check", check)
    monkeypatch.setattr(maker, "run", lambda *_, **__: 1)
    maker.install(Path("python"))
    assert [tool for tool, _ in asked] == ["pip"] * 3
    assert "wheel==2" in asked[1][1]
    assert not any("uv==" in text for _, text in asked)


def test_an_unsupported_python_is_answered_with_what_to_install(
    maker: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line says which Python is needed and which was found."""
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    monkeypatch.setenv("PATH", "")
    with pytest.raises(maker.CannotMakeEnvironmentError, match=r"3\.13 is needed.* is 3\.9"):
        maker.find_python()


def test_missing_ensurepip_is_answered_with_debians_package(
    maker: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without root the user is told the one command."""
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        maker.importlib.util,
        "find_spec",
        lambda name: None if name == "ensurepip" else find_spec(name),
    )
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(maker.CannotMakeEnvironmentError, match="sudo apt install python3-venv"):
        maker.require_ensurepip(sys.executable)
