"""What the placeholders of a ``pipeline.yaml`` stand for: ``env.yaml`` and the built-in ones."""

from __future__ import annotations

import os
from collections import ChainMap
from pathlib import Path
from typing import TYPE_CHECKING

from nbrefine.errors import PipelineSpecError, did_you_mean
from nbrefine.files.paths import shown
from nbrefine.pipeline.located import Document, Keys, read_yaml
from nbrefine.pipeline.placeholders import Lazy, as_literal, render

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nbrefine.pipeline.yaml_memory import YamlMemory

FILENAME_VARIABLE = "PLOOMBER_ENV_FILENAME"


def read_environment(
    root: Path, env_file: Path | None = None, memory: YamlMemory | None = None
) -> Mapping[str, object]:
    """Return what each placeholder stands for.

    Parameters
    ----------
    root
        The folder of ``pipeline.yaml``.
    env_file
        The file to read; else the one that ``PLOOMBER_ENV_FILENAME`` names, else ``env.yaml`` if
        it is there.
    memory
        What was read before, if that is to be gone by.

    Returns
    -------
    Mapping
        The file's values over the built-in ones, which are worked out when they are used.

    Raises
    ------
    PipelineSpecError
        If the file that was named is missing, or a file cannot be followed.
    """
    builtin = _builtin(root)
    file = _find(root, env_file)
    if file is None:
        return builtin
    return ChainMap(_read((file,), root, builtin, memory), builtin)  # type: ignore[arg-type]


def _find(root: Path, env_file: Path | None) -> Path | None:
    if env_file is not None:
        return env_file
    name = os.environ.get(FILENAME_VARIABLE)
    if not name:
        if (root / "env.yml").is_file() and not (root / "env.yaml").is_file():
            raise PipelineSpecError(
                f"{shown(root / 'env.yml')} is not read: the name has to end in .yaml.",
                hint="Rename it to env.yaml.",
            )
        return root / "env.yaml" if (root / "env.yaml").exists() else None
    if Path(name).name != name:
        raise PipelineSpecError(
            f"{FILENAME_VARIABLE} is {name!r}, but has to be a file's name without folders.",
            hint="Put the file beside pipeline.yaml.",
        )
    if not (root / name).is_file():
        raise PipelineSpecError(
            f"{FILENAME_VARIABLE} names {name!r}, but {shown(root)} has no such file.",
            hint=did_you_mean(name, [path.name for path in root.glob("*.yaml")]),
        )
    return root / name


def _read(
    files: tuple[Path, ...], here: Path, builtin: Mapping[str, object], memory: YamlMemory | None
) -> dict[str, object]:
    """Read the last of some files, each of which the one before imports."""
    document = read_yaml(files[-1], memory)
    if not isinstance(document.value, dict):
        raise document.error("An env file holds names and their values.", hint="Such as: n: 15")
    raw = dict(document.value)
    for key in raw:
        if not isinstance(key, str) or key.startswith("_") or "__" in key:
            raise document.error(
                f"{key!r} cannot be a placeholder's name.",
                key,
                hint="Names are words that neither start with _ nor hold __.",
            )
    imported = _imported(document, raw.pop("meta", {}), here, files)
    values = {} if imported is None else _read((*files, imported), imported.parent, builtin, memory)
    known: ChainMap[str, object] = ChainMap(values, {"env": os.environ}, builtin)  # type: ignore[arg-type]
    for key, value in raw.items():
        expanded = _value(document, value, known, (key,))
        values[key] = _merged(values.get(key), expanded)
    return values


def _imported(document: Document, meta: object, here: Path, files: tuple[Path, ...]) -> Path | None:
    """Return the file that an env file imports; None if it imports none."""
    if not isinstance(meta, dict):
        raise document.error("'meta' has to be a mapping with 'import_from'.", "meta")
    for key in meta:
        if key != "import_from":
            hint = did_you_mean(str(key), ["import_from"])
            raise document.error(f"'meta' has no key {key!r}.", "meta", key, hint=hint)
    if "import_from" not in meta:
        return None
    file = here / str(meta["import_from"])
    if not file.is_file():
        raise document.error(f"There is no file {shown(file)}.", "meta", "import_from")
    if file.resolve() in {each.resolve() for each in files}:
        through = "" if len(files) == 1 else f", through {shown(file)}"
        raise document.error(f"The file imports itself{through}.", "meta", "import_from")
    return file


def _value(document: Document, value: object, known: Mapping[str, object], keys: Keys) -> object:
    if isinstance(value, dict):
        return {k: _value(document, v, known, (*keys, k)) for k, v in value.items()}
    if isinstance(value, list):
        return [_value(document, v, known, (*keys, i)) for i, v in enumerate(value)]
    text = render(document, value, known, keys) if isinstance(value, str) else value
    if keys[0] == "path":  # Ploomber reads what is below this key as paths
        return Path(str(text)).expanduser()
    return as_literal(text) if isinstance(text, str) else text


def _merged(old: object, new: object) -> object:
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return new
    return {**old, **{key: _merged(old.get(key), value) for key, value in new.items()}}


def _builtin(root: Path) -> Mapping[str, object]:
    folder = str(root.resolve())
    sources: dict[str, Callable[[], object]] = {
        "user": _user,
        "now": _now,
        # Ploomber is run where pipeline.yaml is.
        "cwd": lambda: folder,
        "here": lambda: folder,
        "root": lambda: folder,
    }
    if any((parent / ".git").exists() for parent in (root, *root.resolve().parents)):
        sources["git_hash"] = lambda: _git_hash(root)
        sources["git"] = lambda: _git(root, "symbolic-ref", "--short", "HEAD") or _git_hash(root)
    return Lazy(sources)


def _user() -> str:
    import getpass  # noqa: PLC0415  (few specs ask for it)

    return getpass.getuser()


def _now() -> str:
    import datetime as dt  # noqa: PLC0415  (few specs ask for it)

    return dt.datetime.now().isoformat()  # noqa: DTZ005  (as Ploomber does)


def _git_hash(root: Path) -> str:
    if described := _git(root, "describe", "--tags", "--always", "--dirty=-dirty"):
        return described
    raise PipelineSpecError(
        "{{git}} and {{git_hash}} need git and a repository with a commit.",
        hint="Commit once, or take the placeholder out.",
    )


def _git(root: Path, *arguments: str) -> str:
    """Run git; empty if it fails."""
    import subprocess  # noqa: PLC0415  (few specs ask for git)

    command = ["git", "-C", str(root), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
