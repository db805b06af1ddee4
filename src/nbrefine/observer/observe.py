"""Hooks into an IPython shell and writes down what each cell did, one line of JSON a cell."""

from __future__ import annotations

import json
import os
import re
import sys
import time
import types
from typing import TYPE_CHECKING, Any, Callable, NamedTuple

from . import library, patches, stored
from .names import Names, same_objects
from .protect import Protection
from .streams import Entropy, stream_states
from .watch import EnvironReads, Readers, Watch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_CLOCK, _CPU = time.perf_counter, time.process_time
_WORDS = re.compile(r"[^\W\d]\w*")
_HISTORY = re.compile(r"_(_{0,2}|\d+|i{1,3}|i\d+|ih|oh|dh|exit_code)|In|Out|__\w+__")
_QUIET = ("ignore", None, Warning, None, 0)


class Channel:
    """The file that the observer reports to; what it needs is bound before the user can patch it.

    Parameters
    ----------
    path
        An existing file.
    """

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND)
        self._encode: Callable[[Any], str] = json.JSONEncoder(default=_listed).encode
        self._write = os.write

    def send(self, message: Mapping[str, Any]) -> None:
        """Write one line."""
        data = (self._encode(message) + "\n").encode()
        while data:
            data = data[self._write(self._file, data) :]


def _listed(value: Any) -> Any:
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return str(value)


class Places(NamedTuple):
    """Where things lie.

    Parameters
    ----------
    folder
        Modules whose files lie below it are the user's own.
    ignored
        Folders whose files say nothing.
    before_write
        Called with a path before it is opened for writing.
    """

    folder: str
    ignored: list[str]
    before_write: Callable[[str], None]


class Observer:
    """Observes a shell, cell by cell.

    Parameters
    ----------
    shell
        The IPython shell.
    channel
        Where to report to.
    places
        Where things lie.
    whole
        Whether to look at everything, or at time and random streams alone.
    """

    def __init__(self, shell: Any, channel: Channel, places: Places, *, whole: bool) -> None:
        self._shell, self.channel, self._whole = shell, channel, whole
        self._folder = places.folder
        self._hidden = dict(shell.user_ns)
        self._own: set[str] = {"__main__"}
        self.names = Names(self._own)
        self._watch = Watch(places.ignored, places.before_write)
        self._entropy, self._readers = Entropy(), Readers(self._watch)
        self._depth = 0
        self._states: dict[str, _State] = {}
        self._modules: set[str] = set()
        self._before: dict[str, Any] = {}

    def start(self) -> None:
        """Hook into the shell; from the next cell on it is observed."""
        loaded = [self._entropy.watch] if self._whole else []
        self._watch.start([*loaded, self._readers.wrap_loaded, self._first_state])
        if self._whole:
            data = EnvironReads(os.environ._data).attach(self._watch, self._is_own_frame)
            for environ in (os.environ, getattr(os, "environb", None)):
                if environ is not None:
                    environ._data = data
            self._new_modules()
            self._before = {"settings": library.settings(self._shell)}
        self._before["streams"] = stream_states()
        self._shell.events.register("pre_run_cell", self._pre)
        self._shell.events.register("post_run_cell", self._post)

    def _pre(self, info: Any) -> None:
        self._depth += 1
        if self._depth > 1:  # a cell that runs cells is one cell
            return
        words = set(_WORDS.findall(info.raw_cell))
        self._before["words"] = words
        if self._whole:
            self._before["attributes"] = patches.attributes_of(self._shell.user_ns, words)
            self._watch.clear()
        self.channel.send({"phase": "running"})
        self._before["clock"], self._before["cpu"] = _CLOCK(), _CPU()
        self._watch.on = True

    def _post(self, _: Any) -> None:
        self._depth -= 1
        if self._depth:
            return
        clock, cpu = _CLOCK(), _CPU()
        self._watch.on = False
        self.channel.send({"phase": "observing"})
        report: dict[str, Any] = {
            "seconds": clock - self._before["clock"],
            "cpu": cpu - self._before["cpu"],
        }
        try:
            with _Quietly():
                self._look(report)
        except BaseException as error:  # an interrupt, when this takes too long, among them
            report["failed"] = f"{type(error).__name__}: {error}"
        report["observing"] = _CLOCK() - clock
        self.channel.send({"phase": "done", "report": report})

    def _look(self, report: dict[str, Any]) -> None:
        streams = stream_states()
        report["streams_before"], report["streams"] = self._before["streams"], streams
        self._before["streams"] = streams
        if not self._whole:
            return
        new = self._new_modules()
        now = self.visible()
        report["names"] = sorted(now)
        stand_ins = {name for name in now if name.startswith("<")}
        bound, changed, gone = self.names.look(now, self._before["words"] | stand_ins)
        known = self.names.known
        after = library.settings(self._shell)
        settings = library.changed_settings(self._before["settings"], after)
        attributes = patches.attributes_of(self._shell.user_ns, self._before["words"])
        patched = patches.patched(self._before["attributes"], attributes)
        if patched:
            settings["module-attributes"] = patched
        report.update(
            bound=bound,
            changed=changed,
            removed=gone,
            values={name: known[name].facts for name in sorted((bound | changed) & known.keys())},
            aliases=[sorted(group) for group in self.names.aliases()],
            same_object=[sorted(group) for group in same_objects(now)],
            files_read=self._watch.read,
            files_written=self._watch.written,
            environ_read=self._watch.environ,
            network=self._watch.network,
            subprocess=self._watch.subprocess,
            imports=_tops(new),
            library=settings,
            entropy=self._entropy.take(),
        )
        self._before["settings"] = after

    def _first_state(self) -> None:
        """Note the state of numpy's stream when numpy is new, before anything is drawn."""
        if "numpy" not in self._before["streams"] and "numpy.random.mtrand" in sys.modules:
            for name, state in stream_states().items():
                self._before["streams"].setdefault(name, state)

    def visible(self) -> dict[str, Any]:
        """Return the user's names, and for each module of the user's one that stands for it."""
        hidden = self._hidden
        now = {
            name: value
            for name, value in list(self._shell.user_ns.items())
            if isinstance(name, str)
            and not (name in hidden and hidden[name] is value)
            and not _HISTORY.fullmatch(name)
        }
        for name in self._own - {"__main__"}:
            module = sys.modules.get(name)
            if module is not None:
                state = self._states.setdefault(name, _State())
                state.refresh(module)
                now[f"<module:{name}>"] = state
        return now

    def final(self) -> None:
        """Report what all names stand at, and which changed without being seen."""
        before = {name: known.facts["digest"] for name, known in self.names.known.items()}
        with _Quietly():
            now = self.visible()
            self.names.look(now, now.keys())
        values = {name: known.facts for name, known in self.names.known.items()}
        unseen = [
            name
            for name, digest in before.items()
            if name in values and digest is not None and digest != values[name]["digest"]
        ]
        self.channel.send({"final": values, "unseen": sorted(unseen) if self._whole else []})

    def _new_modules(self) -> list[str]:
        """Learn what was imported since: which modules are the user's, and what libraries keep."""
        new = [name for name in list(sys.modules) if name not in self._modules]
        self._modules.update(new)
        for name in new:
            module = sys.modules.get(name)
            if not isinstance(module, types.ModuleType) or name in _NOT_LIBRARIES:
                continue
            if self._is_own_file(getattr(module, "__file__", None)):
                self._own.add(name)
                continue
            for value in list(vars(module).values()):
                if type(value) not in _NEVER_SHARED:
                    self.names.constants[id(value)] = value
        return new

    def _is_own_file(self, file: Any) -> bool:
        return (
            isinstance(file, str)
            and os.path.isabs(file)
            and os.path.normpath(file).startswith(self._folder + os.sep)
            and f"{os.sep}site-packages{os.sep}" not in file
        )

    def _is_own_frame(self, frame: Any) -> bool:
        own = frame.f_globals is self._shell.user_ns
        return own or self._is_own_file(frame.f_code.co_filename)


_NOT_LIBRARIES = frozenset({"__main__", "builtins", "sys", "_nbrefine_observer"})
_NEVER_SHARED = frozenset(
    {
        int, float, str, bool, bytes, type(None), type, tuple,
        types.ModuleType, types.FunctionType, types.BuiltinFunctionType,
    }
)  # fmt: skip


class _State:
    """Stands for the state of a module of the user's: what its functions keep in its globals."""

    def refresh(self, module: types.ModuleType) -> None:
        """Take over what the module holds now."""
        self.__dict__.clear()
        for key, value in list(vars(module).items()):
            elsewhere = getattr(value, "__module__", module.__name__) != module.__name__
            code = isinstance(value, (type, types.FunctionType)) and elsewhere
            if not (key.startswith("__") or isinstance(value, types.ModuleType) or code):
                self.__dict__[key] = value


_State.__module__ = "__main__"  # its attributes are the user's, none is a library's cache


class _Quietly:
    """Keeps warnings of ours away, without a trace in what ``warnings`` remembers of the user's.

    ``warnings.catch_warnings`` would make it forget which warnings were shown already.
    """

    def __enter__(self) -> None:
        self._filters: list[Any] = sys.modules["warnings"].filters
        self._filters.insert(0, _QUIET)

    def __exit__(self, *_: object) -> None:
        if self._filters and self._filters[0] is _QUIET:
            del self._filters[0]


def _tops(modules: Iterable[str]) -> list[str]:
    """Return new modules, without those whose package is new itself."""
    new = set(modules)
    return sorted(name for name in new if name.rpartition(".")[0] not in new)


def start(path: str, folder: str, backup: str, free: Iterable[str], *, whole: bool) -> None:
    """Start to observe the shell that this runs in.

    Parameters
    ----------
    path
        File to report to.
    folder
        Root of the shadow that the notebook runs in.
    backup
        Folder for copies of what the notebook overwrites elsewhere.
    free
        Folders in which it may do as it likes.
    whole
        Whether to look at everything, or at time and random streams alone.
    """
    global _observer  # noqa: PLW0603  (there is one in a kernel)
    protection = Protection(folder, backup, free)
    channel = Channel(path)
    places = Places(folder, _ignored(), protection.before_write)
    _observer = Observer(sys.modules["IPython"].get_ipython(), channel, places, whole=whole)
    with _Quietly():
        _observer.start()


_observer: Observer | None = None


def final() -> None:
    """Report what all names stand at."""
    if _observer is not None:
        _observer.final()


def snapshot(path: str) -> None:
    """Write the facts of all names of this kernel to a file, without having observed it."""
    shell = sys.modules["IPython"].get_ipython()
    names = Names({"__main__"})
    hidden = shell.user_ns_hidden
    now = {
        name: value
        for name, value in list(shell.user_ns.items())
        if name not in hidden and not _HISTORY.fullmatch(name)
    }
    with _Quietly():
        names.look(now, now.keys())
    with open(path, "w", encoding="utf-8") as file:
        json.dump({name: known.facts for name, known in names.known.items()}, file)


def python() -> None:
    """Report the interpreter, and which distributions the loaded modules came with."""
    if _observer is not None:
        _observer.channel.send({"python": interpreter()})


def interpreter() -> dict[str, Any]:
    """Return what a recording keeps of the interpreter."""
    import importlib.metadata  # noqa: PLC0415  (not before the notebook has ended)

    loaded = {name.partition(".")[0] for name in list(sys.modules)}
    modules, packages = {}, {}
    for distribution in importlib.metadata.distributions():
        try:
            name = distribution.metadata["Name"]
            provided = _provided(distribution) & loaded
        except Exception:  # metadata that cannot be read
            continue
        if provided and name:
            modules.update(dict.fromkeys(sorted(provided), name))
            packages[name] = distribution.version
    version = ".".join(str(part) for part in sys.version_info[:3])
    return {
        "executable": sys.executable,
        "version": version,
        "packages": dict(sorted(packages.items())),
        "modules": dict(sorted(modules.items())),
    }


def _provided(distribution: Any) -> set[str]:
    """Return the top-level modules that a distribution brings."""
    told = distribution.read_text("top_level.txt")
    if told:
        return {line.partition("/")[0] for line in told.split()}
    return {
        str(file).partition("/")[0].partition(".")[0]
        for file in distribution.files or ()
        if str(file).endswith((".py", ".so", ".pyd"))
    }


def store(path: str, groups: list[list[str]], formats: stored.Formats) -> None:
    """Write groups of names in the formats that may do, and a report about it to a file."""
    stem = os.path.splitext(path)[0]
    with _Quietly():
        said = stored.store(groups, stem, formats)
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"groups": said, "path": [os.path.abspath(entry) for entry in sys.path]}, file)


def _ignored() -> list[str]:
    """Return the folders whose files say nothing: the installation, settings, caches."""
    prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix}
    inside = [os.path.join(p, part) for p in prefixes for part in ("lib", "share", "etc", "bin")]
    home = os.path.expanduser("~")
    hidden = [".cache", ".config", ".ipython", ".jupyter", ".local", ".matplotlib", ".conda"]
    found = [*inside, *(os.path.join(home, name) for name in hidden)]
    found += ["/proc", "/sys", "/dev", "/etc", "/usr"]
    return [os.path.realpath(folder) + os.sep for folder in found] + [f + os.sep for f in found]
