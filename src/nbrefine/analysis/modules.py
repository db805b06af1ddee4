"""The project's own code that a notebook or a function can reach, told without running any.

By definition where that is sound (see `pieces`), else by module. Whatever is not understood
counts as reached.
"""

from __future__ import annotations

import hashlib
import os
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from nbrefine.analysis.facts import Module

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from nbrefine.analysis.facts import Import, Uses

# What brings back objects of classes that no code in sight has to name.
_UNPICKLERS = ("pickle", "cloudpickle", "dill", "joblib", "skops", "shelve", "torch", "mlflow")
_UNPICKLING = frozenset({"load", "loads", "Unpickler", "open", "load_model", "read_pickle"})
_BY_NAME = ("sys.modules", "inspect", "pkgutil", "runpy", "gc", "unittest.mock", "importlib.reload")
_PACKAGE = "__init__.py"
# Python binds these in each module.
_GIVEN = frozenset({"__file__", "__name__", "__package__", "__path__"})


@dataclass(frozen=True)
class Reached:
    """What code can reach.

    Parameters
    ----------
    pieces
        Digests by file and name; the name is empty where all of a module counts.
    files
        All files that are imported.
    libraries
        Top-level modules that are imported and are not the project's own.
    environ
        Environment variables that the code names.
    named
        Texts in the code that may name a file.
    """

    pieces: Mapping[tuple[Path, str], str]
    files: frozenset[Path] = frozenset()
    libraries: frozenset[str] = frozenset()
    environ: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()


class Finder:
    """Finds the files of the project's modules.

    Parameters
    ----------
    folders
        What stands for the import path: a module that is in several of them counts in each.
    """

    def __init__(self, folders: Iterable[Path]) -> None:
        self.folders = tuple(dict.fromkeys(folders))
        self.find = cache(self._find)
        self.is_own = cache(self._is_own)
        self.is_module = cache(self._is_module)

    def _find(self, dotted: str) -> tuple[Path, ...]:
        """Return the files that a module may come from."""
        if not all(dotted.split(".")):
            return ()
        found = []
        for folder in self.folders:
            base = os.path.join(folder, dotted.replace(".", os.sep))  # noqa: PTH118  (many)
            files = (os.path.join(base, _PACKAGE), f"{base}.py")  # noqa: PTH118
            found += [Path(file).resolve() for file in files if os.path.isfile(file)]  # noqa: PTH113
        return tuple(dict.fromkeys(found))

    def _is_module(self, dotted: str) -> bool:
        """Whether a dotted name is a module, or a folder of modules."""
        path = dotted.replace(".", os.sep)
        return bool(self.find(dotted)) or any(
            os.path.isdir(os.path.join(folder, path))  # noqa: PTH112, PTH118  (many)
            for folder in self.folders
        )

    def _is_own(self, top: str) -> bool:
        """Whether a top-level module is the project's: a file, or a folder with Python below."""
        return bool(self.find(top)) or any(
            (folder / top).is_dir() and any((folder / top).rglob("*.py")) for folder in self.folders
        )

    def package_of(self, file: Path, level: int) -> Iterator[str]:
        """Return the package that a relative import in a file starts from, dotted."""
        for folder in self.folders:
            base = folder.resolve()
            if file.is_relative_to(base):
                parts = file.relative_to(base).parent.parts
                if len(parts) >= level:
                    yield ".".join(parts[: len(parts) - level + 1])


def reach(
    uses: Uses,
    finder: Finder,
    read: Callable[[Path], Module],
    *,
    start: Iterable[tuple[Path, str]] = (),
    loaded: Iterable[Path] = (),
) -> Reached:
    """Follow code to all of the project's own that it can reach.

    Parameters
    ----------
    uses
        What the notebook uses.
    finder
        Finds modules.
    read
        Reads a module's file.
    start
        Files and names in them to begin with as well.
    loaded
        Files that a run has loaded: of those that the code does not show, all counts.
    """
    walk = _Walk(finder, cache(read))
    walk.follow(uses, Module("", uses, imports=uses.imports), None)
    for file, name in start:
        walk.piece(file, name)
    walk.run()
    for file in loaded:
        if file not in walk.imported:
            walk.whole(file)
    walk.run()
    while walk.by_name and not walk.imported <= walk.wholes:
        for file in [*walk.imported]:
            walk.whole(file)
        walk.run()
    return walk.result()


@dataclass
class _Walk:
    finder: Finder
    read: Callable[[Path], Module]
    imported: set[Path] = field(default_factory=set)
    wholes: set[Path] = field(default_factory=set)
    parts: dict[tuple[Path, str], str] = field(default_factory=dict)
    libraries: set[str] = field(default_factory=set)
    environ: set[str] = field(default_factory=set)
    named: set[str] = field(default_factory=set)
    by_name: bool = False
    # All is put off, so that long chains of modules need no deep stack, and circles end.
    waiting: list[Callable[[], None]] = field(default_factory=list)
    asked: set[tuple[Path, str]] = field(default_factory=set)

    def run(self) -> None:
        while self.waiting:
            self.waiting.pop()()

    def result(self) -> Reached:
        pieces = {key: digest for key, digest in self.parts.items() if key[0] not in self.wholes}
        pieces |= {(file, ""): self.read(file).digest for file in self.wholes}
        if self.by_name:  # a package may look for its modules in its folder
            packages = [file.parent for file in self.imported if file.name == _PACKAGE]
            pieces |= {(folder, ""): _names_in(folder) for folder in packages}
        libraries = self.libraries - sys.stdlib_module_names
        return Reached(
            pieces=pieces,
            files=frozenset(self.imported),
            libraries=frozenset(libraries),
            environ=frozenset(self.environ),
            named=frozenset(self.named),
        )

    def follow(self, uses: Uses, module: Module, file: Path | None) -> None:
        self.waiting.append(lambda: self._follow(uses, module, file))

    def whole(self, file: Path) -> None:
        """Count all of a module."""
        if file not in self.wholes:
            self.wholes.add(file)
            self.imports(file)
            module = self.read(file)
            self.follow(module.uses, module, file)

    def imports(self, file: Path) -> None:
        """Count what a module does when it is imported."""
        if file not in self.imported:
            self.imported.add(file)
            self.waiting.append(lambda: self._imports(file))

    def _imports(self, file: Path) -> None:
        module = self.read(file)
        if module.odd:
            self.whole(file)
        for name in module.eager:
            self.piece(file, name)
        for each in module.loads:
            self.load(each, file)

    def piece(self, file: Path, name: str) -> None:
        """Count what a module binds to a name."""
        self.imports(file)
        if (file, name) not in self.asked:
            self.asked.add((file, name))
            self.waiting.append(lambda: self._piece(file, name))

    def _piece(self, file: Path, name: str) -> None:
        if file in self.wholes:
            return
        module = self.read(file)
        bound = [each for each in module.imports if each.name == name]
        for each in bound:
            self.bound(each, (), file)
        if name in module.pieces:
            self.parts[file, name] = module.pieces[name].digest
            self.follow(module.pieces[name].uses, module, file)
        elif not bound and not self._submodules(file, name) and name not in _GIVEN:
            self.whole(file)  # bound in a way that is not understood

    def load(self, each: Import, file: Path | None) -> None:
        """Count what an import statement loads."""
        for module in self._modules(each, file):
            self._load(module)
            if each.attribute not in {"", "*"}:
                self._load(f"{module}.{each.attribute}", maybe=True)

    def _load(self, dotted: str, *, maybe: bool = False) -> None:
        parts = dotted.split(".")
        for end in range(1, len(parts) + 1):
            for found in self.finder.find(".".join(parts[:end])):
                self.imports(found)
        if not maybe and parts[0] and not self.finder.find(parts[0]):
            self.libraries.add(parts[0])
            self._watch_library(dotted)

    def _watch_library(self, dotted: str) -> None:
        self.by_name |= dotted.startswith(("inspect", "pkgutil", "runpy", "unittest.mock"))

    def _follow(self, uses: Uses, module: Module, file: Path | None) -> None:
        self.environ |= uses.environ
        self.named |= uses.files
        self.by_name |= uses.by_name
        scope: dict[str, set[Import]] = {}
        for each in (*uses.imports, *module.imports):
            scope.setdefault(each.name, set()).add(each)
        for each in uses.imports:
            self.load(each, file)
            if each.attribute:  # what is taken by name is taken to be used, if it is no module
                self.bound(each, (), file, taken=True)
        for chain in (*uses.chains, *((word,) for word in uses.words)):
            for each in scope.get(chain[0], ()):
                self.bound(each, chain[1:], file)
            if file is not None and chain[0] in module.pieces:
                self.piece(file, chain[0])

    def bound(
        self, each: Import, rest: tuple[str, ...], file: Path | None, *, taken: bool = False
    ) -> None:
        """Count what a name that an import binds stands for, with the attributes that follow."""
        for module in self._modules(each, file):
            if each.attribute == "*":
                self._star(module)
            else:
                path = (each.attribute, *rest) if each.attribute else rest
                # The name of ``import a.b`` stands for ``a``.
                named = module if each.attribute or each.level else each.module
                self._attribute(named, path, taken=taken)

    def _attribute(self, dotted: str, path: tuple[str, ...], *, taken: bool) -> None:
        """Count something of a module; all of it if no attribute follows where it is used."""
        while path and self.finder.is_own(dotted.split(".", 1)[0]):
            for file in self.finder.find(dotted):
                self.piece(file, path[0])
            if not self.finder.is_module(f"{dotted}.{path[0]}"):
                return
            dotted, path = f"{dotted}.{path[0]}", path[1:]
        if self.finder.is_own(dotted.split(".", 1)[0]):
            for file in self.finder.find(dotted):
                if taken:
                    self.imports(file)
                else:
                    self.whole(file)
            return
        full = ".".join([dotted, *path])
        top, last = full.split(".", 1)[0], full.rsplit(".", 1)[-1]
        unpickles = last in _UNPICKLING and (top in _UNPICKLERS or last == "read_pickle")
        self.by_name |= unpickles or full.startswith(_BY_NAME)

    def _star(self, dotted: str) -> None:
        for file in self.finder.find(dotted):
            self.whole(file)
            if file.name == _PACKAGE:  # ``__all__`` may name modules that the star imports
                for name in self.read(file).uses.words:
                    self._load(f"{dotted}.{name}", maybe=True)

    def _modules(self, each: Import, file: Path | None) -> list[str]:
        """Return the modules that an import may mean, dotted."""
        if each.level == 0:
            return [each.imports or each.module]
        starts = [] if file is None else self.finder.package_of(file, each.level)
        return [".".join(filter(None, (start, each.module))) for start in starts]

    def _submodules(self, file: Path, name: str) -> bool:
        """Whether a name of a package is one of its modules."""
        if file.name != _PACKAGE:
            return False
        folder = file.parent
        return (folder / f"{name}.py").is_file() or (folder / name).is_dir()


def _names_in(package: Path) -> str:
    """Digest the names of a package's modules."""
    names = sorted(path.name for path in package.iterdir() if path.suffix == ".py" or path.is_dir())
    kept = [name for name in names if not name.startswith((".", "__pycache__"))]
    return hashlib.sha256("\0".join(kept).encode(errors="surrogateescape")).hexdigest()
