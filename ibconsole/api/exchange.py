"""Values that describe a request and its answer, and the recorder that fills them in."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from types import TracebackType
from urllib.parse import quote_plus

import msgspec

from ibconsole.api.errors import ApiError
from ibconsole.api.masking import Headers, Mask, mask_secret_headers
from ibconsole.clock import now_ms
from ibconsole.secret import MASK

# Bytes of an answer that a log keeps, more than anyone would read.
KEPT_BODY = 65_536

# The user's operation that requests are made for, in words; set around a piece of work.
current_purpose: ContextVar[str] = ContextVar("purpose", default="")
# The id of the act of the user that calls are a part of: several, if a change needs them.
current_act: ContextVar[str] = ContextVar("act", default="")


class Answer(msgspec.Struct, frozen=True):
    """A 2xx answer with its body, decompressed, secrets masked."""

    status: int
    body: bytes = b""


class RawAnswer(msgspec.Struct, frozen=True):
    """A complete answer of any status: the body decompressed, nothing masked."""

    status: int
    headers: Headers
    body: bytes


class OutgoingRequest(msgspec.Struct, frozen=True):
    """A request to send; `path` includes the query, `headers` the credential, `body` is JSON."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes | None = None


class FormBody(msgspec.Struct, frozen=True):
    """Fields to be posted to a path; the log shows a mask for the values of `masked` ones."""

    path: str
    fields: Mapping[str, str]
    masked: tuple[str, ...] = ()

    @property
    def shown(self) -> bytes:
        """The form's body for a log."""
        pairs = (
            (name, MASK if name in self.masked else quote_plus(value))
            for name, value in self.fields.items()
        )
        return "&".join(f"{quote_plus(name)}={value}" for name, value in pairs).encode()


async def _record_nothing(_: int | None, __: int | None) -> None:
    """Record no outcome: of a pull that was recorded when it failed."""


RecordCounts = Callable[[int | None, int | None], Awaitable[None]]


class PullAnswer(msgspec.Struct, frozen=True):
    """The outcome of a pull after its request may have been sent.

    `status` is None if no status line arrived. `headers` keep their order and spelling,
    secrets masked. If not `complete`, the body ended early and `problem` is a sentence that
    says why; messages may have been handed out and lost. An answer other than 2xx is not a
    problem: `refusal` is the error it stands for, built from the beginning of its body.
    `mask` masks the credential in bytes of the body that were decompressed later.
    `record` records the outcome of the pull, to be called once its answer has been read: with the
    number of its messages and of those that still wait, None for each that is not known.
    """

    status: int | None
    headers: Headers
    complete: bool
    problem: str = ""
    refusal: ApiError | None = None
    mask: Callable[[bytes], bytes] | None = None
    record: RecordCounts = _record_nothing


class Exchange(msgspec.Struct, frozen=True):
    """One attempt of a request and its answer, for a log; all secrets are masked.

    `started_at_ms` is in milliseconds since the epoch, `duration` in seconds; `attempt` counts
    from 1. `path` contains application codes, which a log must mask (platform.md §3).
    `status` is None if none arrived; `problem` is empty if the request succeeded.
    `answer_body` is decompressed and at most KEPT_BODY long; it is empty for a pull, whose
    bytes go to the archive. `answer_size` is the size of the whole body, decompressed; for a
    pull it is the number of bytes received.
    """

    started_at_ms: int
    method: str
    base_url: str = ""
    path: str = ""
    status: int | None = None
    duration: float = 0.0
    attempt: int = 1
    problem: str = ""
    purpose: str = ""
    request_headers: Headers = ()
    request_body: bytes = b""
    answer_headers: Headers = ()
    answer_body: bytes = b""
    answer_size: int = 0


Observer = Callable[[Exchange], None]


class ExchangeRecorder:
    """The facts about a request while it is under way; secrets are masked at once."""

    def __init__(
        self, method: str, base_url: str, path: str, *, attempt: int = 1, mask: Mask | None = None
    ) -> None:
        self._request_line = (method, base_url, path)
        self._attempt = attempt
        self._mask = mask or Mask()
        self._request_headers: Headers = ()
        self._request_body = b""
        self._answer_headers: Headers = ()
        self._answer_body = b""
        self.status: int | None = None
        self.problem = ""
        self.answer_size = 0

    def record_request(self, headers: Headers, body: bytes = b"") -> None:
        """Record the request that is about to be sent."""
        self._request_headers = mask_secret_headers(headers)
        self._request_body = self._mask.mask_for_log(body)

    def record_head(self, status: int, headers: Headers) -> None:
        """Record the status and headers of the answer."""
        self.status = status
        self._answer_headers = self._mask.mask_headers(mask_secret_headers(headers))

    def record_body(self, body: bytes) -> None:
        """Record the body of the answer, or the part that arrived."""
        # Masked before it is cut, so that no part of a secret is left.
        self._answer_body = self._mask.mask_for_log(body)[:KEPT_BODY]
        self.answer_size = len(body)

    def exchange(self, started_at_ms: int, duration: float) -> Exchange:
        """Return everything recorded as a value; `duration` is in seconds."""
        method, base_url, path = self._request_line
        return Exchange(
            started_at_ms=started_at_ms,
            method=method,
            base_url=base_url,
            path=path,
            status=self.status,
            duration=duration,
            attempt=self._attempt,
            problem=self.problem,
            purpose=current_purpose.get(),
            request_headers=self._request_headers,
            request_body=self._request_body,
            answer_headers=self._answer_headers,
            answer_body=self._answer_body,
            answer_size=self.answer_size,
        )


class Observation:
    """A block of code that makes a request; the observer gets the exchange when it ends.

    The observer is called once, also if the block raises or is cancelled; the exception
    becomes the exchange's problem and is propagated.
    """

    def __init__(self, observe: Observer | None, recorder: ExchangeRecorder) -> None:
        self._observe = observe
        self._recorder = recorder
        self._started_at_ms = 0
        self._began = 0.0

    def __enter__(self) -> ExchangeRecorder:
        self._started_at_ms, self._began = now_ms(), time.monotonic()
        return self._recorder

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error:
            self._recorder.problem = _problem(error)
        if self._observe:
            duration = time.monotonic() - self._began
            self._observe(self._recorder.exchange(self._started_at_ms, duration))


class PullStream:
    """The answer to a pull as received, passed on in pieces with its secrets masked.

    `body_start` is the beginning of its body as the client reads it, at least KEPT_BODY bytes if
    that many arrived; nothing in it is masked.
    """

    def __init__(
        self, receive: Callable[[bytes], Awaitable[None]], mask: Mask, recorder: ExchangeRecorder
    ) -> None:
        self._receive = receive
        self._masked = mask.stream()
        self._recorder = recorder
        self.body_start = bytearray()

    async def feed(self, piece: bytes) -> None:
        """Pass on received bytes, except for an end that could be the beginning of a secret."""
        await self._pass_on(self._masked.feed(piece))

    def add_to_body(self, piece: bytes) -> None:
        """Note a piece of the body, for the log and for an error."""
        self._recorder.answer_size += len(piece)
        if len(self.body_start) < KEPT_BODY:
            self.body_start += piece

    async def finish(self) -> None:
        """Pass on the bytes that were held back."""
        await self._pass_on(self._masked.finish())

    async def _pass_on(self, data: bytes) -> None:
        if data:
            await self._receive(data)


def _problem(error: BaseException) -> str:
    if isinstance(error, ApiError):
        return str(error)
    if isinstance(error, asyncio.CancelledError):
        return "The request was cancelled."
    return type(error).__name__
