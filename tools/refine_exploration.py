"""Refine the exploration notebook, unless neither it nor the code has changed since."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from nbrefine.files.atomic import write_atomic
from nbrefine.files.digest import digest_file
from nbrefine.files.paths import shown
from nbrefine.refine.inputs import own_code

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK = ROOT / "notebooks" / "exploration" / "flight_delays.ipynb"
PROJECT = ROOT / "build" / "flight_delays"
# What the last refine was made of, and what it came to.
VERDICT = PROJECT / ".nbrefine" / "verdict.json"


def key() -> str:
    """Return what decides about the result: the notebook, the code, the installed versions."""
    parts = [digest_file(NOTEBOOK), own_code(), digest_file(ROOT / "requirements.lock")]
    return hashlib.sha256("\n".join([*parts, sys.version]).encode()).hexdigest()


def stored() -> dict[str, Any] | None:
    """Return the last result; None if it is of another notebook or other code, or was undone."""
    try:
        result = json.loads(VERDICT.read_text(encoding="utf-8"))
        return dict(result) if result["key"] == key() else None
    except (OSError, ValueError, LookupError, TypeError):
        return None


def refine() -> dict[str, Any] | None:
    """Refine the notebook; return what came of it, or None if it was refused."""
    from nbrefine.refine.memory import is_unfinished  # noqa: PLC0415  (heavy; seldom needed)

    # An interrupted refine goes on; a finished one is of another notebook or code, and makes way.
    if PROJECT.exists() and not is_unfinished(PROJECT):
        shutil.rmtree(PROJECT)
    # It is run twice, not three times, as its two cells that vary are known by how they draw; and
    # no tests are recorded, which takes another run.
    options = ("--runs", "2", "--no-tests", "--json")
    command = [*(sys.executable, "-m", "nbrefine", "refine"), *options]
    done = subprocess.run(
        [*command, "-o", str(PROJECT), str(NOTEBOOK)],
        cwd=ROOT,
        # What runs beside the build takes one of two cores.
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode not in {0, 1} or not done.stdout:
        return None
    report = json.loads(done.stdout)
    proof = report["proof"]
    counts = {kind: number for kind, number in proof["counts"].items() if number}
    result = {
        "key": key(),
        "holds": proof["holds"],
        "verdict": report["verdict"],
        "steps": [step["name"] for step in report["steps"]],
        "counts": counts,
    }
    write_atomic(VERDICT, json.dumps(result, indent=1) + "\n")
    return result


def main() -> int:
    """Refine, or say what was found the last time."""
    print(f"[run] nbrefine refine {shown(NOTEBOOK, ROOT)}", flush=True)
    result = stored()
    again = result is None
    if result is None and (result := refine()) is None:
        print("[run] The notebook was not refined; the message above says why.", file=sys.stderr)
        return 1
    if not again:
        print("[run] Neither the notebook nor the code has changed since it was refined")
    print(f"[run] Its steps: {', '.join(result['steps'])}")
    for kind, counts in result["counts"].items():
        print(f"[run]   {kind}: {', '.join(f'{number} {each}' for each, number in counts.items())}")
    print(f"[run] {result['verdict']}")
    print(f"[run] Cell by cell: {shown(PROJECT / 'build' / 'proof.html', ROOT)}")
    return 0 if result["holds"] else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
