"""Run ``ploomber build`` on the flights; beside it, refine the notebook that they began as."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from nbrefine.files.paths import shown
from nbrefine.pipeline.spec import read_pipeline
from nbrefine.pipeline.state import states

ROOT = Path(__file__).resolve().parent.parent
PLOOMBER = Path(sys.executable).with_name("ploomber")
REFINE = Path(__file__).with_name("refine_exploration.py")
INTERRUPTED = 130


def made_at() -> dict[str, float | None]:
    """Return when each step's products were made."""
    return {name: state.made for name, state in states(read_pipeline(ROOT)).items()}


def build() -> int:
    """Build the flights, and say what ran and where the report is."""
    before = made_at()
    print(f"[run] ploomber build: {' → '.join(before)}", flush=True)
    if code := subprocess.run([PLOOMBER, "build"], cwd=ROOT, check=False).returncode:
        print("[run] The build stopped; the message above says at which step.", file=sys.stderr)
        return code
    ran = [name for name, made in made_at().items() if made != before[name]]
    print(f"[run] Ran: {', '.join(ran)}" if ran else "[run] Nothing ran: every step is up to date")
    report = read_pipeline(ROOT).step("report").files["html"]
    print(f"[run] Read the report: {shown(report, ROOT)}", flush=True)
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
