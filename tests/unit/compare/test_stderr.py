"""Warnings are a set over the whole notebook."""

from __future__ import annotations

from nbrefine.compare.stderr import Warned, compare_warnings, split_warnings
from nbrefine.compare.verdict import Verdict

OLD = Warned("FutureWarning", "old way")
FEW = Warned("UserWarning", "only 3 rows")

CONVERGENCE = """\
/site/sklearn/linear_model/_logistic.py:473: ConvergenceWarning: lbfgs failed to converge:
STOP: TOTAL NO. OF ITERATIONS REACHED LIMIT

Increase the number of iterations to improve the convergence.
    https://scikit-learn.org/stable/modules/preprocessing.html
  n_iter_i = _check_optimize_result(
"""


def test_a_warning_of_many_lines_is_taken_whole() -> None:
    """From its header to the line of code below it; what follows is other text."""
    [warned], rest = split_warnings("before\n" + CONVERGENCE + "after\n")
    assert warned.category == "ConvergenceWarning"
    assert warned.message.startswith("lbfgs failed")
    assert warned.message.endswith("preprocessing.html")
    assert rest == "before\nafter\n"


def test_a_warning_without_code_takes_its_line_alone() -> None:
    """Text behind it is not swallowed, though a later warning shows its code."""
    text = "<frozen>:1: RuntimeWarning: size changed\nnote\nx.py:2: UserWarning: b\n  f()\n"
    warned, rest = split_warnings(text)
    assert [str(each) for each in warned] == ["RuntimeWarning: size changed", "UserWarning: b"]
    assert rest == "note\n"


def test_where_a_warning_is_shown_does_not_matter() -> None:
    """In the original in cell 0 once; in the pipeline in each process."""
    assert compare_warnings({0: [OLD], 3: [FEW]}, {2: [OLD, FEW], 5: [OLD]}) == {}


def test_a_warning_that_is_gone_and_one_that_is_new_are_differences() -> None:
    """Each is told at the cell that shows it."""
    found = compare_warnings({0: [OLD], 1: []}, {1: [FEW]})
    assert {origin: [d.verdict for d in each] for origin, each in found.items()} == {
        0: [Verdict.DIFFERENT],
        1: [Verdict.DIFFERENT],
    }
    assert found[0][0].expected == "FutureWarning: old way"
    assert found[1][0].actual == "UserWarning: only 3 rows"


def test_numbers_in_warnings_have_tolerance() -> None:
    """As in all text; it is told once."""
    one, other = (Warned("UserWarning", f"gap {value}") for value in ("0.3", "0.30000000000000004"))
    found = compare_warnings({0: [one]}, {4: [other]})
    assert [d.verdict for each in found.values() for d in each] == [Verdict.WITHIN_TOLERANCE]
    assert compare_warnings({0: [one]}, {0: [Warned("FutureWarning", "gap 0.3")]})[0]


def test_a_warning_that_some_runs_of_the_original_show_is_nondeterministic() -> None:
    """Gone or new: the original is not steady in it either."""
    gone = compare_warnings({0: [FEW]}, {}, [{}])
    new = compare_warnings({}, {0: [FEW]}, [{0: [FEW]}])
    assert gone[0][0].verdict is new[0][0].verdict is Verdict.NONDETERMINISTIC
    assert compare_warnings({0: [FEW]}, {}, [{0: [FEW]}])[0][0].verdict is Verdict.DIFFERENT
