"""How look-up tables lie in SQLite, told once for those who write and those who read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrefine.features.columns import Kind
from nbrefine.features.view import Relation

if TYPE_CHECKING:
    from collections.abc import Iterable

FORMAT = 1
POINTER, VERSIONS = "current.json", "versions"
_TYPES = {
    Kind.TEXT: "TEXT",
    Kind.WHOLE: "INTEGER",
    Kind.FLAG: "INTEGER",
    Kind.INSTANT: "INTEGER",
    Kind.NUMBER: "REAL",
}


@dataclass(frozen=True)
class StoredRelation:
    """A relation as a table of SQLite.

    Parameters
    ----------
    number
        Its place in the store; the table is ``r`` and this number.
    relation
        What it holds.
    keys, columns
        The key columns and the columns that can be taken, with their kinds.
    """

    number: int
    relation: Relation
    keys: tuple[tuple[str, Kind], ...]
    columns: tuple[tuple[str, Kind], ...]

    @property
    def _key_names(self) -> list[str]:
        return [f"k{place}" for place in range(len(self.keys))]

    @property
    def _timed(self) -> bool:
        return self.relation.known_at is not None

    def create(self) -> str:
        """Write the statement that makes the table.

        The rows of a key lie beside each other in the order of time, so that a look-up is one
        descent in a tree.
        """
        names = [f"{n} {_TYPES[k]}" for n, (_, k) in zip(self._key_names, self.keys, strict=True)]
        primary = list(self._key_names)
        if self._timed:
            names += ["known INTEGER", "since INTEGER"]
            primary.append("known")
        names += [f"c{place} {_TYPES[kind]}" for place, (_, kind) in enumerate(self.columns)]
        return (
            f"CREATE TABLE r{self.number} ({', '.join(names)}, "
            f"PRIMARY KEY ({', '.join(primary)})) WITHOUT ROWID"
        )

    def insert(self) -> str:
        """Write the statement that adds a row."""
        count = len(self.keys) + 2 * self._timed + len(self.columns)
        return f"INSERT INTO r{self.number} VALUES ({', '.join('?' * count)})"  # noqa: S608  (our names)

    def select(self, columns: Iterable[str]) -> str:
        """Write the query that answers a request: ``since``, and the columns, of at most one row.

        Its parameters are the parts of the key, then the time of asking.
        """
        places = {name: f"c{place}" for place, (name, _) in enumerate(self.columns)}
        taken = ["since" if self._timed else "NULL", *(places[name] for name in columns)]
        same = [f"{name} = ?" for name in self._key_names]
        query = f"SELECT {', '.join(taken)} FROM r{self.number} WHERE "  # noqa: S608  (our names)
        if not self._timed:
            return query + " AND ".join(same)
        return query + " AND ".join([*same, "known <= ?"]) + " ORDER BY known DESC LIMIT 1"


def as_json(stored: Iterable[StoredRelation]) -> str:
    """Write down what a store holds."""
    return json.dumps(
        [
            {
                "table": each.relation.table,
                "key": list(each.relation.key),
                "known_at": each.relation.known_at,
                "at": each.relation.at,
                "keys": [[name, kind.value] for name, kind in each.keys],
                "columns": [[name, kind.value] for name, kind in each.columns],
            }
            for each in stored
        ]
    )


def from_json(text: str) -> list[StoredRelation]:
    """Read what a store holds.

    Raises
    ------
    ValueError, KeyError, TypeError
        If it is not what `as_json` wrote.
    """
    return [
        StoredRelation(
            number,
            Relation(said["table"], tuple(said["key"]), said["known_at"], said["at"]),
            tuple((str(name), Kind(kind)) for name, kind in said["keys"]),
            tuple((str(name), Kind(kind)) for name, kind in said["columns"]),
        )
        for number, said in enumerate(json.loads(text))
    ]
