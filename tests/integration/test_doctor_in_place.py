"""``nbrefine doctor`` agrees with the real Jupyter, and works where nearly nothing is installed."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jupyter_server.extension.manager import ExtensionManager
from jupyter_server.serverapp import ServerApp
from jupytext import TextFileContentsManager

from nbrefine.environment.doctor import jupyter_paths
from nbrefine.environment.jupyter_config import read_server_config

SOURCES = Path(__file__).parents[2] / "src"
SHIPPED = SOURCES / "nbrefine" / "lab" / "jupyter_server_config.json"

FOLDERS = st.sampled_from(["first", "user", "last"])
NAMES = st.sampled_from(["ploomber", "ploomber_extension", "mine"])
# A null is Jupyter's way to take a setting back; its ordinary configuration refuses to hold one.
SNIPPETS = st.dictionaries(
    st.tuples(
        FOLDERS, st.sampled_from(["jupyter_server_config.d/aa", "jupyter_server_config.d/zz"])
    ),
    st.dictionaries(NAMES, st.sampled_from([True, False, None])),
)
ORDINARY = st.dictionaries(
    st.tuples(FOLDERS, st.sampled_from(["jupyter_server_config", "jupyter_config"])),
    st.dictionaries(NAMES, st.booleans()),
)


def ask_jupyter() -> dict[str, bool]:
    """Return which extensions a real server would load, by its own configuration."""
    server = ServerApp()
    server.load_config_file()
    server.find_server_extensions()
    return dict(server.jpserver_extensions)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(snippets=SNIPPETS, ordinary=ORDINARY)
def test_merges_as_jupyter_does(
    snippets: dict[tuple[str, str], dict[str, bool | None]],
    ordinary: dict[tuple[str, str], dict[str, bool]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Whatever the files say, wherever they lie: the extensions are those that Jupyter loads."""
    root = tmp_path_factory.mktemp("config")
    for (folder, name), extensions in {**snippets, **ordinary}.items():
        file = root / folder / f"{name}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"ServerApp": {"jpserver_extensions": extensions}}))
    with pytest.MonkeyPatch.context() as patch:
        path = [str(root / "first"), str(root / "last")]
        patch.setenv("JUPYTER_CONFIG_PATH", os.pathsep.join(path))
        patch.setenv("JUPYTER_CONFIG_DIR", str(root / "user"))
        patch.setenv("JUPYTER_RUNTIME_DIR", str(root / "runtime"))
        patch.setenv("JUPYTER_DATA_DIR", str(root / "data"))
        paths = jupyter_paths()
        assert paths is not None
        config = read_server_config(paths[0])
        assert {name: said[-1].enabled for name, said in config.extensions.items()} == ask_jupyter()


def test_the_file_that_mends_is_silent_without_ploomber(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Switching off an extension that is not installed is no news for Jupyter."""
    shipped = json.loads(SHIPPED.read_text(encoding="utf-8"))
    extensions = shipped["ServerApp"]["jpserver_extensions"]
    manager = ExtensionManager(log=logging.getLogger("extensions"))
    with caplog.at_level(logging.DEBUG):
        manager.from_jpserver_extensions(
            {f"not_installed_{name}": on for name, on in extensions.items()}
        )
        manager.load_all_extensions()
    assert set(extensions) == {"ploomber", "ploomber_extension"}
    assert len(manager.extensions) == 2
    assert caplog.records == []


def test_a_chosen_contents_manager_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file that mends does not touch which contents manager the user chose."""
    chosen = "jupytext.TextFileContentsManager"
    config = {"ServerApp": {"contents_manager_class": chosen}}
    (tmp_path / "jupyter_server_config.json").write_text(json.dumps(config), encoding="utf-8")
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    server = ServerApp()
    server.load_config_file()
    server.find_server_extensions()
    assert server.jpserver_extensions["ploomber"] is False
    assert server.contents_manager_class is TextFileContentsManager


def test_says_that_this_installation_is_mended(tmp_path: Path) -> None:
    """Where nbrefine is installed beside Ploomber, its wheel has brought the file that mends."""
    run = subprocess.run(
        [sys.executable, "-m", "nbrefine", "doctor", "--json"],
        cwd=tmp_path,
        env={**os.environ, "JUPYTER_CONFIG_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    found = {check["name"]: check for check in json.loads(run.stdout)}
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    assert found["contents manager"]["verdict"] == "mended"
    assert "zz_nbrefine.json" in found["contents manager"]["done"]
    assert found["magics"]["verdict"] == "ok"


def test_works_with_the_core_alone(tmp_path: Path) -> None:
    """With only click and PyYAML the missing tools are reported, with the command, no traceback."""
    for package in (click, yaml):
        folder = Path(str(package.__file__)).parent
        (tmp_path / folder.name).symlink_to(folder)
    path = [str(SOURCES), str(tmp_path)]
    code = (
        f"import sys; sys.path[:0] = {path}; sys.argv[1:] = ['doctor'];"
        " from nbrefine.cli.main import main; main()"
    )
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    assert run.stderr.startswith("error[NBE301]: 7 of ")
    assert 'hint: Run pip install "nbrefine[all]"' in run.stderr
    assert "problem  jupyterlab    not installed" in run.stdout
