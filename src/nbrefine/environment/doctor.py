"""All checks of the installation, in the order in which they are reported."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nbrefine.environment.bytecode import diagnose_byte_code
from nbrefine.environment.contents import diagnose_contents_manager
from nbrefine.environment.kernelspecs import diagnose_kernel, diagnose_magics
from nbrefine.environment.packages import (
    TOOLS,
    diagnose_package,
    diagnose_plot,
    diagnose_python,
)

if TYPE_CHECKING:
    from nbrefine.environment.diagnosis import Diagnosis


def examine() -> list[Diagnosis]:
    """Check the installation that nbrefine runs in.

    Returns
    -------
    list of Diagnosis
        One for each check that applies: without Jupyter nothing can be said about its
        configuration.
    """
    diagnoses = [diagnose_python(), *(diagnose_package(name) for name in TOOLS)]
    if (paths := jupyter_paths()) is not None:
        config, data = paths
        diagnoses += [
            diagnose_contents_manager(config),
            diagnose_kernel(data),
            diagnose_magics(data),
        ]
    diagnoses.append(diagnose_byte_code())
    if plot := diagnose_plot():
        diagnoses.append(plot)
    return diagnoses


def jupyter_paths() -> tuple[list[Path], list[Path]] | None:
    """Return where Jupyter looks for configuration and for data; None if it is not installed.

    Returns
    -------
    config, data
        Folders, the most important first, as Jupyter itself finds them for this user.
    """
    try:
        from jupyter_core.paths import (  # noqa: PLC0415  (an extra brings it)
            jupyter_config_dir,
            jupyter_config_path,
            jupyter_path,
        )
    except ImportError:
        return None
    config = jupyter_config_path()
    if jupyter_config_dir() not in config:
        config.insert(0, jupyter_config_dir())
    return [Path(folder) for folder in config], [Path(folder) for folder in jupyter_path()]
