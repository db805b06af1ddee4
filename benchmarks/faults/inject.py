"""Lets a fault happen to a project."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from benchmarks.faults.fault import Fault
    from benchmarks.faults.tool import Tool
    from benchmarks.small_pipeline import Project

_DRIVER = Path(__file__).with_name("killed_at.py")
_PATIENCE = 120.0


@dataclass(frozen=True)
class Injection:
    """Lets faults happen to projects that a tool builds.

    Parameters
    ----------
    tool
        The tool.
    seconds
        How long a whole build takes.
    """

    tool: Tool
    seconds: float

    def inject(self, fault: Fault, project: Project) -> bool:
        """Bring a project into the fault's state, let it happen, and undo what is to be undone.

        Returns
        -------
        bool
            Whether it happened: a point may not be reached.
        """
        chance = random.Random(fault.seed)  # noqa: S311  (no secret)
        if fault.state == "product deleted":
            (project.root / "out/second.json").unlink(missing_ok=True)
        elif fault.state.startswith("edited"):
            project.replace("src/tools.py", "2 * n", "3 * n")
        happened = _KINDS[fault.kind](self, fault, project, chance)
        if fault.state == "edited and reverted":
            project.replace("src/tools.py", "3 * n", "2 * n")
        return happened

    def start(self, project: Project, **more: object) -> subprocess.Popen[bytes]:
        """Start a build."""
        return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
            project.command(*self.tool.command), **_quiet(project), **more
        )

    def at_point(self, fault: Fault, project: Project, _: random.Random) -> bool:
        """Kill the builder where its code calls a function."""
        point = [str(fault.details[key]) for key in ("point", "nth", "when")]
        command = [sys.executable, str(_DRIVER), *point, *self.tool.command[1:]]
        done = subprocess.run(command, check=False, timeout=_PATIENCE, **_quiet(project))
        return done.returncode == -signal.SIGKILL

    def at_moment(self, fault: Fault, project: Project, chance: random.Random) -> bool:
        """Kill the builder at any moment."""
        builder = self.start(project)
        time.sleep(chance.uniform(0.0, 1.05) * self.seconds)
        running = builder.poll() is None
        builder.send_signal(getattr(signal, fault.details["signal"]))
        builder.wait(_PATIENCE)
        return running

    def race(self, _: Fault, project: Project, chance: random.Random) -> bool:
        """Build twice at once, and change an input meanwhile."""
        builders = [self.start(project), self.start(project)]
        time.sleep(chance.uniform(0.0, 1.0) * self.seconds)
        numbers = [str(chance.randrange(100)) for _ in range(4)]
        project.write("raw.txt", "\n".join(numbers) + "\n")
        for builder in builders:
            builder.wait(2 * _PATIENCE)
        return True

    def fill_disk(self, fault: Fault, project: Project, _: random.Random) -> bool:
        """Let no file grow beyond a size."""
        limit = int(fault.details["limit"])

        def limited() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        self.start(project, preexec_fn=limited).wait(_PATIENCE)
        return True

    def tamper(self, fault: Fault, project: Project, chance: random.Random) -> bool:
        """Change files behind the tool's back."""
        happened = False
        for how, pattern in fault.details["done"]:
            files = sorted(project.root.glob(pattern))
            if files:
                _tamper(how, chance.choice(files), chance)
                happened = True
        return happened

    def damage_memory(self, fault: Fault, project: Project, chance: random.Random) -> bool:
        """Damage what the tool remembers."""
        files = sorted(project.root.glob(self.tool.memory))
        for file in files:
            for other in file.parent.glob(f"{file.name}-*"):
                other.unlink()
            _damage(str(fault.details["how"]), file, chance)
        return bool(files)


_KINDS: Mapping[str, Callable[[Injection, Fault, Project, random.Random], bool]] = {
    "point": Injection.at_point,
    "moment": Injection.at_moment,
    "race": Injection.race,
    "disk": Injection.fill_disk,
    "tamper": Injection.tamper,
    "ledger": Injection.damage_memory,
}


def _quiet(project: Project) -> dict[str, object]:
    nowhere = subprocess.DEVNULL
    return {"cwd": project.root, "env": project.environ(), "stdout": nowhere, "stderr": nowhere}


def _tamper(how: str, file: Path, chance: random.Random) -> None:
    content = file.read_bytes()
    times = file.stat().st_atime_ns, file.stat().st_mtime_ns
    if how == "delete":
        file.unlink()
        return
    if how == "swap":
        # The same size, and a time that claims that nothing happened.
        file.write_bytes(content.translate(bytes((byte + 1) % 256 for byte in range(256))))
        os.utime(file, ns=times)
        return
    changed = {
        "empty": b"",
        "garbage": chance.randbytes(64),
        "truncate": content[: len(content) // 2],
        "append": content + b" ",
    }
    file.write_bytes(changed[how])


def _damage(how: str, file: Path, chance: random.Random) -> None:
    content = bytearray(file.read_bytes())
    if how == "delete":
        file.unlink()
    elif how == "garbage":
        file.write_bytes(chance.randbytes(4096))
    elif how == "truncate":
        file.write_bytes(bytes(content[: chance.randrange(len(content))]))
    elif how == "old":
        file.write_bytes(json.dumps({"version": 0}).encode())
    else:
        for _ in range(40):
            content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        file.write_bytes(bytes(content))
