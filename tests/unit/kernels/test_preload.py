"""What was imported ahead of time is out of sight until it is asked for, and then as if loaded."""

from __future__ import annotations

import importlib
import importlib.util
import os
import random
import sys
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nbrefine.observer.effects import random_states
from nbrefine.observer.hidden import Hidden
from nbrefine.observer.preload import Preload
from nbrefine.observer.stand_in import StandInStream

_MODULES = {
    "ahead_low": "import os\nMODE = os.environ.get('AHEAD_MODE', 'plain')\n",
    "ahead_top/__init__": (
        "import os, warnings\nfrom . import near\nfrom ahead_low import MODE\n"
        "warnings.filterwarnings('ignore', message='ahead')\n"
        "os.environ.setdefault('AHEAD_SET', 'yes')\n"
    ),
    "ahead_top/near": "",
    "ahead_top/far": "from . import near\n",
    "ahead_top/draws": "import random\nSEED = random.getrandbits(8)\n",
    "ahead_tries": "try:\n    import ahead_fails\nexcept ZeroDivisionError:\n    pass\n",
    "ahead_fails": "import ahead_low\n1 / 0\n",
    "ahead_else": "import os\nMODE = os.environ.get('AHEAD_OTHER')\n",
}


class RefusedError(Exception):
    """A kernel that is started cold is needed."""


@pytest.fixture
def libraries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of modules on the import path; the process is as it was afterwards."""
    for name, text in _MODULES.items():
        file = tmp_path / "lib" / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path / "lib")])
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])
    monkeypatch.setattr(os, "environ", os.environ)
    monkeypatch.delenv("AHEAD_SET", raising=False)
    importlib.invalidate_caches()
    with warnings.catch_warnings():
        yield tmp_path
    for name in [each for each in sys.modules if each.startswith("ahead_")]:
        del sys.modules[name]
    os.environ.pop("AHEAD_SET", None)


@pytest.fixture
def hidden(libraries: Path) -> Callable[..., Hidden]:
    """Import modules ahead of time and hide them, as a zygote and its kernel do."""

    def hide(*names: str) -> Hidden:
        assert str(libraries / "lib") in sys.path
        before = dict(os.environ)
        preload = Preload()
        assert [*preload.importing(names, str)] == [*names]
        os.environ.pop("AHEAD_SET", None)

        def refuse(why: str) -> None:
            raise RefusedError(why)

        made = Hidden(preload, (), refuse)
        made.hide()
        made.begin(before)
        return made

    return hide


def _ignores_ahead() -> bool:
    return any(each[1] is not None and each[1].pattern == "ahead" for each in warnings.filters)


def test_a_hidden_module_is_not_there(hidden: Callable[..., Hidden]) -> None:
    """Neither it, nor its filters of warnings, nor what it set in the environment."""
    hidden("ahead_top")
    assert not [name for name in sys.modules if name.startswith("ahead_")]
    assert not _ignores_ahead()


def test_an_import_brings_it_back_with_all_that_came_with_it(hidden: Callable[..., Hidden]) -> None:
    """Modules, filters in front, and variables, but not what others had loaded beside it."""
    hidden("ahead_top.far")
    top = importlib.import_module("ahead_top")
    assert top.MODE == "plain"
    assert sys.modules["ahead_low"].MODE == "plain"
    assert warnings.filters[0][1] is not None
    assert warnings.filters[0][1].pattern == "ahead"
    assert os.environ["AHEAD_SET"] == "yes"
    assert top.near is sys.modules["ahead_top.near"]
    assert "ahead_top.far" not in sys.modules
    assert not hasattr(top, "far")
    far = importlib.import_module("ahead_top.far")
    assert top.far is far
    assert far.near is top.near


def test_a_part_comes_alone(hidden: Callable[..., Hidden]) -> None:
    """What needs nothing else brings nothing else."""
    hidden("ahead_top")
    importlib.import_module("ahead_low")
    assert "ahead_top" not in sys.modules
    assert not _ignores_ahead()


def test_what_is_looked_for_is_found_where_it_is(hidden: Callable[..., Hidden]) -> None:
    """Looking for a module loads nothing, and says where it lies."""
    hidden("ahead_top")
    spec = importlib.util.find_spec("ahead_top")
    assert spec is not None
    assert spec.origin is not None
    assert spec.origin.endswith("__init__.py")
    assert spec.submodule_search_locations
    assert "ahead_top" not in sys.modules


def test_what_a_module_that_fails_had_brought_comes_with_who_tried(
    hidden: Callable[..., Hidden],
) -> None:
    """It is loaded, though the one that failed is not."""
    hidden("ahead_tries")
    importlib.import_module("ahead_tries")
    assert "ahead_low" in sys.modules
    assert "ahead_fails" not in sys.modules


def test_threads_may_import_at_the_same_time(hidden: Callable[..., Hidden]) -> None:
    """Each gets whole modules."""
    hidden("ahead_top.far", "ahead_tries")
    names = ["ahead_top.far", "ahead_top", "ahead_low", "ahead_tries", "ahead_top.near"] * 8
    with ThreadPoolExecutor(len(names)) as pool:
        found = dict(zip(names, pool.map(importlib.import_module, names), strict=True))
    assert found["ahead_top"].MODE == found["ahead_low"].MODE
    assert found["ahead_top.far"].near is found["ahead_top.near"]
    assert all(found[name] is sys.modules[name] for name in names)


def test_later_filters_stand_behind_those_of_an_import(hidden: Callable[..., Hidden]) -> None:
    """As when the module is loaded at that moment."""
    hidden("ahead_top")
    warnings.simplefilter("ignore")
    importlib.import_module("ahead_top")
    assert [each[1] and each[1].pattern for each in warnings.filters[:2]] == ["ahead", None]


def test_a_variable_that_a_module_looked_up_must_not_change(
    hidden: Callable[..., Hidden], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be another module; variables that nobody asked for do not matter."""
    hidden("ahead_low", "ahead_else")
    monkeypatch.setenv("AHEAD_MODE", "other")
    importlib.import_module("ahead_else")
    with pytest.raises(RefusedError, match="AHEAD_MODE has been changed"):
        importlib.import_module("ahead_low")


def test_a_module_that_is_shadowed_is_refused(
    hidden: Callable[..., Hidden], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The import path leads to another one now; one that comes later on it is none."""
    hidden("ahead_top", "ahead_low")
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "ahead_low.py").write_text("")
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path / "own")])
    importlib.import_module("ahead_low")
    del sys.modules["ahead_low"]
    (tmp_path / "own" / "ahead_top.py").write_text("")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "own"), *sys.path])
    importlib.invalidate_caches()
    with pytest.raises(RefusedError, match="leads to another ahead_top"):
        importlib.import_module("ahead_top")


def test_a_module_that_draws_needs_numbers_that_are_untouched(
    hidden: Callable[..., Hidden],
) -> None:
    """After a seed was set, loading it would draw from that."""
    before = random.getstate()
    try:
        made = hidden("ahead_top.draws")
        made._preload.draw.add("ahead_top.draws")
        importlib.import_module("ahead_top.near")
        random.seed(1)
        with pytest.raises(RefusedError, match="seeded or drawn"):
            importlib.import_module("ahead_top.draws")
    finally:
        random.setstate(before)


@pytest.mark.usefixtures("libraries")
def test_who_is_loaded_is_blamed() -> None:
    """What is seen while a module is loaded is its doing, and that of nobody who needs it."""
    preload = Preload()
    seen = iter(["it reads"])

    def look() -> str:
        return next(seen, "") if preload.loading == "ahead_top.near" else ""

    assert [*preload.importing(["ahead_top", "missing", "ahead_top.far"], look)]
    assert preload.unfit == {"ahead_top.near": "it reads"}
    assert "ahead_top.near" in preload.closure("ahead_top.far")
    assert "ahead_top.near" not in preload.closure("ahead_top.far", {"ahead_top.near"})
    assert preload.asked["AHEAD_MODE"] == {"ahead_low"}
    assert preload.environ["AHEAD_SET"] == ("yes", "ahead_top")


@pytest.mark.usefixtures("libraries")
def test_what_fails_for_want_of_a_kernel_leaves_who_asked_for_it_unfit() -> None:
    """What a failing module has begun elsewhere stays: a picture's backend was half made once."""
    preload = Preload()
    seen = iter(["it asks for a kernel"])

    def look() -> str:
        return next(seen, "") if preload.loading == "ahead_fails" else ""

    assert [*preload.importing(["ahead_tries", "ahead_top.far"], look)]
    assert preload.unfit == dict.fromkeys(["ahead_fails", "ahead_tries"], "it asks for a kernel")


def test_a_stream_that_a_library_kept_becomes_the_kernels(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Writing to it before is blamed; afterwards it does what the kernel's does."""
    blamed: list[str] = []
    stream = StandInStream(sys.stderr)
    stream.blame = blamed.append
    assert not stream.isatty()
    assert not blamed
    print("early", file=stream)
    assert {*blamed} == {"it prints"}
    stream.become(sys.stdout)
    print("late", file=stream)
    assert stream.closed is sys.stdout.closed
    assert capsys.readouterr() == ("late\n", "early\n")
    assert {*blamed} == {"it prints"}


def test_the_states_of_generators_tell_whether_they_were_used() -> None:
    """Each draw gives another one."""
    before = random_states()
    assert random_states() == before
    random.random()  # noqa: S311  (no secret)
    assert random_states() != before
