"""Files, environment variables, connections and processes, as the notebook's cells use them."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
from importlib.util import source_from_cache
from typing import TYPE_CHECKING, Any, Callable

if TYPE_CHECKING:
    from collections.abc import Iterable

_PROCESSES = (
    "subprocess.Popen",
    *(f"os.{name}" for name in ("system", "exec", "spawn", "posix_spawn", "fork", "forkpty")),
)
# Libraries ask these how many cores, or which fonts, there are.
_ABOUT_THE_MACHINE = frozenset({"lscpu", "uname", "ldconfig", "nproc", "sysctl", "fc-list"})
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Watch:
    """Collects what the audit events of a cell say.

    Parameters
    ----------
    ignored
        Folders whose files say nothing: the installation, caches.
    before_write
        Called with a path before it is opened for writing.
    """

    def __init__(self, ignored: Iterable[str], before_write: Callable[[str], None]) -> None:
        self.on = False
        self.read: set[str] = set()
        self.written: set[str] = set()
        self.listed: set[str] = set()
        self.loaded: set[str] = set()
        self._before: dict[str, Any] = {}
        self._databases: dict[str, Any] = {}
        self.network = self.subprocess = False
        self.environ: set[str] = set()
        self._ignored = tuple(ignored)
        self._before_write = before_write
        self._on_import: list[Callable[[str], None]] = []
        self._events: dict[str, Callable[[Any], None]] = {
            "open": self._opened,
            "sqlite3.connect": self._database,
            "os.rename": self._moved,
            "os.remove": lambda args: self.wrote(args[0]),
            "os.listdir": self._listed,
            "os.scandir": self._listed,
            "os.truncate": lambda args: self.wrote(args[0]),
            "shutil.copyfile": self._copied,
            "import": self._imported,
            "socket.connect": self._connected,
            "socket.getaddrinfo": self._resolved,
            **dict.fromkeys(_PROCESSES, self._spawned),
        }

    def start(self, on_import: list[Callable[[str], None]]) -> None:
        """Listen from now on; what cannot be taken back does nothing while `on` is false.

        Parameters
        ----------
        on_import
            Called with the name of whatever is about to be imported.
        """
        self._on_import = on_import
        events = self._events

        def hook(event: str, args: Any) -> None:
            handle = events.get(event)
            if handle is not None and self.on:
                handle(args)

        sys.addaudithook(hook)

    def clear(self) -> None:
        """Forget what was seen, for the next cell."""
        self.read, self.written, self.environ, self.listed = set(), set(), set(), set()
        self.loaded = set()
        self.network = self.subprocess = False

    def saw(self, path: Any) -> None:
        """Note that a file is read; what the cell has written itself says nothing of before."""
        full = self._full(path)
        if full is not None and full not in self.written and os.path.isfile(full):
            self.read.add(full)

    def wrote(self, path: Any, *, reads: bool = False) -> None:
        """Note that a file is about to be written."""
        full = self._full(path)
        if full is None:
            return
        if reads and full not in self.written and os.path.isfile(full):
            self.read.add(full)
            self._before.setdefault(full, _stamp(full))
        self.written.add(full)
        self._protect(full)

    def changed(self) -> set[str]:
        """Return the files that were written: of databases that are open, those that changed."""
        stamps = {path: _stamp(path) for path in self._databases}
        changed = {path for path, stamp in stamps.items() if stamp != self._databases[path]}
        self._databases = stamps
        return self.written | changed

    def only_read(self) -> set[str]:
        """Return the files that were opened to be written, and are as they were."""
        return {path for path, stamp in self._before.items() if _stamp(path) == stamp}

    def _protect(self, full: str) -> None:
        self.on = False  # what is opened now is opened by us
        try:
            self._before_write(full)
        finally:
            self.on = True

    def _database(self, args: Any) -> None:
        """Note a database: any cell may write to it later, and most only ask."""
        full = self._full(args[0])
        if full is not None:
            self.saw(full)
            self._protect(full)  # that may put a copy in its place
            self._databases.setdefault(full, _stamp(full))

    def _opened(self, args: Any) -> None:
        path, _, flags = args
        if isinstance(flags, int) and flags & _WRITING:
            self.wrote(path, reads=not flags & os.O_TRUNC)  # what was there stays part of it
        elif _is_import(sys._getframe(2)):  # the hook's frame is ours
            self._imports(path)
        else:
            self.saw(path)

    def _imports(self, path: str) -> None:
        """Note a module's source, whether it is compiled now or was before."""
        compiled = path if path.endswith(".pyc") else ""
        with contextlib.suppress(ValueError, NotImplementedError):
            path = source_from_cache(path) if compiled else path
        if (full := self._full(path)) is not None:
            self.loaded.add(full)
            if compiled:
                self._drop_if_older(compiled, full)

    def _drop_if_older(self, compiled: str, source: str) -> None:
        """Remove byte code that is older than its source: Python compares whole seconds and sizes.

        It would run what the source said before an edit of the same length in the same second.
        """
        self.on = False  # what is removed is removed by us
        with contextlib.suppress(OSError):
            if os.stat(compiled).st_mtime_ns <= os.stat(source).st_mtime_ns:
                os.unlink(compiled)
        self.on = True

    def _moved(self, args: Any) -> None:
        self.saw(args[0])
        self.wrote(args[1])

    def _listed(self, args: Any) -> None:
        # Python itself looks through the folders of the import path; the hook's frame is ours.
        asks = sys._getframe(2).f_code.co_filename
        if any(name in asks for name in ("importlib", "pkgutil", "pkg_resources")):
            return
        full = self._full("." if args[0] is None else args[0])
        if full is not None and os.path.isdir(full):
            self.listed.add(full)

    def _copied(self, args: Any) -> None:
        self.saw(args[0])
        self.wrote(args[1])

    def _imported(self, args: Any) -> None:
        for call in self._on_import:
            with contextlib.suppress(Exception):  # what we miss must not be the user's trouble
                call(args[0])

    def _connected(self, args: Any) -> None:
        if isinstance(args[1], tuple):  # a path is a socket of this machine
            self.network = True

    def _resolved(self, args: Any) -> None:
        if args[0] not in (None, "", "localhost", "127.0.0.1", "::1"):
            self.network = True

    def _spawned(self, args: Any) -> None:
        program = os.path.basename(str(args[0] if args else ""))
        self.subprocess = self.subprocess or program not in _ABOUT_THE_MACHINE

    def _full(self, path: Any) -> Any:
        """Return an absolute path, or None if it says nothing."""
        try:
            text = os.fsdecode(path) if not isinstance(path, int) else ""
        except TypeError:
            return None
        if not text or text == ":memory:" or text.startswith("file:"):
            return None
        full = os.path.abspath(text)
        if full.startswith(self._ignored) or "__pycache__" in full:
            return None
        return full


def _is_import(frame: Any) -> bool:
    """Return whether a file is opened to get a module's code; packages also get data that way."""
    code, asks = frame.f_code, frame.f_back
    return (
        code.co_filename == "<frozen importlib._bootstrap_external>"
        and code.co_name == "get_data"
        and asks is not None
        and asks.f_code.co_name == "get_code"
    )


def _stamp(path: str) -> Any:
    """Return what is another one when a file was written to; None if it is gone."""
    with contextlib.suppress(OSError):
        stat = os.stat(path)
        return stat.st_mtime_ns, stat.st_size, stat.st_ino
    return None


class EnvironReads(dict[Any, Any]):
    """Stands in for what ``os.environ`` keeps its variables in, and notes who asks.

    Only what the notebook's own code, or a module beside it, asks for counts: libraries ask all
    the time.
    """

    def attach(self, watch: Watch, own: Callable[[Any], bool]) -> EnvironReads:
        """Say where to note what, and which code is the notebook's own."""
        self._watch, self._own = watch, own
        return self

    def __getitem__(self, key: Any) -> Any:
        """Note the key, if it is the notebook's own code that asks."""
        if self._watch.on:
            frame: Any = sys._getframe(1)
            while frame is not None and frame.f_code.co_filename in _BETWEEN:
                frame = frame.f_back
            if frame is not None and self._own(frame):
                self._watch.environ.add(os.fsdecode(key))
        return super().__getitem__(key)


_BETWEEN = frozenset({os.__file__, "<frozen os>", "<frozen _collections_abc>"})


_PATHS = (
    "path", "source", "where", "file", "name", "dest", "path_or_paths", "root_path", "base_dir",
    "input_file", "output_file",
)  # fmt: skip
"""What a path is called where it is given by name."""

_KEEPING = frozenset({"r", "r+", "a"})
"""Modes that leave what is in a file."""


class Readers:
    """Wraps readers and writers of pyarrow, polars and h5py: they open files behind Python's back.

    Where the kernel of the system tells of each opening, it does so for all other libraries too.
    """

    # Module, class, attribute, position of the path, whether it writes; None where its mode says.
    _ENTRIES: tuple[tuple[str, str, str, int, Any], ...] = (
        ("pyarrow", "", "memory_map", 0, None),
        ("h5py._hl.files", "File", "__init__", 1, None),
        *(
            ("polars", "", f"{verb}_{kind}", 0, False)
            for verb in ("read", "scan")
            for kind in ("csv", "parquet", "ipc", "json", "ndjson")
        ),
        *(
            ("polars", frame, f"{verb}_{kind}", 1, True)
            for frame, verb in (("DataFrame", "write"), ("LazyFrame", "sink"))
            for kind in ("csv", "parquet", "ipc", "json", "ndjson")
        ),
        ("pyarrow.parquet.core", "ParquetFile", "__init__", 1, False),
        ("pyarrow.parquet.core", "ParquetDataset", "__init__", 1, False),
        ("pyarrow.parquet.core", "ParquetWriter", "__init__", 1, True),
        ("pyarrow.parquet.core", "", "write_table", 1, True),
        ("pyarrow.parquet", "", "write_table", 1, True),
        ("pyarrow.parquet", "", "write_to_dataset", 1, True),
        ("pandas.io.parquet", "PyArrowImpl", "read", 1, False),
        ("pandas.io.parquet", "PyArrowImpl", "write", 2, True),
        ("pyarrow.feather", "", "read_table", 0, False),
        ("pyarrow.feather", "", "read_feather", 0, False),
        ("pyarrow.feather", "", "write_feather", 1, True),
        ("pyarrow.csv", "", "read_csv", 0, False),
        ("pyarrow.csv", "", "open_csv", 0, False),
        ("pyarrow.csv", "", "write_csv", 1, True),
        ("pyarrow.json", "", "read_json", 0, False),
        ("pyarrow.dataset", "", "dataset", 0, False),
        ("pyarrow.dataset", "", "write_dataset", 1, True),
        ("pyarrow.orc", "", "read_table", 0, False),
        ("pyarrow.orc", "", "write_table", 1, True),
    )

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._left = list(self._ENTRIES)

    def wrap_loaded(self) -> None:
        """Wrap what has been loaded since."""
        for entry in list(self._left):
            module, kind, name, position, writes = entry
            holder: Any = vars(sys.modules[module]) if module in sys.modules else {}
            holder = holder.get(kind) if kind else sys.modules.get(module)
            method = None if holder is None else getattr(holder, name, None)
            if method is not None:
                self._left.remove(entry)
                setattr(holder, name, self._wrapped(method, position, writes=writes))

    def _wrapped(self, method: Callable[..., Any], position: int, *, writes: Any) -> Any:
        @functools.wraps(method)
        def call(*args: Any, **kwargs: Any) -> Any:
            named = (kwargs[name] for name in _PATHS if name in kwargs)
            first = args[position] if len(args) > position else next(named, None)
            behind = args[position + 1 : position + 2]
            mode = str(behind[0] if behind else kwargs.get("mode", "r"))
            for path in first if isinstance(first, (list, tuple)) else [first]:
                if writes is None:
                    self._note(path, writes=mode != "r", reads=mode in _KEEPING)
                else:
                    self._note(path, writes=writes, reads=not writes)
            return method(*args, **kwargs)

        return call

    def _note(self, path: Any, *, writes: bool, reads: bool) -> None:
        if not self._watch.on or not isinstance(path, (str, bytes, os.PathLike)):
            return
        if writes:
            self._watch.wrote(path, reads=reads)
        elif os.path.isdir(path):
            for folder, _, files in os.walk(os.fsdecode(path)):
                for file in files:
                    self._watch.saw(os.path.join(folder, file))
        else:
            self._watch.saw(path)
