"""Stores values such that a test can read them: Parquet, JSON, arrays, or a literal."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import pathlib
import pickle
import re
import sys
from typing import Any

from .call_imports import has_defaults, made_anew, public_module
from .call_literals import literal
from .call_sample import kind_of

MOST_BYTES = 100_000
_LONGEST_LITERAL = 300
_MOST_ITEMS = 12
_MOST_LEARNT = 12


class CannotStoreError(Exception):
    """A value for which there is no small exact fixture; the message says why."""


class Fixtures:
    """Files of values, and expressions that read them.

    Parameters
    ----------
    folder
        Where the files go; ``FIXTURES`` in the expressions.
    own
        Names of the notebook's functions and classes that tests can import.
    """

    def __init__(self, folder: str, own: dict[str, Any]) -> None:
        self.folder, self.own = folder, own
        self.imports: set[str] = set()
        self.files: list[str] = []

    def put(self, value: Any, name: str, *, exact: bool = True) -> dict[str, Any]:
        """Store a value.

        Parameters
        ----------
        value
            Anything.
        name
            The file's name, without its suffix; more files get longer names.
        exact
            Whether numpy's numbers stay such: for arguments, not for results.

        Returns
        -------
        dict
            As `Value` of nbrefine has it: kind, expression, items, keys, lax.

        Raises
        ------
        CannotStoreError
            If it cannot be stored such that it comes back the same, or not below 100 kB.
        """
        kind = kind_of(value)
        if kind:
            expression = self._array(value, name) if kind == "array" else self._table(value, name)
            if kind == "array" and value.dtype.kind in "fc":
                kind = "floats"
            lost = getattr(getattr(value, "index", value), "freq", None) is not None
            return {"kind": kind, "expression": expression, "lax": lost}
        text = literal(value, exact=exact)
        if text is not None and len(text) <= _LONGEST_LITERAL:
            number = type(value) is float or text.startswith("np.float")
            number = number or (not exact and type(value).__name__.startswith("float"))
            return {"kind": "float" if number else "plain", "expression": text}
        if text is not None:
            return {"kind": "plain", "expression": self._json(value, name)}
        if type(value) in (list, tuple, dict):
            return self._container(value, name, exact=exact)
        return self._other(value, name, exact=exact)

    def get(self, expression: str) -> Any:
        """Return what a test gets for an expression."""
        return eval(expression, self._namespace())  # noqa: S307  (written above)

    def _namespace(self) -> dict[str, Any]:
        names = dict(self.own)
        for module, short in (("pandas", "pd"), ("numpy", "np"), ("matplotlib.pyplot", "plt")):
            if module in sys.modules:
                names[short] = sys.modules[module]
        for statement in sorted(self.imports):
            exec(statement, names)  # noqa: S102  (written here)
        return {
            **names,
            "FIXTURES": pathlib.Path(self.folder),
            "json": json,
            "datetime": sys.modules.get("datetime"),
            "decimal": sys.modules.get("decimal"),
        }

    def _path(self, name: str, suffix: str) -> tuple[str, str]:
        stem = re.sub(r"\W+", "_", name).strip("_")
        # An object's method may be called again.
        names = itertools.chain([stem], (f"{stem}_{number}" for number in itertools.count(2)))
        file = next(f"{each}{suffix}" for each in names if f"{each}{suffix}" not in self.files)
        path = os.path.join(self.folder, file)
        os.makedirs(self.folder, exist_ok=True)
        return path, f'FIXTURES / "{file}"'

    def _kept(self, path: str, what: str) -> None:
        """Count a file that was just written in, unless it is too large."""
        size = os.path.getsize(path)
        if size > MOST_BYTES:
            os.unlink(path)
            raise CannotStoreError(f"{what} would need a fixture of {size // 1000} kB")
        self.files.append(os.path.basename(path))

    def _same(self, value: Any, expression: str) -> bool:
        pandas = sys.modules["pandas"]
        testing = pandas.testing
        checks = {
            "frame": testing.assert_frame_equal,
            "series": testing.assert_series_equal,
            "index": testing.assert_index_equal,
        }
        kind = kind_of(value)
        options = {"check_exact": True} | ({} if kind == "index" else {"check_freq": False})
        try:
            checks[kind](self.get(expression), value, **options)
        except Exception:
            return False
        return True

    def _table(self, table: Any, name: str) -> str:
        """Return an expression for a table; it is pickled where Parquet has no type for a cell."""
        try:
            return str(getattr(self, f"_{kind_of(table)}")(table, name))
        except CannotStoreError:
            if type(table).__module__.partition(".")[0] != "pandas":
                raise
            text = self._pickled_table(table, name)
            if not text:
                raise
            return text

    def _pickled_table(self, table: Any, name: str) -> str:
        """Return an expression for a table in a pickle; empty if a test does not get the same."""
        data = b""
        with contextlib.suppress(Exception):
            data = pickle.dumps(table, protocol=4)
        if not data or b"__main__" in data:
            return ""
        path, shown = self._path(name, ".pickle")
        text = f"pd.read_pickle({shown})"
        with open(path, "wb") as file:
            file.write(data)
        if not self._same(table, text):
            os.unlink(path)
            return ""
        self._kept(path, name)
        return text

    def _frame(self, frame: Any, name: str) -> str:
        pandas = sys.modules["pandas"]
        if type(frame) is not pandas.DataFrame:
            raise CannotStoreError(f"{name} is a {type(frame).__name__}, not a plain DataFrame")
        path, shown = self._path(name, ".parquet")
        plain = all(isinstance(each, str) for each in frame.columns)
        numbered = frame
        if not plain or not frame.columns.is_unique or frame.columns.nlevels > 1:
            numbered = frame.set_axis([f"column_{i}" for i in range(frame.shape[1])], axis=1)
        self._parquet(numbered, path, name)
        text = f"pd.read_parquet({shown})"
        if numbered is not frame:
            text += f".set_axis({self._labels(frame.columns, name)}, axis=1)"
        elif frame.columns.name is not None:
            text += f".rename_axis(columns={frame.columns.name!r})"
        if not self._same(frame, text):
            text += self._dtypes(frame, text)
            if not self._same(frame, text):
                raise CannotStoreError(f"{name} does not come back from Parquet as it was")
        self._kept(path, name)
        return text

    def _parquet(self, frame: Any, path: str, name: str) -> None:
        try:
            frame.to_parquet(path)
        except Exception as error:
            first = str(error).strip().splitlines()[:1]
            why = f"{type(error).__name__}: {''.join(first)}"
            raise CannotStoreError(f"{name} cannot be written to Parquet ({why})") from None

    def _labels(self, columns: Any, name: str) -> str:
        pandas = sys.modules["pandas"]
        values = literal(list(columns), exact=False)
        names = literal(list(columns.names))
        if values is None or names is None:
            raise CannotStoreError(f"the column labels of {name} cannot be written down")
        if columns.nlevels > 1:
            return f"pd.MultiIndex.from_tuples({values}, names={names})"
        if isinstance(columns, pandas.RangeIndex):
            return f"pd.RangeIndex({columns.start}, {columns.stop}, {columns.step})"
        if columns.name is not None or columns.dtype == object:
            kind = ", dtype=object" if columns.dtype == object else ""
            return f"pd.Index({values}{kind}, name={columns.name!r})"
        return values

    def _dtypes(self, frame: Any, text: str) -> str:
        back = self.get(text)
        wanted = {
            label: str(frame[label].dtype)
            for label in frame.columns
            if label in back.columns and back[label].dtype != frame[label].dtype
        }
        return f".astype({literal(wanted)})" if wanted and frame.columns.is_unique else ""

    def _series(self, series: Any, name: str) -> str:
        label = series.name
        column = label if isinstance(label, str) and label else "values"
        path, shown = self._path(name, ".parquet")
        self._parquet(series.to_frame(column), path, name)
        text = f'pd.read_parquet({shown})["{column}"]' if '"' not in column else ""
        text = text or f"pd.read_parquet({shown})[{column!r}]"
        if column != label:
            named = literal(label, exact=False)
            if named is None:
                raise CannotStoreError(f"the name of {name} cannot be written down")
            text += f".rename({named})"
        for more in ("", f".astype({str(series.dtype)!r})"):
            if self._same(series, text + more):
                self._kept(path, name)
                return text + more
        raise CannotStoreError(f"{name} does not come back from Parquet as it was")

    def _index(self, index: Any, name: str) -> str:
        path, shown = self._path(name, ".parquet")
        frame = sys.modules["pandas"].DataFrame(index=index)
        self._parquet(frame, path, name)
        text = f"pd.read_parquet({shown}).index"
        if not self._same(index, text):
            raise CannotStoreError(f"{name} does not come back from Parquet as it was")
        self._kept(path, name)
        return text

    def _array(self, array: Any, name: str) -> str:
        numpy = sys.modules["numpy"]
        if type(array) is not numpy.ndarray:
            raise CannotStoreError(f"{name} is a {type(array).__name__}, not a plain array")
        if array.dtype.kind == "O":
            text = literal(array.tolist())
            if text is None:
                raise CannotStoreError(f"{name} is an array of objects")
            return f"np.array({self._json(array.tolist(), name)}, dtype=object)"
        path, shown = self._path(name, ".npy")
        numpy.save(path, array, allow_pickle=False)
        self._kept(path, name)
        return f"np.load({shown})"

    def _json(self, value: Any, name: str) -> str:
        path, shown = self._path(name, ".json")
        try:
            text = json.dumps(value, indent=1)
            same = literal(json.loads(text)) == literal(value)
        except (TypeError, ValueError):
            same = False
        if not same:
            text = str(literal(value))
            if len(text) > 10 * _LONGEST_LITERAL:
                raise CannotStoreError(f"{name} is too long to be written down")
            return text
        with open(path, "w", encoding="utf-8") as file:
            file.write(text + "\n")
        self._kept(path, name)
        return f'json.loads(({shown}).read_text("utf-8"))'

    def _container(self, value: Any, name: str, *, exact: bool) -> dict[str, Any]:
        if len(value) > _MOST_ITEMS:
            raise CannotStoreError(f"{name} holds {len(value)} values that are not plain")
        if type(value) is dict:
            keys = [literal(key) for key in value]
            if None in keys:
                raise CannotStoreError(f"{name} has keys that cannot be written down")
            items = [
                self.put(each, f"{name}_{number}", exact=exact)
                for number, each in enumerate(value.values())
            ]
            inside = ", ".join(f"{key}: {item['expression']}" for key, item in zip(keys, items))
            return {"kind": "dict", "expression": f"{{{inside}}}", "items": items, "keys": keys}
        items = [
            self.put(each, f"{name}_{number}", exact=exact) for number, each in enumerate(value)
        ]
        inside = ", ".join(item["expression"] for item in items)
        if type(value) is tuple:
            end = "," if len(items) == 1 else ""
            return {"kind": "tuple", "expression": f"({inside}{end})", "items": items}
        return {"kind": "list", "expression": f"[{inside}]", "items": items}

    def _other(self, value: Any, name: str, *, exact: bool) -> dict[str, Any]:
        if callable(value) and isinstance(getattr(value, "__name__", None), str):
            return {"kind": "reference", "expression": self._reference(value, name)}
        if not exact:
            return self.learnt(value, name)
        anew = made_anew(value)
        if anew is not None:
            return anew
        if type(value).__module__.startswith("sklearn.") and hasattr(value, "get_params"):
            return {"kind": "estimator", "expression": self._estimator(value, name)}
        if self.own.get(type(value).__name__) is type(value):
            return {"kind": "own", "expression": self._pickle(value, name)}
        raise CannotStoreError(f"{name} is a {type(value).__name__}, which no fixture can hold")

    def _reference(self, value: Any, name: str) -> str:
        """Return a function or class by its name, with the import that this needs."""
        own = getattr(value, "__name__", "")
        if self.own.get(own) is value:
            return str(own)
        module = getattr(value, "__module__", None) or ("numpy" if "numpy" in sys.modules else "")
        if module == "builtins":
            return str(own)
        where = public_module(module, own, value)
        if where is None:
            raise CannotStoreError(f"{name} is a function that cannot be imported")
        self.imports.add(f"from {where} import {own}")
        return str(own)

    def _estimator(self, value: Any, name: str) -> str:
        """Return an estimator as it is made, or from a file if it was fitted."""
        fitted = [each for each in vars(value) if each.endswith("_") and not each.startswith("_")]
        if not fitted:
            own = self._reference(type(value), name)
            default = type(value)().get_params(deep=False) if has_defaults(type(value)) else {}
            parts = []
            for key, given in value.get_params(deep=False).items():
                text = literal(given)
                if text is None:
                    break
                if key not in default or literal(default[key]) != text:
                    parts.append(f"{key}={text}")
            else:
                return f"{own}({', '.join(parts)})"
        joblib = sys.modules.get("joblib")  # scikit-learn has loaded it
        if joblib is None:
            raise CannotStoreError(
                f"{name} is a fitted {type(value).__name__}, and joblib is missing"
            )
        path, shown = self._path(name, ".joblib")
        joblib.dump(value, path, compress=3)
        self._kept(path, name)
        self.imports.add("import joblib")
        return f"joblib.load({shown})"

    def _pickle(self, value: Any, name: str) -> str:
        """Return an object of a class that tests can import."""
        if type(value).__module__ == "__main__":
            raise CannotStoreError(f"{name} is a {type(value).__name__} of the notebook itself")
        path, shown = self._path(name, ".pickle")
        with open(path, "wb") as file:
            pickle.dump(value, file, protocol=4)
        self._kept(path, name)
        self.imports.add("import pickle")
        return f"pickle.loads(({shown}).read_bytes())"

    def learnt(self, value: Any, name: str) -> dict[str, Any]:
        """Store what an object of the result has learnt, or was given: its public attributes."""
        kind = type(value)
        own = kind.__module__ == "__main__" or self.own.get(kind.__name__) is kind
        attributes = {
            key: each
            for key, each in getattr(value, "__dict__", {}).items()
            if not key.startswith("_") and (own or key.endswith("_"))
        }
        if not (own or kind.__module__.startswith("sklearn.")):
            raise CannotStoreError(
                f"it returns a {type(value).__name__}, which no fixture can hold"
            )
        keys: list[str] = []
        items: list[dict[str, Any]] = []
        for key, each in attributes.items():
            if len(items) < _MOST_LEARNT:
                try:
                    if kind_of(each) or literal(each, exact=False) is not None:
                        items.append(self.put(each, f"{name}_{key}", exact=False))
                        keys.append(key)
                except CannotStoreError:
                    continue
        if not items:
            raise CannotStoreError(f"nothing of the {kind.__name__} it returns can be stored")
        said = "instance" if own else "estimator"
        return {"kind": said, "expression": kind.__name__, "items": items, "keys": keys}
