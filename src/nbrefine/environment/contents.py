"""Whether JupyterLab can open notebooks although Ploomber is installed.

Ploomber's server extension puts a contents manager of its own in the place of Jupyter's. With
jupytext 1.17 and later, whose manager is asynchronous, every listing and every notebook then
answers HTTP 500; with older ones a save without an edit makes the step count as never run.
nbrefine ships a configuration file that switches the extension off.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from nbrefine.environment.diagnosis import Diagnosis, Verdict
from nbrefine.environment.jupyter_config import SECTION, ServerConfig, Setting, read_server_config
from nbrefine.environment.packages import installed_version, release

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NAME = "contents manager"
EXTENSION = "ploomber"
OUR_FILE = "zz_nbrefine.json"
ASYNCHRONOUS_JUPYTEXT = (1, 17)
ENABLED = '{"ServerApp": {"jpserver_extensions": {"ploomber": true}}}'


def diagnose_contents_manager(folders: Sequence[Path]) -> Diagnosis:
    """Say whether Ploomber's contents manager would take over, and what nbrefine did about it.

    Parameters
    ----------
    folders
        Jupyter's configuration path, the most important folder first.

    Returns
    -------
    Diagnosis
        A problem if notebooks cannot be opened.
    """
    config = read_server_config(folders)
    note = _note(config)
    if installed_version("ploomber") is None:
        found = "Ploomber is not installed: JupyterLab's own is used"
        return Diagnosis(NAME, Verdict.OK, found + note)
    setting = config.last_word(EXTENSION)
    if setting is not None and setting.enabled:
        return _taken_over(setting, folders, note)
    if setting is None:
        return Diagnosis(NAME, Verdict.OK, "no file enables Ploomber's server extension" + note)
    if setting.file.name != OUR_FILE:
        found = f"Ploomber's server extension is switched off by {setting.file}"
        return Diagnosis(NAME, Verdict.OK, found + note)
    override = folders[0] / f"{SECTION}.json"
    return Diagnosis(
        NAME,
        Verdict.MENDED,
        f"Ploomber's server extension {_harm()}{note}",
        done=f"switched it off, and ploomber_extension (which only uploads to a cloud),"
        f" by {setting.file}",
        undo=f"put {ENABLED} into {override}; pip uninstall nbrefine removes the file",
    )


def _taken_over(setting: Setting, folders: Sequence[Path], note: str) -> Diagnosis:
    """Ploomber's extension is enabled: say by what, how bad that is, and how to mend it."""
    found = f"Ploomber's server extension is enabled by {setting.file}: it {_harm()}{note}"
    ours = [folder / f"{SECTION}.d" / OUR_FILE for folder in folders]
    if any(file.is_file() for file in ours):
        remedy = f'Take "{EXTENSION}" out of {setting.file}: it overrules nbrefine\'s own file'
    else:
        remedy = (
            f"{OUR_FILE}, which switches it off, is not there: run"
            " pip install --force-reinstall --no-deps nbrefine"
        )
    verdict = Verdict.PROBLEM if _opens_nothing() else Verdict.WARNING
    return Diagnosis(NAME, verdict, found, remedy=remedy)


def _opens_nothing() -> bool:
    return release(installed_version("jupytext") or "") >= ASYNCHRONOUS_JUPYTEXT


def _harm() -> str:
    jupytext = installed_version("jupytext")
    if _opens_nothing():
        return f"with jupytext {jupytext} would keep JupyterLab from opening any notebook"
    return "would make a step count as never run each time its notebook is saved"


def _note(config: ServerConfig) -> str:
    """Say what else of the user's configuration bears on it."""
    parts = []
    if config.contents_manager:
        parts.append(f"your contents manager {config.contents_manager} is left as it is")
    if config.scripts:
        files = " ".join(shlex.quote(str(file)) for file in config.scripts)
        parts.append(f"not read, as it is Python, and may say otherwise: {files}")
    if config.unreadable:
        files = " ".join(shlex.quote(str(file)) for file in config.unreadable)
        parts.append(f"not valid JSON, and passed over by Jupyter: {files}")
    return "".join(f"; {part}" for part in parts)
