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
    """

    low: float
    high: float
    whole: bool = False
    optional: bool = False

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
    # Whole hours, because nobody plans an answer to the minute; 0 is asking at departure time.
    "hours_before_departure": Range(0, 24),
    "learning_rate": Range(0.001, 1),
    "max_leaf_nodes": Range(2, 1000, whole=True),
    "min_samples_leaf": Range(1, 100_000, whole=True),
    "max_iter": Range(1, 5000, whole=True),
    "l2_regularization": Range(0, 1e6),
    "resamples": Range(20, 10_000, whole=True),
    "seed": Range(0, 2**32 - 1, whole=True),
}


def check_params(**params: object) -> None:
    """Stop at the first parameter that is out of its range.

    Parameters
    ----------
    **params
        Parameters by name; a list stands for several values of one parameter.

    Raises
    ------
    ParameterError
        It names the parameter, its value, what is allowed and where to change it.
    """
    for name, given in params.items():
        values = given if isinstance(given, list) and given else [given]
        for value in values:
            if value not in RANGES[name]:
                message = (
                    f"Parameter {name!r} is {value!r}, expected {RANGES[name]}. "
                    "Change it in env.yaml (or the file that PLOOMBER_ENV_FILENAME names)."
                )
                raise ParameterError(message)
