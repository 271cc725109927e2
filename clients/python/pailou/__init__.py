"""Client of pailou: length-prefixed JSON-RPC 2.0 over TCP, for asyncio and for blocking programs."""

from ._blocking_streams import BlockingByteStream, BlockingEvents
from ._calls import Reply
from ._messages import Content, Event
from ._streams import ByteStream, Events
from .blocking import BlockingClient
from .client import Client
from .errors import RPCError, Status, Violation
from .settings import TLS, VERSION, Limits, RetryPolicy

__version__ = VERSION

__all__ = [
    "TLS",
    "BlockingByteStream",
    "BlockingClient",
    "BlockingEvents",
    "ByteStream",
    "Client",
    "Content",
    "Event",
    "Events",
    "Limits",
    "RPCError",
    "Reply",
    "RetryPolicy",
    "Status",
    "Violation",
]
