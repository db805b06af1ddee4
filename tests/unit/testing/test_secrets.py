"""Credentials do not get into git."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbrefine.pipeline.model import Pipeline
from nbrefine.testing.recording import make_baseline
from nbrefine.testing.secrets import MASK, hidden_parameters, without_secrets

if TYPE_CHECKING:
    from conftest import Make

TOKEN = "ghp_" + "a1" * 18


def test_what_is_a_credential_by_its_form_is_left_out(make: type[Make]) -> None:
    """A result that is only called like one stays, and so do pictures."""
    output = without_secrets(make.printed(f"with {TOKEN}\ntoken share: 0.5\n"))
    assert output == make.printed(f"with {MASK}\ntoken share: 0.5\n")
    assert without_secrets(make.plot()) == make.plot()


def test_parameters_that_are_credentials_are_left_out() -> None:
    """By name or by form; the others are written as they were."""
    setting = f'# Parameters\nn = 3\npassword = "hush"\nurl = "x {TOKEN}"\nq = float("nan")\n'
    assert hidden_parameters(setting).splitlines() == [
        "n = 3",
        f"password = {MASK!r}",
        f"url = 'x {MASK}'",
        'q = float("nan")',
    ]


def test_plain_nbval_is_told(make: type[Make], pipeline: Pipeline) -> None:
    """It would compare the credential with its mask."""
    run = make.run(make.ran("print(token)", make.printed(f"{MASK}\n")))
    (cell,) = make_baseline(pipeline, [run, run]).cells
    assert cell.notes["nbval"] == "it shows a credential, which is left out"
