"""A service in a process of its own, as a user starts it."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from nbrefine.serving.worker import SPARE

START_WITHIN = 90.0


@dataclass(frozen=True)
class Running:
    """A service that can be asked."""

    process: subprocess.Popen[str]
    port: int

    def ask(
        self, body: object, path: str = "/predict", **headers: str
    ) -> tuple[int, dict[str, Any]]:
        """Send a body, and return the status and what the answer says."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        kind = {"Content-Type": "application/json"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        return self.request("POST", path, content, kind)

    def get(self, path: str) -> tuple[int, dict[str, Any]]:
        """Get a page of JSON."""
        return self.request("GET", path, None, {})

    def request(
        self, method: str, path: str, content: bytes | None, headers: dict[str, str]
    ) -> tuple[int, dict[str, Any]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(connection):
            connection.request(method, path, content, headers)
            answer = connection.getresponse()
            text = answer.read()
        return answer.status, json.loads(text) if text else {}

    def text(self, path: str) -> str:
        """Get a page of text."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(connection):
            connection.request("GET", path)
            return connection.getresponse().read().decode()

    def model_process(self) -> psutil.Process:
        """Find the process of the model."""
        children = psutil.Process(self.process.pid).children()
        workers = [each for each in children if "nbrefine.serving.worker" in each.cmdline()]
        (found,) = [each for each in workers if each.cmdline()[-1] != SPARE]
        return found

    def wait_until_ready(self) -> float:
        """Wait until the model can answer, and say how many seconds that took."""
        began = time.monotonic()
        while time.monotonic() - began < START_WITHIN:
            with contextlib.suppress(OSError):
                if self.get("/health/ready")[0] == 200:
                    return time.monotonic() - began
            time.sleep(0.1)
        raise AssertionError("the model did not come back")


@contextlib.contextmanager
def service(model: Path, *options: str) -> Iterator[Running]:
    """Start a service on a free port, and end it."""
    command = [sys.executable, "-m", "nbrefine", "serve", str(model), "--port", "0", *options]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"}
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
        assert found, line
        yield Running(process, int(found[1]))
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()
