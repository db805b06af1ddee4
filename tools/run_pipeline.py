"""Run ``ploomber build`` on the flights, and say what ran and where to look."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from nbrefine.files.paths import shown
from nbrefine.pipeline.spec import read_pipeline
from nbrefine.pipeline.state import states

ROOT = Path(__file__).resolve().parent.parent
PLOOMBER = Path(sys.executable).with_name("ploomber")


def made_at() -> dict[str, float | None]:
    """Return when each step's products were made."""
    return {name: state.made for name, state in states(read_pipeline(ROOT)).items()}


def main() -> int:
    """Build, and end with where the report is."""
    before = made_at()
    print(f"[run] ploomber build: {' → '.join(before)}", flush=True)
    if code := subprocess.run([PLOOMBER, "build"], cwd=ROOT, check=False).returncode:
        print("[run] The build stopped; the message above says at which step.", file=sys.stderr)
        return code
    ran = [name for name, made in made_at().items() if made != before[name]]
    print(f"[run] Ran: {', '.join(ran)}" if ran else "[run] Nothing ran: every step is up to date")
    report = read_pipeline(ROOT).step("report").files["html"]
    print(f"[run] Read the report: {shown(report, ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
