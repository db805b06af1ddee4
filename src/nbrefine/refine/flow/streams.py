"""The state of random streams, which crosses so that a seeded sequence goes on as it was."""

from __future__ import annotations

import re

from nbrefine.recording.formats import Stored

FORMAT = "random-state"
_STREAM = re.compile(r"<random:(\w+)>\Z")
# How the state is taken, how it is put back, and what that needs.
_STATES = {
    "numpy": ("np.random.get_state()", "np.random.set_state({})", "import numpy as np"),
    "random": ("random.getstate()", "random.setstate({})", "import random"),
    "torch": ("torch.get_rng_state()", "torch.set_rng_state({})", "import torch"),
}


def stream(target: str) -> str:
    """Return the pseudo-name of a random stream such as ``numpy``."""
    return f"<random:{target}>"


def random_state(name: str) -> Stored | None:
    """Return how the state of a random stream is stored; None for any other name."""
    found = _STREAM.match(name)
    return Stored((name,), FORMAT) if found and found[1] in _STATES else None


def state_imports(name: str) -> tuple[str, ...]:
    """Return what the lines for a stream need."""
    return ("import pickle", "from pathlib import Path", _state(name)[2])


def state_read(name: str, path: str) -> str:
    """Return the line that puts a stream's state back."""
    return _state(name)[1].format(f"pickle.loads(Path({path}).read_bytes())")


def state_write(name: str, path: str) -> str:
    """Return the line that keeps a stream's state."""
    return f"Path({path}).write_bytes(pickle.dumps({_state(name)[0]}))"


def _state(name: str) -> tuple[str, str, str]:
    return _STATES[name.removeprefix("<random:").removesuffix(">")]
