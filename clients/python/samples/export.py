"""Submits an export of a paginated HTTP source, waits for it and downloads the zip.

    python samples/export.py http://127.0.0.1:8080/demo/page -o demo.zip
"""

from __future__ import annotations

import argparse
import time
import uuid
from urllib.parse import parse_qsl, urlsplit

from common import parser, run

from pailou import Client

FINISHED = 2


async def export(client: Client, arguments: argparse.Namespace) -> None:
    submitted = await client.call(
        "export.http.submit",
        {
            "timestamp": int(time.time()),
            "ext_type": "XLSX",
            "title": arguments.title,
            "user_id": "sample",
            "source_http": {"url": arguments.source, "method": "GET", "header": {}, "param": {"limit": 20}},
        },
        idem=str(uuid.uuid4()),  # However often it has to be sent: one export.
        timeout=30,
    )
    key = submitted["hash_key"]
    print(f"submitted {key}")
    # Answers when the export has come to its end.
    job = await client.call("export.job.events", {"key": key}, idempotent=True, on_progress=show)
    if job["status"] != FINISHED:
        raise SystemExit(f"error: the export ended with status {job['status']}")
    content = await client.download("export.artifact.read", artifact(job["down_url"]), arguments.output)
    print(f"saved {arguments.output}, {content.size} octets")


def artifact(link: str) -> dict[str, str | int]:
    """The parameters of the download: the link ends in /YYYYMM/DD/FILE and may be signed."""
    parts = urlsplit(link)
    month, day, file = parts.path.split("/")[-3:]
    params: dict[str, str | int] = {"month": month, "day": day, "file": file}
    query = dict(parse_qsl(parts.query))
    if "signature" in query:
        params |= {"expires": int(query["expires"]), "signature": query["signature"]}
    return params


def show(progress: dict[str, object]) -> None:
    print(f"{progress['rows']} of {progress['total_rows']} rows")


if __name__ == "__main__":
    options = parser("submit an export and download it")
    options.add_argument("source", metavar="SOURCE_URL")
    options.add_argument("-o", "--output", required=True, metavar="FILE")
    options.add_argument("--title", default="sample")
    run(export, options.parse_args())
