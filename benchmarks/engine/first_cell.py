"""How long it takes from an edit's build to the first cell, where everything is imported already.

``first_cell.py RESULT``, in a pipeline's folder: the last step's notebook is edited and built
several times in one process, as in a server that stays. The seconds are those by the clock.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import datetime
from pathlib import Path

from nbrefine.engine.build import build
from nbrefine.pipeline.spec import read_pipeline

TIMES = 9


def main(root: Path, result: Path) -> None:
    """Build the pipeline, then its last step after each edit, and write down the seconds."""
    pipeline = read_pipeline(root)
    build(pipeline)
    last = list(pipeline.steps.values())[-1]
    found = []
    for number in range(TIMES):
        document = json.loads(last.source.read_text("utf-8"))
        document["cells"][-1]["source"] += f"\nprint({number})"
        last.source.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
        began = time.time()
        build(pipeline)
        executed = json.loads(last.files["nb"].read_text("utf-8"))
        started = executed["metadata"]["papermill"]["start_time"]
        found.append(datetime.fromisoformat(started).timestamp() - began)
    result.write_text(json.dumps(found))


if __name__ == "__main__":
    main(Path.cwd(), Path(sys.argv[1]))
