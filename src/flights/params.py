"""The ranges of the pipeline's parameters; the step that uses one checks it first."""

from __future__ import annotations

from dataclasses import dataclass

from flights.errors import ParameterError


@dataclass(frozen=True)
class Range:
    """What a parameter may be.

    Parameters
    ----------
    low, high
        The least and the greatest value.
    whole
        Whether only whole numbers make sense.
    optional
        Whether null is allowed.
    several
        Whether a list of values is allowed, of which the best is chosen.
    """

    low: float
    high: float
    whole: bool = False
    optional: bool = False
    several: bool = False

    def __contains__(self, value: object) -> bool:
        """Tell whether a value is allowed; a bool is no number here."""
        if value is None:
            return self.optional
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return self.low <= value <= self.high and not (self.whole and value != int(value))

    def __str__(self) -> str:
        """Say it in words."""
        kind = "a whole number" if self.whole else "a number"
        return f"{kind} from {self.low} to {self.high}" + (" or null" if self.optional else "")


RANGES = {
    # A month has 28 days at least; beyond that the months would weigh differently.
    "sample": Range(1, 28, whole=True, optional=True),
    # "Late" is a matter of minutes, not of days; the airlines' own figures use 15.
    "late_after_minutes": Range(0, 360),
    # Whole hours, because nobody plans an answer to the minute. One at least: some flights leave
    # half an hour early and more, and asked later than that would know their own departure.
    "hours_before_departure": Range(1, 24, whole=True),
    "learning_rate": Range(0.001, 1, several=True),
    "max_leaf_nodes": Range(2, 1000, whole=True, several=True),
    "min_samples_leaf": Range(1, 100_000, whole=True, several=True),
    "max_iter": Range(1, 5000, whole=True, several=True),
    "l2_regularization": Range(0, 1e6, several=True),
    "resamples": Range(20, 10_000, whole=True),
    "seed": Range(0, 2**32 - 1, whole=True),
}


def check_params(**params: object) -> None:
    """Stop at the first parameter that is out of its range.

    Parameters
    ----------
    **params
        Parameters by name; of a hyperparameter a list of values may be given.

    Raises
    ------
    ParameterError
        It names the parameter, its value, what is allowed and where to change it.
    """
    for name, given in params.items():
        allowed = RANGES[name]
        if isinstance(given, list) and not allowed.several:
            several = ", ".join(each for each in RANGES if RANGES[each].several)
            wanted = f"a single value, {allowed}; only hyperparameters may be lists ({several})"
            raise _refusal(name, given, wanted)
        for value in given if isinstance(given, list) and given else [given]:
            if value not in allowed:
                raise _refusal(name, value, str(allowed))


def check_same(**pairs: tuple[object, object]) -> None:
    """Stop where a parameter differs from what the code declares.

    Parameters
    ----------
    **pairs
        By parameter, its value and the declared one.

    Raises
    ------
    ParameterError
        It names the parameter and both values.
    """
    for name, (given, declared) in pairs.items():
        if given != declared:
            raise ParameterError(
                f"Parameter {name!r} is {given!r}, but src/flights/feature_views.py declares "
                f"{declared!r}. Change both, or neither."
            )


def _refusal(name: str, value: object, wanted: str) -> ParameterError:
    """Word what is wrong with a parameter."""
    return ParameterError(
        f"Parameter {name!r} is {value!r}, expected {wanted}. "
        "Change it in env.yaml (or the file that PLOOMBER_ENV_FILENAME names)."
    )
