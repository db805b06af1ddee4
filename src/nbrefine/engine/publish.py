"""Products appear whole, all of a step's together, whatever ends the builder in between.

A step that ended well leaves its files staged. What is to be done with them is written down first
(the intent), then the files are moved, then the ledger gets its row, then the intent goes. A
builder that finds an intent finishes it; one that finds a step without an intent puts back what
that step has overwritten.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbrefine.engine.running_elsewhere import outlast
from nbrefine.engine.undo import forget, put_back, undo_folder
from nbrefine.errors import EnvironmentFaultError
from nbrefine.files.atomic import write_atomic
from nbrefine.files.digest import digest_file
from nbrefine.files.paths import shown
from nbrefine.pipeline.ledger_rows import Published
from nbrefine.pipeline.own_folder import FOLDER
from nbrefine.pipeline.records import record_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


_NAMED = 3


def intent_file(root: Path, step: str) -> Path:
    """Return where it is written down what is to be published of a step."""
    return root / FOLDER / "publishing" / f"{step}.json"


def publish(
    root: Path,
    files: Mapping[Path, Path],
    row: Published,
    commit: Callable[[Published], None],
) -> None:
    """Move a step's files to where they belong, and write its row in the ledger.

    Parameters
    ----------
    root
        The project's folder.
    files
        Where each file belongs, by where it is. Of one that is in place already both are the same.
    row
        For the ledger.
    commit
        Writes the row; it may be called again with the same row.

    Raises
    ------
    OSError
        If the intent cannot be written: then nothing has been moved.
    EnvironmentFaultError
        If a file cannot be moved: then the next build finishes it.
    """
    known = {root / made.path: made.digest for made in row.products.values()}
    moves = [
        {"from": str(staged), "to": str(final), "digest": known.get(final) or digest_file(staged)}
        for staged, final in files.items()
    ]
    left = [str(path) for made in row.products.values() for path in _left(root / made.path, files)]
    intent = {"moves": moves, "left": left, "row": row.as_json()}
    file = intent_file(root, row.step)
    write_atomic(file, json.dumps(intent))
    _move_all(intent)
    _settle(root, file, row, commit)


def recover(root: Path, commit: Callable[[Published], None]) -> tuple[str, ...]:
    """Finish or undo what an earlier build was ended in.

    Parameters
    ----------
    root
        The project's folder. The caller holds the lock of builds.
    commit
        Writes a row in the ledger.

    Returns
    -------
    tuple of str
        What was done, in words.

    Raises
    ------
    EnvironmentFaultError
        If files cannot be put in place.
    """
    outlast(root)
    said = []
    for file in sorted(intent_file(root, "").parent.glob("*.json")):
        try:
            intent = json.loads(file.read_text("utf-8"))
            row = Published.from_json(intent["row"])
        except (OSError, ValueError, KeyError, TypeError):
            file.unlink(missing_ok=True)
            continue
        if _finish(root, file, intent, row, commit):
            said.append(f"{row.step}: its products were published: an earlier build had been ended")
        else:
            said.append(
                f"{row.step}: its products cannot be trusted: an earlier build had been ended"
            )
    undo = undo_folder(root, "")
    for folder in sorted(undo.iterdir()) if undo.is_dir() else ():
        try:
            touched = put_back(folder)
        except OSError as error:
            raise _unwritable(Path(error.filename2 or error.filename or folder), error) from None
        if touched:
            names = ", ".join(path.name for path in touched[:_NAMED])
            more = f" and {len(touched) - _NAMED} more" if len(touched) > _NAMED else ""
            said.append(f"{folder.name}: {names}{more} put back: an earlier build had been ended")
    shutil.rmtree(root / ".nbrefine" / "staging", ignore_errors=True)
    return tuple(said)


def _finish(
    root: Path,
    file: Path,
    intent: Mapping[str, Any],
    row: Published,
    commit: Callable[[Published], None],
) -> bool:
    """Do what an intent says, from wherever it was left."""
    _move_all(intent)
    whole = all(_is(Path(move["to"]), move["digest"]) for move in intent["moves"])
    _settle(root, file, row, commit if whole else None)
    return whole


def _left(product: Path, files: Mapping[Path, Path]) -> Iterator[Path]:
    """Return what is in a product that is a folder from earlier, and was not written again."""
    new = {final for here, final in files.items() if here != final}
    if product.is_dir() and any(final.is_relative_to(product) for final in new):
        yield from (
            path for path in sorted(product.rglob("*")) if path.is_file() and path not in new
        )


def _move_all(intent: Mapping[str, Any]) -> None:
    for path in intent.get("left", ()):
        Path(path).unlink(missing_ok=True)
    for move in intent["moves"]:
        staged, final = Path(move["from"]), Path(move["to"])
        if staged != final and staged.exists():
            try:
                # A record that Ploomber made of what was there before is not to vouch for this.
                record_file(final).unlink(missing_ok=True)
                final.parent.mkdir(parents=True, exist_ok=True)
                _move(staged, final)
            except OSError as error:
                raise _unwritable(final, error) from None


def _unwritable(path: Path, error: OSError) -> EnvironmentFaultError:
    return EnvironmentFaultError(
        f"{shown(path)} cannot be written: {error.strerror}.",
        hint="Make room for it, or make its folder writable: the next build goes on from there.",
    )


def _settle(
    root: Path, file: Path, row: Published, commit: Callable[[Published], None] | None
) -> None:
    if commit is not None:
        commit(row)
    forget(undo_folder(root, row.step))
    file.unlink(missing_ok=True)


def _move(staged: Path, final: Path) -> None:
    """Put a file in place at once, also on another disk."""
    try:
        staged.replace(final)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        temporary = final.with_name(f".{final.name}.nbrefine")
        shutil.copyfile(staged, temporary)
        with temporary.open("rb+") as stream:
            os.fsync(stream.fileno())
        temporary.replace(final)
        staged.unlink()


def _is(path: Path, digest: str) -> bool:
    try:
        return digest_file(path) == digest
    except OSError:
        return False
