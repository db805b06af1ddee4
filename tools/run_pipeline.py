"""Run ``ploomber build`` on the flights; beside it, refine the notebook that they began as."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from nbrefine.files.paths import shown
from nbrefine.pipeline.ledger import Ledger
from nbrefine.pipeline.spec import read_pipeline

if TYPE_CHECKING:
    from nbrefine.pipeline.ledger_rows import Published

ROOT = Path(__file__).resolve().parent.parent
PLOOMBER = Path(sys.executable).with_name("ploomber")
REFINE = Path(__file__).with_name("refine_exploration.py")
INTERRUPTED = 130


def published() -> dict[str, Published]:
    """Return what was last published of each step."""
    with Ledger(ROOT) as ledger:
        return ledger.steps()


def build() -> int:
    """Build the flights, and say what ran and where the report is."""
    pipeline, before = read_pipeline(ROOT), published()
    print(f"[run] ploomber build: {' → '.join(pipeline.steps)}", flush=True)
    if code := subprocess.run([PLOOMBER, "build"], cwd=ROOT, check=False).returncode:
        print("[run] The build stopped; the message above says at which step.", file=sys.stderr)
        return code
    new = [row for name, row in published().items() if row != before.get(name)]
    for how in ("ran", "restored", "refreshed"):
        if names := [row.step for row in new if row.how == how]:
            print(f"[run] {how.capitalize()}: {', '.join(names)}")
    if not new:
        print("[run] Nothing ran: every step is up to date")
    print(
        f"[run] Read the report: {shown(pipeline.step('report').files['html'], ROOT)}", flush=True
    )
    return 0


def main() -> int:
    """Do both at once, as there are two cores; what refine says comes after the build."""
    refining = subprocess.Popen(
        [sys.executable, str(REFINE)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        if code := build():
            refining.send_signal(signal.SIGINT)
            return code
        for line in refining.stdout or ():
            print(line, end="", flush=True)
        return refining.wait()
    except KeyboardInterrupt:
        print("[run] Interrupted. The same command goes on from here.", file=sys.stderr)
        return INTERRUPTED
    finally:
        refining.wait()


if __name__ == "__main__":
    sys.exit(main())
