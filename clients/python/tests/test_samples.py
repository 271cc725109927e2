"""The samples, as a reader would run them."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path

from .support.server import shared_server

ROOT = Path(__file__).resolve().parents[1]


def sample(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "samples" / name), "--address", shared_server().rpc("gateway"), *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, env={"PYTHONPATH": str(ROOT)}, check=False
    )


class SampleTests(unittest.TestCase):
    def test_call(self) -> None:
        done = sample("call.py", "subtract", "[42, 23]")
        self.assertEqual((done.stdout, done.returncode), ("19\n", 0), done.stderr)
        done = sample("call.py", "demo.nothing")
        self.assertEqual(done.returncode, 1)
        self.assertIn("-32601 UNIMPLEMENTED", done.stderr)

    def test_export_watch_and_cancel(self) -> None:
        source = f"http://{shared_server().endpoints['facades']['export']}/demo/page"
        with tempfile.TemporaryDirectory() as directory:
            file = Path(directory, "demo.zip")
            done = sample("export.py", source, "-o", str(file))
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertTrue(zipfile.is_zipfile(file), done.stdout)
        key = done.stdout.split()[1]
        watched = sample("watch.py", key)
        self.assertEqual(watched.returncode, 0, watched.stderr)
        ended = json.loads(watched.stdout.splitlines()[-1].removeprefix("ended "))
        self.assertEqual((ended["hash_key"], ended["status"]), (key, 2))
        cancelled = sample("cancel.py", key)
        # It has come to its end already: the server says so, one way or the other.
        self.assertIn(cancelled.returncode, (0, 1), cancelled.stderr)
        self.assertTrue(cancelled.stdout.startswith("status") or "FAILED_PRECONDITION" in cancelled.stderr)
