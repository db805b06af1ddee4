"""Hooks into an IPython shell and writes down what each cell did, one line of JSON a cell."""

from __future__ import annotations

import os
import re
import sys
import time
import types
from typing import TYPE_CHECKING, Any, Callable, NamedTuple

from . import library, patches
from .definitions import class_name
from .loaded import AfterLoading
from .names import RESTLESS, Names, same_objects
from .own import OwnModules
from .streams import Entropy, stream_states
from .watch import EnvironReads, Readers, Watch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .report import Channel

_CLOCK, _CPU = time.perf_counter, time.process_time
_WORDS = re.compile(r"[^\W\d]\w*")
HISTORY = re.compile(r"_(_{0,2}|\d+|i{1,3}|i\d+|ih|oh|dh|exit_code)|In|Out|__\w+__")
_QUIET = ("ignore", None, Warning, None, 0)


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
        self._beside: set[str] = set()
        self._own = OwnModules()
        self.names = Names(self._own)
        self._watch = Watch(places.ignored, places.before_write)
        self._entropy, self._readers = Entropy(), Readers(self._watch)
        self._depth = 0
        self._states: dict[str, _State] = {}
        self._modules: set[str] = set()
        self._before: dict[str, Any] = {}

    def start(self) -> None:
        """Observe from the next cell on."""
        loading = AfterLoading("numpy.random", _NUMPY_RANDOM, self._numpy_loaded)
        self._watch.start([loading.about_to_import, lambda _: self._readers.wrap_loaded()])
        if self._whole:
            self._watch_environ()
            self._new_modules()
            self._before = {"settings": library.settings(self._shell)}
        self._before["streams"] = stream_states()
        self._shell.events.register("pre_run_cell", self._pre)
        self._shell.events.register("post_run_cell", self._post)

    def _watch_environ(self) -> None:
        environ: Any = os.environ
        data = EnvironReads(environ._data).attach(self._watch, self._is_own_frame)
        environ._data = data
        as_bytes: Any = getattr(os, "environb", None)  # the same variables, where there are such
        if as_bytes is not None:
            as_bytes._data = data

    def _pre(self, info: Any) -> None:
        self._depth += 1
        if self._depth > 1:  # a cell that runs cells is one cell
            return
        self._readers.wrap_loaded()
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
            with Quietly():
                self._look(report)
        except BaseException as error:  # an interrupt, when this takes too long, among them
            report.update(self._nothing_known(f"{type(error).__name__}: {error}"))
        report["observing"] = _CLOCK() - clock
        self.channel.send({"phase": "done", "report": report})

    def _nothing_known(self, why: str) -> dict[str, Any]:
        """Return a report that nothing can be concluded from, where looking itself has failed."""
        now = self.visible() if self._whole else {}
        values = {
            name: {"type": class_name(type(value)), "digest": None, "size": 0, "opaque": why}
            for name, value in now.items()
        }
        bound = now.keys() - self.names.known.keys()
        return {"failed": why, "bound": bound, "changed": now.keys(), "values": values}

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
            files_read=self._watch.read | self._watch.loaded,
            files_written=self._watch.changed(),
            environ_read=self._watch.environ,
            network=self._watch.network,
            subprocess=self._watch.subprocess,
            imports=_tops(new),
            library=settings,
            entropy=self._entropy.take(),
        )
        self._before["settings"] = after

    def _numpy_loaded(self) -> None:
        """Note the state of numpy's stream before anything is drawn, and watch its generators."""
        for name, state in stream_states().items():
            self._before["streams"].setdefault(name, state)
        if self._whole:
            self._entropy.watch()

    def visible(self) -> dict[str, Any]:
        """Return the user's names, and for each module of the user's one that stands for it."""
        hidden = self._hidden
        now = {
            name: value
            for name, value in list(self._shell.user_ns.items())
            if isinstance(name, str)
            and not (name in hidden and hidden[name] is value)
            and not HISTORY.fullmatch(name)
        }
        for name in self._beside:
            module = sys.modules.get(name)
            if module is not None:
                state = self._states.setdefault(name, _State())
                state.refresh(module)
                now[f"<module:{name}>"] = state
        return now

    def final(self) -> None:
        """Report what all names stand at, and which changed without being seen."""
        before = {name: known.facts["digest"] for name, known in self.names.known.items()}
        with Quietly():
            now = self.visible()
            self.names.look(now, now.keys())
        values = {
            name: known.facts
            for name, known in self.names.known.items()
            if not name.startswith("<")  # what stands for a module is no name of the user's
        }
        unseen = [
            name
            for name, digest in before.items()
            if name in values
            and digest is not None
            and digest != values[name]["digest"]
            and values[name]["opaque"] != RESTLESS
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
                self._beside.add(name)
            if name in self._own:
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


_NUMPY_RANDOM = tuple(f"numpy.random.{name}" for name in ("bit_generator", "mtrand", "_generator"))
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


class Quietly:
    """Keeps warnings of ours away, without a trace in what ``warnings`` remembers of the user's.

    ``warnings.catch_warnings`` would make it forget which warnings were shown already.
    """

    def __enter__(self) -> None:
        """Put a filter before all others."""
        self._filters: Any = sys.modules["warnings"].filters
        if isinstance(self._filters, list):  # unless the user has replaced them
            self._filters.insert(0, _QUIET)

    def __exit__(self, *_: object) -> None:
        """Take it away again."""
        if isinstance(self._filters, list) and self._filters[:1] == [_QUIET]:
            del self._filters[0]


def _tops(modules: Iterable[str]) -> list[str]:
    """Return new modules, without those whose package is new itself."""
    new = set(modules)
    return sorted(name for name in new if name.rpartition(".")[0] not in new)
