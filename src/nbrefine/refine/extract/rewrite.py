"""Change signatures and calls in a text, and leave all else of it as it is written."""
# ruff: noqa: N802, ARG002  (the methods are named, and called, by libcst)

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Position = tuple[int, int]
"""Line from 1 and column from 0."""


@dataclass(frozen=True)
class Changes:
    """What to change in a text.

    Parameters
    ----------
    calls
        Where the names of called functions stand, and what to pass to each: a name, to the
        parameter of that name, or ``name=value``.
    passed
        Where functions stand that are passed on, and the names to bind to each.
    parameters
        Names to take in the function that the text defines.
    assigned
        Where the names of functions stand that return what they rebound before, and these names.
    returned
        Names that the function which the text defines returns, instead of rebinding them.
    required
        Parameters of the function, or of the class's ``__init__``, that lose their defaults.
    held
        Where names stand that are attributes now, and of what; of nothing in ``__init__``.
    undecorated
        Whether the function loses its decorators.
    removed
        Where statements begin that go, of several on a line.
    """

    calls: Mapping[Position, Sequence[str]] = field(default_factory=dict)
    passed: Mapping[Position, Sequence[str]] = field(default_factory=dict)
    parameters: Sequence[str] = ()
    assigned: Mapping[Position, Sequence[str]] = field(default_factory=dict)
    returned: Sequence[str] = ()
    required: Sequence[str] = ()
    held: Mapping[Position, str] = field(default_factory=dict)
    undecorated: bool = False
    removed: frozenset[Position] = frozenset()

    def __bool__(self) -> bool:
        """Whether there is anything to change."""
        return any(vars(self).values())

    def joined(self, other: Changes) -> Changes:
        """Return these with those of another statement of the same lines."""
        return replace(
            self,
            calls={**self.calls, **other.calls},
            passed={**self.passed, **other.passed},
            assigned={**self.assigned, **other.assigned},
            removed=self.removed | other.removed,
        )


def rewrite(text: str, changes: Changes) -> str:
    """Change a text.

    Parameters
    ----------
    text
        Whole statements.
    changes
        What to change.

    Returns
    -------
    str
        What is passed on as a function becomes ``partial(function, name=name)``.
    """
    if not changes:
        return text
    wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
    return wrapper.visit(_Rewriter(changes)).code


class _Rewriter(cst.CSTTransformer):
    """Finds what to change by its position."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, changes: Changes) -> None:
        super().__init__()
        self.changes = changes
        self.depth = 0
        self.path: list[str] = []

    def _at(self, node: cst.CSTNode) -> Position:
        start = self.get_metadata(PositionProvider, node).start
        return start.line, start.column

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine | cst.RemovalSentinel:
        """Drop statements of a line, and the line if nothing else is on it."""
        if not self.changes.removed:
            return updated_node
        pairs = zip(original_node.body, updated_node.body, strict=True)
        kept = [new for old, new in pairs if self._at(old) not in self.changes.removed]
        if len(kept) == len(updated_node.body):
            return updated_node
        if not kept:
            return cst.RemoveFromParent()
        # What ends the line ends it still: a semicolon there hides an output.
        kept[-1] = kept[-1].with_changes(semicolon=updated_node.body[-1].semicolon)
        return updated_node.with_changes(body=kept)

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        """Pass names to a call."""
        names: Sequence[str] = ()
        if isinstance(original_node.func, cst.Name):
            names = self.changes.calls.get(self._at(original_node.func), ())
        return updated_node.with_changes(args=_passing(updated_node.args, names))

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        """Bind names to a function that is passed on; read a name from where it is held."""
        if holder := self.changes.held.get(self._at(original_node)):
            return cst.Attribute(cst.Name(holder), updated_node)
        names = self.changes.passed.get(self._at(original_node))
        if names is None:
            return updated_node
        args = _passing([cst.Arg(updated_node)], names)
        return cst.Call(cst.Name("partial"), args)

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        """Count how deep functions are nested."""
        self.depth += 1
        self.path.append(node.name.value)

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        """Know which class a method is in."""
        self.path.append("class")

    def leave_ClassDef(
        self, original_node: cst.ClassDef, updated_node: cst.ClassDef
    ) -> cst.ClassDef:
        """Leave a class."""
        self.path.pop()
        return updated_node

    def leave_Param(self, original_node: cst.Param, updated_node: cst.Param) -> cst.Param:
        """Take away a default."""
        own = len(self.path) == 1 and self.depth == 1
        if not (own or self.path == ["class", "__init__"]):
            return updated_node
        if original_node.name.value not in self.changes.required:
            return updated_node
        return updated_node.with_changes(default=None, equal=cst.MaybeSentinel.DEFAULT)

    def leave_FunctionDef(
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef:
        """Take names as parameters."""
        self.depth -= 1
        names, returned = self.changes.parameters, self.changes.returned
        is_init = self.path == ["class", "__init__"]
        inside = len(self.path) > 1
        self.path.pop()
        if is_init and names:
            return _holding(updated_node, names)
        if inside:
            return updated_node
        if self.changes.undecorated:
            updated_node = updated_node.with_changes(decorators=[])
        if names:
            updated_node = updated_node.with_changes(params=_taking(updated_node.params, names))
        if returned and isinstance(updated_node.body, cst.IndentedBlock):
            line = cst.SimpleStatementLine([cst.Return(_tuple(returned))])
            block = updated_node.body.with_changes(body=[*updated_node.body.body, line])
            updated_node = updated_node.with_changes(body=block)
        return updated_node

    def leave_Expr(self, original_node: cst.Expr, updated_node: cst.Expr) -> cst.BaseSmallStatement:
        """Assign what a function returns."""
        call = original_node.value
        if not isinstance(call, cst.Call) or not isinstance(call.func, cst.Name):
            return updated_node
        names = self.changes.assigned.get(self._at(call.func))
        if names is None:
            return updated_node
        target = cst.AssignTarget(_tuple(names))
        return cst.Assign([target], updated_node.value, semicolon=updated_node.semicolon)

    def leave_Return(self, original_node: cst.Return, updated_node: cst.Return) -> cst.Return:
        """Return the names that are no longer rebound."""
        if self.depth != 1 or not self.changes.returned:
            return updated_node
        space = cst.SimpleWhitespace(" ")
        value = _tuple(self.changes.returned)
        return updated_node.with_changes(value=value, whitespace_after_return=space)

    def leave_Global(
        self, original_node: cst.Global, updated_node: cst.Global
    ) -> cst.Global | cst.RemovalSentinel | cst.Pass:
        """Drop what is returned: it is local now."""
        names = [
            each for each in updated_node.names if each.name.value not in self.changes.returned
        ]
        if self.depth != 1 or len(names) == len(updated_node.names):
            return updated_node
        if not names:
            return cst.RemoveFromParent()
        names[-1] = names[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
        return updated_node.with_changes(names=names)


def _holding(init: cst.FunctionDef, names: Sequence[str]) -> cst.FunctionDef:
    """Let ``__init__`` take names, and hold them."""
    params = _taking(init.params, names)
    itself = init.params.params[0].name
    lines = [
        cst.SimpleStatementLine(
            [cst.Assign([cst.AssignTarget(cst.Attribute(itself, cst.Name(name)))], cst.Name(name))]
        )
        for name in names
    ]
    body = list(init.body.body)
    # Behind the docstring, and behind what a base class needs first.
    start = 1 if init.get_docstring() is not None else 0
    code = cst.Module([])
    while start < len(body) and code.code_for_node(body[start]).strip().startswith("super("):
        start += 1
    block = init.body.with_changes(body=[*body[:start], *lines, *body[start:]])
    return init.with_changes(params=params, body=block)


def _tuple(names: Sequence[str]) -> cst.Name | cst.Tuple:
    """Return one name, or several as a tuple without parentheses."""
    if len(names) == 1:
        return cst.Name(names[0])
    return cst.Tuple([cst.Element(cst.Name(name)) for name in names], lpar=[], rpar=[])


def _passing(args: Sequence[cst.Arg], names: Sequence[str]) -> Sequence[cst.Arg]:
    """Add keyword arguments, in the layout of those that are there."""
    if not names:
        return args
    tight = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    pairs = [(keyword, value or keyword) for keyword, _, value in (n.partition("=") for n in names)]
    added = [
        cst.Arg(cst.parse_expression(v), keyword=cst.Name(keyword), equal=tight)
        for keyword, v in pairs
    ]
    before = list(args)
    if len(before) == 1 and isinstance(before[0].value, cst.GeneratorExp):
        value = before[0].value
        if not value.lpar:
            value = value.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        before[0] = before[0].with_changes(value=value)
    if before and isinstance(before[-1].comma, cst.Comma):
        # What follows the last comma closes the call: it goes behind what is added.
        added[-1] = added[-1].with_changes(comma=before[-1].comma)
        between = before[-2].comma if len(before) > 1 else cst.MaybeSentinel.DEFAULT
        before[-1] = before[-1].with_changes(comma=between)
    elif before:
        space = before[-1].whitespace_after_arg
        added[-1] = added[-1].with_changes(whitespace_after_arg=space)
        before[-1] = before[-1].with_changes(whitespace_after_arg=cst.SimpleWhitespace(""))
    return [*before, *added]


def _taking(params: cst.Parameters, names: Sequence[str]) -> cst.Parameters:
    """Add parameters: at the end where that is allowed, else by keyword alone."""
    added = [cst.Param(cst.Name(name)) for name in names]
    takes_rest = isinstance(params.star_arg, (cst.Param, cst.ParamStar))
    by_keyword = takes_rest or params.kwonly_params
    defaults = any(each.default for each in (*params.posonly_params, *params.params))
    if by_keyword or defaults:
        star = params.star_arg if takes_rest else cst.ParamStar()
        return params.with_changes(
            star_arg=star, kwonly_params=_joined(params.kwonly_params, added)
        )
    return params.with_changes(params=_joined(params.params, added))


def _joined(before: Sequence[cst.Param], added: list[cst.Param]) -> list[cst.Param]:
    kept = list(before)
    if kept and isinstance(kept[-1].comma, cst.Comma):
        last = kept[-1].comma
        between = kept[-2].comma if len(kept) > 1 else cst.MaybeSentinel.DEFAULT
        kept[-1] = kept[-1].with_changes(comma=between)
        added[-1] = added[-1].with_changes(comma=last)
    elif kept:
        space = kept[-1].whitespace_after_param
        kept[-1] = kept[-1].with_changes(whitespace_after_param=cst.SimpleWhitespace(""))
        added[-1] = added[-1].with_changes(whitespace_after_param=space)
    return [*kept, *added]
