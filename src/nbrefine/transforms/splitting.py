"""Split a fitted transform into what is learnt from the training data, and what is applied."""

from __future__ import annotations

import ast
import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nbrefine.analysis.texts import is_docstring
from nbrefine.transforms.learning import Learnt, is_statistic, match
from nbrefine.transforms.reading import read
from nbrefine.transforms.subject import is_setting
from nbrefine.transforms.values import Estimator, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbrefine.transforms.subject import Subject

__all__ = ["Split", "split"]


@dataclass(frozen=True)
class Split:
    """A fitted transform in two.

    Attributes
    ----------
    setting : list of ast.stmt
        Imports, constants and helpers around it.
    fit : list of ast.stmt
        What learns; statistics are attributes of ``self``.
    transform : list of ast.stmt
        What applies them, and returns the result.
    learnt : dict of str to Learnt
        By name, without the trailing underscore.
    """

    setting: list[ast.stmt]
    fit: list[ast.stmt]
    transform: list[ast.stmt]
    learnt: dict[str, Learnt]


def split(source: str, subject: Subject) -> Split | None:
    """Return a fitted transform in two; None where it cannot be split."""
    seen: dict[int, Value] = {}
    value = read(source, subject, seen=seen)
    if value.unknown is not None or value.batch is None or value.rows is not None:
        return None
    body, setting = _parts(subject)
    makers = _makers(body, seen)
    writer = _Splitter(seen, makers)
    fit, transform = writer.block(body)
    returned = body[-1]
    several = isinstance(returned, ast.Return) and isinstance(returned.value, ast.Tuple)
    if writer.gave_up or several or not writer.learnt or _in_texts(body, writer.renamed):
        return None
    return Split(setting, _until_learnt(fit), transform, writer.learnt)


def _in_texts(body: list[ast.stmt], names: Mapping[str, ast.expr]) -> bool:
    """Return whether a text names what is an attribute by now: ``query("x > @mean")``."""
    texts = [
        each.value
        for statement in body
        for each in ast.walk(statement)
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    ]
    return any(f"@{name}" in text for name in names for text in texts)


def _parts(subject: Subject) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """Return the statements of a transform, the last one a return, and those around it."""
    batch = ast.Name(subject.batch, ast.Load())
    if subject.node is None:
        around = (ast.Import, ast.ImportFrom, ast.FunctionDef)
        setting: list[ast.stmt] = [each for each in subject.tree.body if isinstance(each, around)]
        body = [each for each in subject.tree.body if not isinstance(each, around)]
        if subject.result is None and isinstance(body[-1], ast.Expr):
            return [*body[:-1], ast.Return(body[-1].value)], setting
        return [*body, ast.Return(ast.Name(subject.result or subject.batch, ast.Load()))], setting
    assert isinstance(subject.node, ast.FunctionDef)  # noqa: S101 - lambdas are left out
    setting = [each for each in subject.tree.body if is_setting(each) and each is not subject.node]
    body = [each for each in subject.node.body if not is_docstring(each)]
    if not isinstance(body[-1], ast.Return):
        body = [*body, ast.Return(batch)]
    return body, setting


def _makers(body: list[ast.stmt], seen: Mapping[int, Value]) -> dict[str, ast.expr]:
    """Return what makes the estimators that have a name."""
    return {
        each.targets[0].id: each.value
        for statement in body
        for each in ast.walk(statement)
        if isinstance(each, ast.Assign)
        and isinstance(each.targets[0], ast.Name)
        and isinstance(getattr(seen.get(id(each.value)), "payload", None), Estimator)
    }


@dataclass
class _Splitter:
    """Writes statements twice: learning, and applying."""

    seen: Mapping[int, Value]
    makers: Mapping[str, ast.expr]
    learnt: dict[str, Learnt] = field(default_factory=dict)
    renamed: dict[str, ast.expr] = field(default_factory=dict)
    loop: str | None = None
    gave_up: bool = False

    def block(self, body: list[ast.stmt]) -> tuple[list[ast.stmt], list[ast.stmt]]:
        """Return the statements that learn, and those that apply."""
        fit: list[ast.stmt] = []
        transform: list[ast.stmt] = []
        for statement in body:
            learns, applies = self.statement(statement)
            fit += learns
            transform += applies
        return fit, transform

    def statement(  # noqa: PLR0911 - one a case
        self, node: ast.stmt
    ) -> tuple[list[ast.stmt], list[ast.stmt]]:
        """Return one statement twice."""
        if isinstance(node, ast.For):
            return self._loop(node)
        if isinstance(node, (ast.If, ast.While, ast.Try, ast.With, ast.FunctionDef)):
            self.gave_up = self.gave_up or self._learns(node)
            return [node], [node]
        if isinstance(node, ast.Expr) and self._is_shown(node):
            return [], []
        if isinstance(node, ast.Assign) and self._is_maker(node):
            return [], []
        kept = self._kept(node)
        if kept is not None:
            return kept, []
        rewriter = _Rewriter(self)
        applied = rewriter.statement(node)
        learns = rewriter.learns
        if isinstance(node, ast.Return):
            return learns, [applied]
        return [*learns, applied], [applied]

    def _is_shown(self, node: ast.Expr) -> bool:
        call = node.value
        return isinstance(call, ast.Call) and isinstance(call.func, ast.Name)

    def _is_maker(self, node: ast.Assign) -> bool:
        target = node.targets[0]
        return isinstance(target, ast.Name) and self.makers.get(target.id) is node.value

    def _learns(self, node: ast.AST) -> bool:
        return any(
            isinstance(each, ast.expr) and match(each, self.seen, self.makers) is not None
            for each in ast.walk(node)
        )

    def _kept(self, node: ast.stmt) -> list[ast.stmt] | None:
        """Return what learns a statistic that the transform gives a name to."""
        if isinstance(node, ast.Expr):
            return self._fitted(node.value)
        if not isinstance(node, ast.Assign) or len(node.targets) != 1:
            return None
        found = match(node.value, self.seen, self.makers)
        value = self.seen.get(id(node.value))
        target = node.targets[0]
        if found is None or value is None or not is_statistic(value):
            return None
        names = [target] if isinstance(target, ast.Name) else getattr(target, "elts", [])
        if not names or not all(isinstance(each, ast.Name) for each in names):
            return None
        rewriter = _Rewriter(self)
        learn = rewriter.inner(node.value)
        places = []
        parts = getattr(learn, "elts", [])
        told = parts if len(parts) == len(names) else [learn] * len(names)
        for each, part in zip(names, told, strict=True):
            entry = Learnt(each.id, part, found.apply)
            places.append(self.place(entry))
            self.renamed[each.id] = places[-1]
        stored = [_stored(place) for place in places]
        goal = stored[0] if isinstance(target, ast.Name) else ast.Tuple(stored, ast.Store())
        return [*rewriter.learns, ast.Assign([goal], learn)]

    def _fitted(self, node: ast.expr) -> list[ast.stmt] | None:
        """Return what fits an estimator that has a name: ``scaler.fit(rows)``."""
        if not (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "fit"
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id in self.makers
        ):
            return None
        name = node.func.value.id
        rewriter = _Rewriter(self)
        rows = [rewriter.inner(each) for each in node.args]
        fit = ast.Call(ast.Attribute(self.makers[name], "fit", ast.Load()), rows, [])
        place = self.place(Learnt(name, fit, lambda each: each, "estimator"))
        self.renamed[name] = place
        return [*rewriter.learns, ast.Assign([_stored(place)], fit)]

    def _loop(self, node: ast.For) -> tuple[list[ast.stmt], list[ast.stmt]]:
        """Return a loop over columns twice; what it learns is kept for each of them."""
        if self.loop is not None or not isinstance(node.target, ast.Name) or node.orelse:
            self.gave_up = self.gave_up or self._learns(node)
            return [node], [node]
        rewriter = _Rewriter(self)
        over = rewriter.expression(node.iter)
        before = set(self.learnt)
        self.loop = node.target.id
        fit, transform = self.block(node.body)
        self.loop = None
        made = [name for name in self.learnt if name not in before]
        empty = [ast.parse(f"self.{name}_ = {{}}").body[0] for name in made]
        learning = ast.For(node.target, over, fit, [])
        applying = ast.For(node.target, over, transform or [ast.Pass()], [])
        return [*rewriter.learns, *empty, learning], [applying]

    def place(self, entry: Learnt) -> ast.expr:
        """Return the expression that stands for something learnt, under a name of its own."""
        name, number = entry.name, 2
        while name in self.learnt:
            name, number = f"{entry.name}_{number}", number + 1
        self.learnt[name] = entry
        attribute = f"self.{name}_" if self.loop is None else f"self.{name}_[{self.loop}]"
        return ast.parse(attribute, mode="eval").body


def _stored(place: ast.expr) -> ast.expr:
    stored = copy.deepcopy(place)
    if isinstance(stored, (ast.Attribute, ast.Subscript)):
        stored.ctx = ast.Store()
    return stored


class _Rewriter(ast.NodeTransformer):
    """Puts what was learnt in the place of what learns."""

    def __init__(self, splitter: _Splitter) -> None:
        self.splitter = splitter
        self.learns: list[ast.stmt] = []
        self.bound: set[str] = set()

    def statement(self, node: ast.stmt) -> ast.stmt:
        """Return a statement that applies what was learnt."""
        rewritten = self.visit(node)
        assert isinstance(rewritten, ast.stmt)  # noqa: S101 - it stays what it was
        return rewritten

    def expression(self, node: ast.expr) -> ast.expr:
        """Return an expression that applies what was learnt."""
        rewritten = self.visit(node)
        assert isinstance(rewritten, ast.expr)  # noqa: S101 - it stays what it was
        return rewritten

    def inner(self, node: ast.expr) -> ast.expr:
        """Return an expression with names that stand for attributes by now."""
        renamed: ast.expr = _Renamer(self.splitter.renamed).visit(copy.deepcopy(node))
        return renamed

    def visit(self, node: ast.AST) -> ast.AST:
        """Replace an expression that learns, or else look inside."""
        if isinstance(node, ast.expr) and not self._within(node):
            found = match(node, self.splitter.seen, self.splitter.makers)
            if found is not None:
                place = self.splitter.place(found)
                learn = self.inner(found.learn)
                self._name_estimator(node, place)
                self.learns.append(ast.Assign([_stored(place)], learn))
                return self.inner(found.apply(place))
        if isinstance(node, ast.Name) and node.id in self.splitter.renamed:
            return self.splitter.renamed[node.id]
        return self._inside(node)

    def _name_estimator(self, node: ast.expr, place: ast.expr) -> None:
        """Let the name of an estimator stand for the one that was fitted here."""
        method = node.func if isinstance(node, ast.Call) else None
        owner = method.value if isinstance(method, ast.Attribute) else None
        if isinstance(owner, ast.Name) and owner.id in self.splitter.makers:
            self.splitter.renamed[owner.id] = place

    def _within(self, node: ast.expr) -> bool:
        """Return whether an expression depends on the argument of a lambda around it."""
        return any(isinstance(each, ast.Name) and each.id in self.bound for each in ast.walk(node))

    def _inside(self, node: ast.AST) -> ast.AST:
        before = set(self.bound)
        if isinstance(node, ast.Lambda):
            self.bound |= {each.arg for each in node.args.args}
        elif isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            self.bound |= {
                each.id
                for generator in node.generators
                for each in ast.walk(generator.target)
                if isinstance(each, ast.Name)
            }
        self.generic_visit(node)
        self.bound = before
        return node


class _Renamer(ast.NodeTransformer):
    def __init__(self, renamed: Mapping[str, ast.expr]) -> None:
        self.renamed = renamed

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Put an attribute in the place of a name."""
        return self.renamed.get(node.id, node)


def _until_learnt(body: list[ast.stmt]) -> list[ast.stmt]:
    """Return statements up to the last one that learns."""
    last = max(
        (place for place, each in enumerate(body) if _stores(each)),
        default=-1,
    )
    return body[: last + 1]


def _stores(node: ast.AST) -> bool:
    return any(
        isinstance(each, ast.Attribute)
        and isinstance(each.value, ast.Name)
        and each.value.id == "self"
        and (isinstance(each.ctx, ast.Store) or isinstance(node, ast.For))
        for each in ast.walk(node)
    )
