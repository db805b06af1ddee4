"""``nbrefine serve``: answers HTTP requests with a model directory.

``nbrefine serve init`` writes the declaration of features that a served model begins with.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nbrefine.cli import options
from nbrefine.errors import InputError
from nbrefine.files.paths import shown

if TYPE_CHECKING:
    from nbrefine.refine.declare.declare import Declared


class _Serve(click.Command):
    """``serve MODEL_DIR`` serves; where the first word is ``init``, that command is meant."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,  # noqa: ANN401  (click's interface)
    ) -> click.Context:
        """Make the context of what is meant."""
        if args[:1] == [_INIT]:
            return initialize.make_context(f"{info_name} {_INIT}", args[1:], parent, **extra)
        return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  (click's interface)
        """Do what is meant."""
        return super().invoke(ctx) if ctx.command is self else ctx.command.invoke(ctx)


_INIT = "init"


@click.command("init")
@options.project_folder
def initialize(folder: Path) -> None:
    """Write the declaration of a refined project's features, for you to review.

    What the steps call on the frame that the model is fitted on becomes
    src/<project>/feature_views.py, as far as each row is made of that row alone. What could not be
    decided is marked in it and explained. Nothing is overwritten.
    """
    from nbrefine.refine.declare.declare import declare  # noqa: PLC0415  (pandas takes a second)

    for line in _written_lines(declare(folder)):
        click.echo(line)


def _written_lines(written: Declared) -> list[str]:
    kinds = [each.why_not == "" for each in written.choice.transforms]
    count, columns = len(kinds), len(written.choice.request)
    said = f"{sum(kinds)} of {count} transforms serve a request of {columns} columns."
    lines = [f"{shown(written.file)}: {said}"]
    lines += [
        f"  not {each.called.name}: {each.why_not.partition('. ')[0]}"
        for each in written.choice.transforms
        if each.why_not
    ]
    if written.open:
        lines.append(f"{written.open} places are marked DECIDE: review them.")
    if written.requests is not None:
        requests = shown(written.requests)
        lines.append(f"Then: nbrefine check serving --view {written.module} --requests {requests}")
    return lines


@click.command("serve", cls=_Serve)
@click.argument("model", type=click.Path(path_type=Path, file_okay=False), metavar="MODEL_DIR")
@options.online_store
@click.option("--identity", default="", metavar="DIGEST", help="Serve this model and no other.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Port to listen on; 0 takes a free one.",
)
@click.option(
    "--log",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Log every prediction there.",
)
@click.option("--leave-out", multiple=True, metavar="COLUMN", help="Do not log this column.")
@click.option("--hash", "hashed", multiple=True, metavar="COLUMN", help="Log only its hash.")
@click.option(
    "--api-key-file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Clients must send what it holds, in the header X-API-Key.",
)
@click.option("--max-rows", type=click.IntRange(1), default=1000, show_default=True)
@click.option("--max-bytes", type=click.IntRange(1), default=1 << 20, show_default=True)
@click.option(
    "--latency-budget",
    type=click.FloatRange(0, min_open=True),
    default=1.0,
    show_default=True,
    help="Seconds that a request may be expected to wait; beyond that it gets 503.",
)
@click.option(
    "--time-limit",
    type=click.FloatRange(0.1),
    default=10.0,
    show_default=True,
    help="Seconds after which a request is given up.",
)
@click.option(
    "--max-store-age",
    type=click.FloatRange(0, min_open=True),
    metavar="HOURS",
    help="Do not answer from an online store that was pushed longer ago.",
)
def command(  # noqa: PLR0913  (one an option)
    *,
    model: Path,
    store: Path | None,
    identity: str,
    host: str,
    port: int,
    log: Path | None,
    leave_out: tuple[str, ...],
    hashed: tuple[str, ...],
    api_key_file: Path | None,
    max_rows: int,
    max_bytes: int,
    latency_budget: float,
    time_limit: float,
    max_store_age: float | None,
) -> None:
    """Answer HTTP requests with the model in MODEL_DIR, until it is told to stop.

    POST /predict takes one row or many; /docs shows what a row is, GET /model what made the
    model, /metrics what happens. What training never saw comes back as a warning.

    nbrefine serve init writes the declaration of a refined project's features.
    """
    from nbrefine.serving.server import ServiceSettings, serve  # noqa: PLC0415  (a second)
    from nbrefine.serving.settings import Limits, LogSettings, ModelSettings  # noqa: PLC0415

    logged = None if log is None else LogSettings(log, leave_out, hashed)
    age = None if max_store_age is None else max_store_age * 3600
    limits = Limits(rows=max_rows, body=max_bytes, latency=latency_budget, time=time_limit)
    settings = ServiceSettings(
        ModelSettings(model, store, age, logged, identity), host, port, limits, _key(api_key_file)
    )
    serve(settings, lambda address: click.echo(f"Serving {shown(model)} on {address} (/docs)"))


def _key(file: Path | None) -> str | None:
    if file is None:
        return None
    try:
        key = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The API key cannot be read from {shown(file)}: {error}.") from None
    if not key:
        raise InputError(f"{shown(file)} holds no API key.")
    return key
