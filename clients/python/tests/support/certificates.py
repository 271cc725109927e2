"""Certificates for one test run, made by openssl."""

from __future__ import annotations

import atexit
import functools
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Pair:
    """A certificate and its key, PEM files."""

    cert: str
    key: str


class Authority:
    """A certificate authority of its own."""

    def __init__(self) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="pailou-certificates-")
        atexit.register(self._directory.cleanup)
        self._ca = self._make(
            "ca", "-subj", "/CN=test authority", "-addext", "basicConstraints=critical,CA:TRUE",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign",  # Python 3.13 asks for it.
        )
        self.ca_file = self._ca.cert

    def issue(self, name: str, *, usage: str = "serverAuth") -> Pair:
        """A certificate for a host name."""
        return self._make(
            name, "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}",
            "-addext", f"extendedKeyUsage={usage}", "-addext", "basicConstraints=critical,CA:FALSE",
            "-CA", self._ca.cert, "-CAkey", self._ca.key,
        )

    def _make(self, name: str, *arguments: str) -> Pair:
        pair = Pair(f"{self._directory.name}/{name}.pem", f"{self._directory.name}/{name}.key")
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        command += ["-days", "2", "-keyout", pair.key, "-out", pair.cert, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0 and Path(pair.cert).exists(), done.stderr
        return pair


@functools.cache
def authority() -> Authority:
    """The authority that tests trust."""
    return Authority()


@functools.cache
def stranger() -> Authority:
    """One they do not."""
    return Authority()
