"""The real server as a child process, ended by its own process id."""

from __future__ import annotations

import atexit
import functools
import json
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[4]
VECTORS = CHECKOUT / "protocol" / "vectors"
_START_SECONDS = 30
_STOP_SECONDS = 40


def program() -> str:
    """The server's executable. Fails, and never skips, when there is none."""
    if named := os.environ.get("PAILOU"):
        if os.access(named, os.X_OK):
            return named
        raise AssertionError(f"PAILOU names {named}, which is no executable")
    for kind in ("release", "debug"):
        built = CHECKOUT / ".build" / kind / "pailou"
        if os.access(built, os.X_OK):
            return str(built)
    raise AssertionError(
        f"no server to test against: expected the environment variable PAILOU to name the executable, or one in "
        f"{CHECKOUT}/.build/release or .build/debug (swift build --product pailou)"
    )


class Server:
    """`pailou serve --ephemeral` with a data directory of its own."""

    def __init__(self, *arguments: str, **environment: str) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="pailou-python-")
        self.directory = Path(self._directory.name)
        self._log = (self.directory / "log").open("wb")
        command = [program(), "serve", "--ephemeral", "--data-dir", f"{self.directory}/data"]
        roles = [] if "--role" in arguments else ["--role", "all", "--role", "demo"]
        self.process = subprocess.Popen(
            [*command, *roles, *arguments], stdout=self._log, stderr=self._log, env={**os.environ, **environment}
        )
        try:
            self.endpoints = self._endpoints()
        except BaseException:
            self.kill()
            raise

    def _endpoints(self) -> dict[str, dict[str, str]]:
        file = self.directory / "data" / "endpoints.json"
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended before it was ready: {self.log}")
            if file.exists():
                found: dict[str, dict[str, str]] = json.loads(file.read_text())
                return found
            time.sleep(0.02)
        raise AssertionError(f"the server was not ready within {_START_SECONDS} s: {self.log}")

    @property
    def log(self) -> str:
        return (self.directory / "log").read_text(errors="replace")[-3000:]

    def rpc(self, role: str) -> str:
        """The RPC address of a role."""
        return self.endpoints["rpc"][role]

    def terminate(self) -> None:
        """SIGTERM; the server finishes what it has."""
        self.process.send_signal(signal.SIGTERM)

    def stop(self) -> None:
        """SIGTERM, then waits for the end."""
        if self.process.poll() is None:
            self.terminate()
        try:
            self.process.wait(_STOP_SECONDS)
        finally:
            self.kill()

    def kill(self) -> None:
        """As a crash would."""
        self.process.kill()
        self.process.wait()
        self._log.close()
        self._directory.cleanup()


@functools.cache
def shared_server() -> Server:
    """One server for all tests that only call it; it may fetch pages from itself."""
    server = Server()
    atexit.register(server.stop)
    return server
