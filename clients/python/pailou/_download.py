"""A file that is there whole or not at all."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, TypeVar

from ._messages import Content
from .errors import RPCError, Status

Result = TypeVar("Result")

#: Octets collected before they are written, in a thread of their own.
_WRITE_BYTES = 1 << 20


class PartFile:
    """Octets on their way to a file: written beside it under a name of their own, renamed when all are there.

    Leaving the block without `finish` removes what was written.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        self._part = self._path.with_name(f".{self._path.name}.{secrets.token_hex(4)}.part")
        self._file: BinaryIO | None = None
        self._buffer = bytearray()
        #: Octets taken.
        self.size = 0

    async def __aenter__(self) -> Self:
        self._file = await asyncio.to_thread(self._part.open, "xb")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
            self._part.unlink(missing_ok=True)

    async def write(self, octets: bytes) -> None:
        """Takes octets. Raises OSError."""
        self._buffer += octets
        self.size += len(octets)
        if len(self._buffer) >= _WRITE_BYTES:
            await self._flush()

    async def finish(self, content: Content) -> None:
        """Gives the file its name. Raises RPCError when there are not as many octets as there should be."""
        if content.size is not None and content.size != self.size:
            text = f"expected a download of {content.size} octets, found {self.size}"
            raise RPCError(Status.DATA_LOSS, text, reason="size")
        await self._flush()
        await _in_thread(self._settle)
        self._file = None

    async def _flush(self) -> None:
        octets, self._buffer = self._buffer, bytearray()
        assert self._file is not None
        file = self._file
        await _in_thread(lambda: file.write(octets))

    def _settle(self) -> None:
        assert self._file is not None
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        os.replace(self._part, self._path)


async def _in_thread(work: Callable[[], Result]) -> Result:
    """Waits for the thread to its end even when the caller is cancelled: it must not write into a file that is gone."""
    task = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait((task,))
        raise
