"""Remembers what code says, by its digest, so that what stays the same is parsed once.

It is plain JSON: a file in the project's folder is nothing to be trusted with more.
"""

from __future__ import annotations

import contextlib
import json
import sys
from typing import TYPE_CHECKING, Any

from nbrefine.analysis.facts import Import, Module, Piece, Uses
from nbrefine.files.atomic import write_atomic

if TYPE_CHECKING:
    from pathlib import Path

# To be raised when the same code is to be read as something else.
_READING = 2
_MOST = 2000


class CodeMemory:
    """What was read of modules and of notebooks' code.

    Parameters
    ----------
    file
        Where to keep it.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        # Each Python has a syntax tree of its own.
        self._version = f"{_READING}-{sys.version_info.major}.{sys.version_info.minor}"
        self._known = self._load()
        self._new: dict[str, Any] = {}
        self._modules: dict[str, Module] = {}
        self._codes: dict[str, tuple[str, str, str, Uses]] = {}

    def module(self, digest: str) -> Module | None:
        """Return what was read of the module with a digest of its bytes."""
        if digest not in self._modules and digest in self._known:
            with contextlib.suppress(ValueError, TypeError, KeyError, AttributeError):
                self._modules[digest] = _module(self._known[digest])
        return self._modules.get(digest)

    def keep_module(self, digest: str, module: Module) -> None:
        """Remember a module."""
        self._modules[digest] = module
        self._new[digest] = {
            **vars(module),
            "uses": _uses_as_json(module.uses),
            "pieces": {
                name: [piece.digest, _uses_as_json(piece.uses)]
                for name, piece in module.pieces.items()
            },
            "eager": sorted(module.eager),
            "imports": sorted(module.imports),
            "loads": sorted(module.loads),
        }

    def code(self, digest: str) -> tuple[str, str, str, Uses] | None:
        """Return what was kept of a notebook's code under a digest."""
        if digest not in self._codes and digest in self._known:
            with contextlib.suppress(ValueError, TypeError, KeyError, AttributeError):
                code, source, kernel, uses = self._known[digest]
                self._codes[digest] = str(code), str(source), str(kernel), _uses(uses)
        return self._codes.get(digest)

    def keep_code(self, digest: str, code: tuple[str, str, str, Uses]) -> None:
        """Remember a notebook's code."""
        self._codes[digest] = code
        self._new[digest] = [*code[:3], _uses_as_json(code[3])]

    def save(self) -> None:
        """Write what is new; where that cannot be done it is read again next time."""
        if not self._new:
            return
        entries = {**self._load(), **self._new}
        kept = dict([*entries.items()][-_MOST:])
        text = json.dumps({"version": self._version, "code": kept}, separators=(",", ":"))
        with contextlib.suppress(OSError):
            write_atomic(self._file, text)
            self._new = {}

    def _load(self) -> dict[str, Any]:
        try:
            data = json.loads(self._file.read_bytes())
            found = data["code"] if data["version"] == self._version else {}
        except (OSError, ValueError, KeyError, TypeError):
            return {}
        return found if isinstance(found, dict) else {}


def _uses_as_json(uses: Uses) -> dict[str, Any]:
    return {name: v if isinstance(v, bool) else sorted(v) for name, v in vars(uses).items() if v}


def _uses(data: dict[str, Any]) -> Uses:
    return Uses(
        chains=frozenset(map(tuple, data.get("chains", ()))),
        imports=_imports(data.get("imports", ())),
        environ=frozenset(data.get("environ", ())),
        words=frozenset(data.get("words", ())),
        files=frozenset(data.get("files", ())),
        folders=frozenset(data.get("folders", ())),
        by_name=bool(data.get("by_name")),
    )


def _module(data: dict[str, Any]) -> Module:
    return Module(
        digest=data["digest"],
        uses=_uses(data["uses"]),
        pieces={
            name: Piece(digest, _uses(uses)) for name, (digest, uses) in data["pieces"].items()
        },
        eager=frozenset(data["eager"]),
        imports=_imports(data["imports"]),
        loads=_imports(data["loads"]),
        odd=data["odd"],
    )


def _imports(data: Any) -> frozenset[Import]:  # noqa: ANN401  (JSON)
    return frozenset(Import(*each) for each in data)
