"""``nbrefine check``: proves that features serve as they train, and that they know no future."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nbrefine.cli import options
from nbrefine.errors import InputError, Place, did_you_mean
from nbrefine.files.paths import shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from nbrefine.features.leakage import LeakageProof
    from nbrefine.features.safety import ServingProof
    from nbrefine.features.skew import SkewReport
    from nbrefine.features.view import FeatureView

_requests = click.option(
    "--requests",
    "requests_file",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Recorded requests, as Parquet.",
)
_tables = click.option(
    "--tables",
    "tables_folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="The look-up tables; none are needed where nothing is looked up.",
)
_as_json = click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")


@click.group("check")
def command() -> None:
    """Prove that features serve as they train, and know no future."""


@command.command("serving")
@options.view
@_requests
@_tables
@click.option(
    "--rows",
    type=click.IntRange(1),
    default=200,
    show_default=True,
    help="How many requests to make one by one.",
)
@_as_json
@options.project_folder
@click.pass_context
def serving(  # noqa: PLR0913  (one an option)
    context: click.Context,
    *,
    module: str,
    requests_file: Path,
    tables_folder: Path | None,
    rows: int,
    as_json: bool,
    folder: Path,
) -> None:
    """Prove that features made request by request are those made in batch, bit by bit.

    Where they are not, the column and the statement that makes the difference are named.
    """
    from nbrefine.features.safety import check_serving  # noqa: PLC0415  (pandas takes a second)

    view = options.declared_view(module, folder)
    requests, tables = _read(requests_file), _read_tables(tables_folder, view)
    proof = check_serving(view, requests, tables, rows=rows)
    _print(asdict(proof), _serving_lines(proof), as_json=as_json)
    if not proof.holds:
        context.exit(1)


@command.command("leakage")
@options.view
@_requests
@_tables
@click.option(
    "--labels",
    metavar="FILE:COLUMN",
    help="What became of the requests; with it, features too good to be true are named.",
)
@_as_json
@options.project_folder
@click.pass_context
def leakage(  # noqa: PLR0913  (one an option)
    context: click.Context,
    *,
    module: str,
    requests_file: Path,
    tables_folder: Path | None,
    labels: str | None,
    as_json: bool,
    folder: Path,
) -> None:
    """Prove that no feature knows what became known after the time of asking.

    What cannot be proved, that some look-ups are timeless, is listed for the reviewer.
    """
    from nbrefine.features.leakage import check_leakage  # noqa: PLC0415  (pandas takes a second)

    view = options.declared_view(module, folder)
    requests, tables = _read(requests_file), _read_tables(tables_folder, view)
    proof = check_leakage(view, requests, tables, _labels(labels))
    _print(asdict(proof), _leakage_lines(proof), as_json=as_json)
    if not proof.holds:
        context.exit(1)


@command.command("skew")
@options.view
@_tables
@click.option(
    "--log",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="The prediction log.",
)
@_as_json
@options.project_folder
@click.pass_context
def skew(  # noqa: PLR0913  (one an option)
    context: click.Context,
    *,
    module: str,
    tables_folder: Path | None,
    log: Path,
    as_json: bool,
    folder: Path,
) -> None:
    """Make the features of logged requests offline, and compare them with what was served."""
    from nbrefine.features.skew import check_skew  # noqa: PLC0415  (pandas takes a second)
    from nbrefine.serving.logged import logged_requests  # noqa: PLC0415

    view = options.declared_view(module, folder)
    requests, served = logged_requests(view, log)
    report = check_skew(view, requests, served, _read_tables(tables_folder, view))
    _print(asdict(report), _skew_lines(report), as_json=as_json)
    if report.skewed:
        context.exit(1)


def _read(file: Path) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415  (a second to import)

    try:
        return pd.read_parquet(file)
    except (OSError, ValueError) as error:
        message = f"It cannot be read as Parquet: {str(error).splitlines()[0]}"
        raise InputError(message, where=Place(shown(file))) from None


def _read_tables(folder: Path | None, view: FeatureView) -> dict[str, pd.DataFrame]:
    from nbrefine.features.tables import read_tables  # noqa: PLC0415  (pandas takes a second)

    if folder is not None:
        return read_tables(folder, view)
    if view.lookups:
        message = f"{view.module} looks up in tables, and no folder is given."
        raise InputError(message, hint="Say where they are: --tables DIR")
    return {}


def _labels(said: str | None) -> pd.Series | None:
    if said is None:
        return None
    name, _, column = said.rpartition(":")
    if not name:
        raise InputError(
            f"--labels {said!r} does not say the file and its column.",
            hint="Write both, such as labels.parquet:returned.",
        )
    frame = _read(Path(name))
    if column not in frame.columns:
        hint = did_you_mean(column, map(str, frame.columns))
        raise InputError(f"There is no column {column!r}.", where=Place(name), hint=hint)
    return frame[column]


def _print(data: object, lines: Iterable[str], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(data, indent=2, ensure_ascii=False, default=str))
        return
    for line in lines:
        click.echo(line)


def _serving_lines(proof: ServingProof) -> Iterable[str]:
    for name, kind in proof.transforms.items():
        yield f"{name}: {kind}"
    for difference in proof.differences:
        yield f"different: {difference}"
    if proof.holds:
        yield (
            f"{proof.requests} requests made one by one equal the batch in all "
            f"{proof.columns} columns, bit by bit."
        )


def _leakage_lines(proof: LeakageProof) -> Iterable[str]:
    for name, reason in proof.trusted.items():
        yield f"taken on trust: {name} is timeless, for {reason}"
    for each in proof.strongest:
        yield f"{each.feature}: {each}"
    for leak in proof.leaks:
        yield f"leak: {leak}"
    if proof.holds:
        yield (
            f"The future of {len(proof.instants)} instants was dealt out anew: no feature of "
            f"{proof.requests} requests asked by then changed."
        )


def _skew_lines(report: SkewReport) -> Iterable[str]:
    for each in report.skewed:
        yield (
            f"skewed: {each.column} in {each.requests} of {report.requests} requests "
            f"({each.missing} missing on one side only), such as {each.served!r} served, "
            f"{each.offline!r} offline"
        )
    for name in report.absent:
        yield f"not in the log: {name}"
    if not report.skewed:
        yield f"{report.requests} logged requests have the same {report.columns} features offline."
