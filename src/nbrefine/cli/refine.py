"""``nbrefine refine``: makes a pipeline of a notebook, and proves that it says the same."""

from __future__ import annotations

import json
import shlex
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from nbrefine.cli.ending import tidy_end
from nbrefine.cli.output import write_output
from nbrefine.cli.prove import COLOURS
from nbrefine.cli.stages import Progress
from nbrefine.compare.verdict import Verdict
from nbrefine.errors import InputError
from nbrefine.files.paths import shown
from nbrefine.recording.facts import Basis
from nbrefine.refine.describe import named_transforms, refinement_json
from nbrefine.refine.extract.moved import moved_lines
from nbrefine.refine.memory import is_unfinished
from nbrefine.refine.options import Options
from nbrefine.refine.prove.page import proof_page
from nbrefine.refine.prove.proof import headline
from nbrefine.refine.refine import Refinement, refine
from nbrefine.refine.uncut import why_uncut
from nbrefine.refine.update.update import update
from nbrefine.refine.update.update_text import update_json, update_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nbrefine.refine.generated_tests.generate import GeneratedTests


# What a shell gives for a program that was interrupted.
_INTERRUPTED = 130
_NOT_PROVED = {
    Basis.RUN: ("Not proved: the project was not built. nbrefine prove does it.",),
    Basis.STORED: ("Not proved: the project was not built. nbrefine prove does it.",),
    Basis.NONE: (
        "Not proved: nothing was run.",
        "  What flows between the steps is told from the code: what it does not show, such as a",
        "  change through another name for the same object, may be missed.",
        "  Values cross in pickle files, and nobody has tried whether that is exact.",
        "  Files are those that the code names.",
    ),
}


@click.command("refine")
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Folder for the project; a new one beside the notebook if not given. '.' adds it to the "
    "present folder when nothing collides.",
)
@click.option(
    "--steps", type=click.IntRange(min=1), help="How many steps; as many as suit if not given."
)
@click.option(
    "--runs",
    type=click.IntRange(min=1),
    default=3,
    show_default=True,
    help="How often the notebook is run at most, to see what varies.",
)
@click.option(
    "--static",
    is_flag=True,
    help="Run nothing: go by the code alone. What is not proved is said.",
)
@click.option(
    "--record-from",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="EXECUTED",
    help="Compare with the outputs that this executed copy of the notebook holds, rather than "
    "run the notebook: for where a run takes hours.",
)
@click.option(
    "--prove/--no-prove",
    default=None,
    help="Build the project and compare; the default, but for --static.",
)
@click.option(
    "--tests/--no-tests",
    default=True,
    help="Write tests of what moved to src/, from calls that are recorded while the proof is "
    "built; the default.",
)
@click.option(
    "--baselines/--no-baselines",
    default=True,
    help="Keep the executed steps as notebooks that nbval runs again and compares, which is tried "
    "once; the default.",
)
@click.option("--timeout", type=click.FloatRange(min=0), help="Seconds that a cell may take.")
@click.option("--kernel", metavar="NAME", help="Installed kernel to run in.")
@click.option(
    "--python", metavar="FILE", help="Interpreter to run in; it needs ipykernel, not nbrefine."
)
@click.option("--copy-data", is_flag=True, help="Copy data files instead of linking them.")
@click.option("--force", is_flag=True, help="Overwrite what lies in DIR.")
@click.option(
    "--update",
    "updates",
    is_flag=True,
    help="Bring what has changed in NOTEBOOK into the project in DIR, and keep what was edited "
    "there by hand. Where the two contradict each other, say so and write nothing.",
)
@click.option(
    "--prefer",
    type=click.Choice(["mine", "notebook"]),
    help="With --update: which side counts where they contradict each other.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_context
def command(  # noqa: PLR0913  (one argument an option)
    context: click.Context,
    *,
    notebook: Path,
    output: Path | None,
    steps: int | None,
    runs: int,
    timeout: float | None,
    kernel: str | None,
    python: str | None,
    record_from: Path | None,
    static: bool,
    prove: bool | None,
    tests: bool,
    baselines: bool,
    copy_data: bool,
    force: bool,
    updates: bool,
    prefer: str | None,
    as_json: bool,
) -> None:
    """Make a pipeline of NOTEBOOK, and prove that it says the same.

    The notebook is run under observation and cut into steps, which Ploomber builds; all outputs,
    final variables and files are compared with the notebook's own. Nothing of the notebook's
    folder is changed. Ends with exit code 0 if nothing is different or missing.
    """
    root = output or notebook.parent / f"{notebook.stem}_pipeline"
    if updates:
        context.exit(_update(notebook, root, _asked(context), prefer, as_json=as_json))
    if prefer:
        raise InputError("--prefer has a use with --update alone.")
    options = Options(
        steps=steps,
        runs=runs,
        static=static,
        record_from=record_from,
        prove=prove,
        timeout=timeout,
        python=python,
        kernel=kernel,
        force=force,
        inside=output is not None and output.resolve() == Path.cwd(),
        copy_data=copy_data,
        tests=tests,
        baselines=baselines,
    )
    progress = Progress(_stages(options))
    try:
        with tidy_end():
            found = refine(notebook, root, options, progress)
    except KeyboardInterrupt:
        click.echo(_interrupted(root), err=True)
        context.exit(_INTERRUPTED)
    finally:
        progress.end()
    if found.proof is not None:
        write_output(
            root / "build" / "proof.html", proof_page(found.proof, named_transforms(found))
        )
    if as_json:
        click.echo(json.dumps(refinement_json(found), indent=2, ensure_ascii=False))
    else:
        for line in _lines(found):
            click.echo(line)
    if found.proof is not None and not found.proof.holds:
        context.exit(1)


def _stages(options: Options) -> tuple[str, ...]:
    """Return the stages that run the whole notebook, as far as that is known before."""
    if options.basis is not Basis.RUN:
        return ("proving",) if options.proves else ()
    proving = ("proving",) if options.proves else ()
    testing = ("testing",) if options.proves and options.tests and options.baselines else ()
    return ("observed", "formats", *proving, *testing)


def _asked(context: click.Context) -> dict[str, Any]:
    """Return the options that the user has typed."""
    names = {each.name for each in fields(Options)} - {"force"}
    typed = {
        name
        for name in names & context.params.keys()
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    }
    return {name: context.params[name] for name in typed}


def _update(
    notebook: Path, root: Path, asked: Mapping[str, Any], prefer: str | None, *, as_json: bool
) -> int:
    """Update a project, and say what came of it; return the exit code."""
    progress = Progress()
    try:
        with tidy_end():
            found = update(notebook, root, asked, progress, prefers=prefer or "")
    finally:
        progress.end()
    if found.proof is not None and not found.refused:
        write_output(root / "build" / "proof.html", proof_page(found.proof))
    if as_json:
        click.echo(json.dumps(update_json(found), indent=2, ensure_ascii=False))
    else:
        for line in update_lines(found):
            click.echo(line)
    return 1 if found.refused or found.tests.failed else 0


def _interrupted(root: Path) -> str:
    """Say what an interrupted call has left, and how to go on."""
    if not is_unfinished(root):
        return "\nInterrupted before anything was found out. The same command begins anew."
    return (
        f"\nInterrupted. The recording of the notebook is kept in {shown(root)}: the same command "
        "goes on from there."
    )


def _tested(tests: GeneratedTests) -> Iterator[str]:
    """Say what the functions' tests came to, and which functions have none."""
    if tests.tests:
        yield f"  tests: {tests.passed} cases pass, of {', '.join(tests.tests)}"
    if learnt := tests.transformers:
        yield f"  learning in fit what they take from all rows: {', '.join(learnt.values())}"
    if baselines := tests.baselines:
        ignored = sum(len(each.ignored) for each in baselines)
        more = f", the outputs of {ignored} cells not compared" if ignored else ""
        yield f"  notebooks for nbval: {', '.join(each.step for each in baselines)}{more}"
    yield from (f"  no notebook for nbval of {step}: {why}" for step, why in tests.refused.items())
    for name, labels in tests.masked.items():
        yield f"  made up in the tests of {name}, as it looked personal: {', '.join(labels)}"
    yield from (f"  no test of {each.function}: {each.reason}" for each in tests.missed)
    yield from (f"  left out, as it failed: {name}: {why}" for name, why in tests.left_out.items())
    if tests.trouble:
        yield f"  {tests.trouble}"


def _lines(found: Refinement) -> Iterator[str]:
    """Say the verdict, the steps, what was given up, and what to try next."""
    draft, proof = found.draft, found.proof
    yield ""
    width = max(len(step.name) for step in draft.steps)
    for step in draft.steps:
        takes = ", ".join(f"{', '.join(read.names)} ({read.step})" for read in step.reads)
        cells = f"{len(step.cells)} cell{'s' if len(step.cells) > 1 else ''}"
        yield f"  {step.name:<{width}}  {cells:>9}" + (f"  takes {takes}" if takes else "")
    yield from (f"  not cut: {reason}" for reason in why_uncut(draft))
    if draft.parameterization.parameters:
        names = ", ".join(each.name for each in draft.parameterization.parameters)
        yield f"  parameters: {names}"
    if found.credentials:
        names = ", ".join(found.credentials)
        yield f"  credentials, now read from the environment: {names} (see .env.example)"
    yield from moved_lines(draft.extraction)
    yield from (f"  since the proof failed before, {each}" for each in found.retreats)
    if found.unmendable:
        yield f"  in one step, too, other than in the notebook: {', '.join(found.unmendable)}"
    if found.taken_up:
        yield "  recorded by an earlier call: neither notebook, data nor packages have changed"
    yield ""
    if proof is None:
        yield from _NOT_PROVED[found.recording.basis]
    else:
        colour = COLOURS.get(proof.verdict) if proof.holds else "red"
        yield click.style(headline(proof), fg=colour, bold=True)
        for kind, counts in proof.counts.items():
            parts = [f"{counts[each]} {each}" for each in Verdict if each in counts]
            if parts:
                yield f"  {kind}: {', '.join(parts)}"
        yield f"  side by side: {shown(found.root / 'build' / 'proof.html')}"
    if found.tests is not None:
        yield from _tested(found.tests)
    yield ""
    yield "Next:"
    yield from _next(found)


def _next(found: Refinement) -> Iterator[str]:
    """Give the commands to try next, as they are typed."""
    root = shlex.quote(shown(found.root))
    if found.recording.basis is Basis.NONE:
        yield f"  nbrefine refine {shlex.quote(shown(found.notebook))} -o {root} --force"
    here = found.root.resolve() == Path.cwd()
    yield "  ploomber build" if here else f"  cd {root} && ploomber build"
    yield f"  nbrefine plot {root}"
    yield f"  jupyter lab {shlex.quote(shown(found.root / found.draft.steps[0].notebook))}"
