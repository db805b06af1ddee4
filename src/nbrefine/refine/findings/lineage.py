"""Where data comes from: whether it was split, and whether something learnt from all its rows."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrefine.analysis.mutation import roots
from nbrefine.refine.findings.calls import resolve
from nbrefine.refine.findings.statements import is_partial, names_in, statements, stored_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbrefine.refine.findings.subject import Subject
    from nbrefine.refine.flow.facts import CellFacts

# What learns from the values of all rows. Encoders that only list the categories are left out.
LEARNERS = frozenset(
    {
        *("StandardScaler", "MinMaxScaler", "MaxAbsScaler", "RobustScaler", "PowerTransformer"),
        *("QuantileTransformer", "KBinsDiscretizer", "SplineTransformer", "TargetEncoder"),
        *("SimpleImputer", "KNNImputer", "IterativeImputer", "PCA", "KernelPCA", "TruncatedSVD"),
        *("FastICA", "NMF", "FactorAnalysis", "SelectKBest", "SelectPercentile", "RFE", "RFECV"),
        *("SelectFromModel", "VarianceThreshold", "TfidfVectorizer", "TfidfTransformer"),
        *("SMOTE", "ADASYN", "RandomOverSampler", "BorderlineSMOTE", "SMOTENC"),
    }
)
_FITS = frozenset({"fit", "fit_transform", "fit_resample", "fit_sample"})
_STATISTICS = frozenset({"mean", "std", "median", "min", "max", "quantile", "var"})
_JOINS = ("pandas.concat", "numpy.concatenate", "numpy.vstack", "numpy.r_", "scipy.sparse.vstack")
_PART = re.compile(r"(?:^|_)(train|test)(?:ing)?(?:$|_)|^[xy](train|test)$", re.IGNORECASE)
SPLIT = "sklearn.model_selection.train_test_split"


@dataclass(frozen=True)
class Mark:
    """One thing that is known of a value's past.

    Parameters
    ----------
    kind
        ``fitted`` (a transformer has learnt from all rows), ``statistics`` (a mean or the like
        has), ``train`` or ``test`` (it is one side of a split), ``joined`` (the two sides put
        together), ``time`` (rows have a time).
    cell
        Origin of the cell where that happened.
    line, column
        Where in the cell.
    what
        What did it, as text.
    """

    kind: str
    cell: int
    line: int = 0
    column: int = 0
    what: str = ""


@dataclass(frozen=True)
class Event:
    """A place where what is known of the data matters.

    Parameters
    ----------
    kind
        ``split-after`` (the data has the mark and is split now), ``fit-on-test``, ``fit-on-both``,
        ``statistics-of-both``, ``random-split-of-time``.
    facts, node
        Where.
    mark
        What matters.
    """

    kind: str
    facts: CellFacts
    node: ast.expr
    mark: Mark


class Lineage:
    """Walks over the statements and keeps what is known of each name."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.marks: dict[str, frozenset[Mark]] = {}
        self.learners: dict[str, str] = {}
        self.statistics: dict[str, set[str]] = {}
        self.nodes: dict[Mark, tuple[CellFacts, ast.expr]] = {}
        self.events: list[Event] = []
        for facts, node in statements(subject):
            self._statement(facts, node)

    def _statement(self, facts: CellFacts, node: ast.stmt) -> None:
        fresh: set[Mark] = set()
        for call in self._calls(node):
            fresh |= self._call(facts, call)
        if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)) and node.value is not None:
            fresh |= self._arithmetic(facts, node.value)
            self._assign(facts, node, node.value, fresh)

    def _calls(self, node: ast.stmt) -> list[ast.Call]:
        found = [each for each in ast.walk(node) if isinstance(each, ast.Call)]
        return sorted(found, key=lambda each: (each.end_lineno or 0, each.end_col_offset or 0))

    def _call(self, facts: CellFacts, call: ast.Call) -> set[Mark]:
        callee = resolve(call.func, self.subject.aliases)
        method = callee.rpartition(".")[2]
        data = call.args[0] if call.args else None
        known = self._of(data) if data is not None else frozenset()
        if callee in {SPLIT, "train_test_split"}:
            self._split(facts, call)
        elif callee.startswith(_JOINS) and {"train", "test"} <= {each.kind for each in known}:
            return {self._mark("joined", facts, call)}
        elif method == "to_datetime" or _has(call, "parse_dates"):
            return {self._mark("time", facts, call)}
        elif method in _FITS and data is not None and (name := self._learner(call)):
            return self._fit(facts, call, name, known)
        elif (
            method == "fillna" and data is not None and self._statistic_of(data) & roots(call.func)
        ):
            return self._statistics(facts, data, self._of(call.func))
        return set()

    def _learner(self, call: ast.Call) -> str:
        """Return the class of the transformer that a call fits; empty for any other."""
        func = call.func
        receiver = func.value if isinstance(func, ast.Attribute) else None
        if isinstance(receiver, ast.Name):
            return self.learners.get(receiver.id, "")
        return self._class(receiver)

    def _class(self, node: ast.expr | None) -> str:
        if not isinstance(node, ast.Call):
            return ""
        name = resolve(node.func, self.subject.aliases).rpartition(".")[2]
        return name if name in LEARNERS else ""

    def _fit(
        self, facts: CellFacts, call: ast.Call, name: str, known: frozenset[Mark]
    ) -> set[Mark]:
        kinds = {mark.kind for mark in known}
        if "joined" in kinds:
            mark = next(mark for mark in _in_order(known) if mark.kind == "joined")
            self.events.append(Event("fit-on-both", facts, call, mark))
        elif "test" in kinds and "train" not in kinds:
            mark = next(mark for mark in _in_order(known) if mark.kind == "test")
            self.events.append(Event("fit-on-test", facts, call, mark))
        if kinds & {"train", "test"}:
            return set()
        mark = self._mark("fitted", facts, call, name)
        func = call.func
        if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name):
            self._add(func.value.id, {mark})
        return {mark} if call.func.attr != "fit" else set()  # type: ignore[attr-defined]

    def _split(self, facts: CellFacts, call: ast.Call) -> None:
        known = frozenset(mark for each in call.args for mark in self._of(each))
        for mark in _in_order(known):
            if mark.kind in {"fitted", "statistics"}:
                self.events.append(Event("split-after", facts, call, mark))
        times = [mark for mark in _in_order(known) if mark.kind == "time"]
        in_order = any(each.arg == "shuffle" for each in call.keywords)
        if times and not in_order:
            self.events.append(Event("random-split-of-time", facts, call, times[0]))

    def _arithmetic(self, facts: CellFacts, value: ast.expr) -> set[Mark]:
        """Notice ``x - x.mean()``, also where the mean was given a name before."""
        fresh: set[Mark] = set()
        for node in ast.walk(value):
            if not (isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Sub, ast.Div))):
                continue
            if self._statistic_of(node.right) & roots(node.left):
                fresh |= self._statistics(facts, node.right, self._of(node.left))
            both = [
                mark
                for name in sorted(names_in(node.right) & set(self.statistics))
                for mark in _in_order(self.marks.get(name, ()))
                if mark.kind == "joined"
            ]
            if both:
                self.events.append(Event("statistics-of-both", facts, node.right, both[0]))
        return fresh

    def _statistics(self, facts: CellFacts, node: ast.expr, known: frozenset[Mark]) -> set[Mark]:
        if {mark.kind for mark in known} & {"train", "test"}:
            return set()
        return {self._mark("statistics", facts, node)}

    def _statistic_of(self, node: ast.expr) -> set[str]:
        """Return the names of the data whose mean or the like an expression holds."""
        found: set[str] = set()
        for each in ast.walk(node):
            if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute):
                if each.func.attr in _STATISTICS and not each.args:
                    found |= roots(each.func.value)
            elif isinstance(each, ast.Name):
                found |= self.statistics.get(each.id, set())
        return found

    def _assign(
        self, facts: CellFacts, node: ast.stmt, value: ast.expr, fresh: Iterable[Mark]
    ) -> None:
        names = stored_in(node)
        inherited = self._of(value) | frozenset(fresh)
        is_split = isinstance(value, ast.Call) and resolve(
            value.func, self.subject.aliases
        ).endswith("train_test_split")
        statistic = isinstance(node, ast.Assign) and self._statistic_of(value)
        for index, name in enumerate(names):
            marks = set(inherited)
            if is_split:
                marks = {mark for mark in marks if mark.kind == "time"}
                marks.add(Mark("test" if index % 2 else "train", facts.origin, node.lineno))
            elif (part := _PART.search(name)) and not {"train", "test"} & {m.kind for m in marks}:
                kind = (part[1] or part[2]).lower()
                marks.add(Mark(kind, facts.origin, node.lineno))
            self.marks[name] = frozenset(marks) | (
                self.marks.get(name, frozenset()) if is_partial(node) else frozenset()
            )
            if not is_partial(node):
                self.learners.pop(name, None)
                self.statistics.pop(name, None)
                if found := self._class(value):
                    self.learners[name] = found
                if statistic:
                    self.statistics[name] = set(statistic)

    def _of(self, node: ast.AST) -> frozenset[Mark]:
        return frozenset(mark for name in names_in(node) for mark in self.marks.get(name, ()))

    def _add(self, name: str, marks: Iterable[Mark]) -> None:
        self.marks[name] = self.marks.get(name, frozenset()) | frozenset(marks)

    def _mark(self, kind: str, facts: CellFacts, node: ast.expr, what: str = "") -> Mark:
        mark = Mark(kind, facts.origin, node.lineno, node.col_offset, what)
        self.nodes[mark] = (facts, node)
        return mark


def _in_order(marks: Iterable[Mark]) -> list[Mark]:
    """Return marks by their place, so that each run tells the same one first."""
    return sorted(marks, key=lambda each: (each.cell, each.line, each.column, each.kind))


def _has(call: ast.Call, keyword: str) -> bool:
    return any(
        each.arg == keyword
        and not (isinstance(each.value, ast.Constant) and each.value.value in {False, None})
        for each in call.keywords
    )
