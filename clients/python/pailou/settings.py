"""How a client presents itself, how patient it is and how much it takes."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field

VERSION = "1.0.0"
#: Program and version, told in hello unless a client has its own.
NAME = f"pailou-python/{VERSION}"


@dataclass(frozen=True, slots=True)
class TLS:
    """Encryption with the server's certificate checked; there is no switch to turn the check off."""

    #: A PEM file of the authorities that are trusted; None, those of the system.
    ca_file: str | None = None
    #: The name the certificate has to carry; None, the host of the address.
    server_name: str | None = None
    #: A PEM file of the client's own certificate chain.
    cert_file: str | None = None
    #: Its key; None, the key is in `cert_file`.
    key_file: str | None = None

    def context(self) -> ssl.SSLContext:
        """Reads the files; raises OSError or ssl.SSLError when they are not what they should be."""
        context = ssl.create_default_context(cafile=self.ca_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.cert_file is not None:
            context.load_cert_chain(self.cert_file, self.key_file)
        return context


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and when a failed call is made again. Which calls: see "Errors and retries" of the README."""

    #: Attempts at most, the first one included; 1 turns retries off.
    tries: int = 4
    #: Seconds before the second attempt; doubles with each further one.
    delay_min: float = 0.1
    #: Seconds between two attempts at most, unless the server asks for more.
    delay_max: float = 1.0
    #: Each pause is this share longer or shorter, so that many clients do not come back in step.
    jitter: float = 0.2
    #: Retries in hand at the start, and at most: an outage is not multiplied.
    budget_tokens: float = 10
    #: What each success gives back; a retry costs 1.
    budget_refund: float = 0.1


@dataclass(frozen=True, slots=True)
class Limits:
    """A bound on everything that grows or waits; octets and seconds."""

    #: Longest frame, or chunked message, taken from the server.
    frame_bytes_max: int = 64 << 20
    #: Octets of unfinished chunked replies; above it only the oldest goes on.
    partial_bytes_max: int = 64 << 20
    #: Calls in flight at once, if the server agrees; more wait here.
    in_flight_max: int = 256
    #: Calls in flight towards a server that knows no hello.
    plain_in_flight_max: int = 64
    #: Calls that wait for their turn or a connection; more fail at once.
    waiting_max: int = 4096
    #: How long a connection, TLS included, may take to come about.
    connect_timeout: float = 5.0
    #: How long the answer to hello may take; then the server is spoken to plainly.
    hello_timeout: float = 2.0
    #: The pause after the first failed attempt to connect; doubles from there.
    backoff_min: float = 0.1
    #: The longest pause between two attempts.
    backoff_max: float = 1.0
    #: A large call that gets no credit for so long ends.
    stall_timeout: float = 60.0
    #: A large reply of which no chunk comes for so long ends.
    chunk_timeout: float = 30.0
    #: A frame that has begun must be complete within this and one second for each 64 KiB.
    frame_timeout: float = 30.0
    #: How long a call given up keeps its place in flight when its reply never comes.
    abandoned_timeout: float = 30.0
    #: So many replies that never came, and the connection is replaced.
    lost_max: int = 16
    #: Unread `log` events of one call; the oldest are dropped.
    log_events_max: int = 256


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a client may be told; each with its default."""

    #: Program and version, told in hello.
    name: str = NAME
    #: Speaks plain JSON-RPC and never says hello.
    plain: bool = False
    #: A bearer token, told in hello.
    token: str | None = field(default=None, repr=False)
    #: None, the connection is not encrypted.
    tls: TLS | None = None
    #: Seconds for calls that name no timeout; None, the method's own limit holds on the server.
    timeout: float | None = None
    #: Silence of so many seconds is answered with a ping, as long again without a sign ends the connection.
    keep_alive: float = 10.0
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    limits: Limits = field(default_factory=Limits)
