"""What went over the wire, as values: an answer, the answer to a pull, a line for a log."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from ibconsole.api.errors import ApiError
from ibconsole.api.masking import Headers, Mask, discreet

# As much of an answer as somebody would read.
KEPT_BODY = 65_536

# On whose behalf requests are made, in words for people; set around a piece of work.
asked_by: ContextVar[str] = ContextVar("asked_by", default="")


@dataclass(frozen=True, slots=True)
class Answer:
    """A 2xx answer with its body, unpacked, secrets masked."""

    status: int
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class PullAnswer:
    """How a pull ended, after its request may have been sent.

    `status` is None if no status line arrived. `headers` keep their order and spelling,
    secrets are masked. Unless `complete`, the body broke off, and `problem` says why in a
    sentence; messages may have been handed out and lost. A refusal (any status but 2xx) is
    no problem here: `refusal` is what it means, made of the beginning of its body. `mask`
    takes the credential out of what came packed, once it is unpacked.
    """

    status: int | None
    headers: Headers
    complete: bool
    problem: str = ""
    refusal: ApiError | None = None
    mask: Callable[[bytes], bytes] | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """One attempt of a request, for a log; secrets are masked in all of it.

    `started_at_ms` counts from the epoch, `duration` is in seconds, `attempt` from 1.
    `path` holds application codes, which a log must mask (platform.md §3). `status` is
    None where none arrived; `problem` is empty if the answer was what had been hoped for.
    `answer_body` is unpacked, and no longer than KEPT_BODY; of a pull it is empty, for
    those bytes are the archive's. `answer_size` counts all the bytes of body that arrived,
    unpacked, except for a pull's, which are counted as they came.
    """

    started_at_ms: int
    method: str
    base_url: str = ""
    path: str = ""
    status: int | None = None
    duration: float = 0.0
    attempt: int = 1
    problem: str = ""
    asked_by: str = ""
    request_headers: Headers = ()
    request_body: bytes = b""
    answer_headers: Headers = ()
    answer_body: bytes = b""
    answer_size: int = 0


Observer = Callable[[Exchange], None]


class Noted:
    """What becomes known of a request while it is under way, told with its secrets masked."""

    def __init__(
        self, method: str, base_url: str, path: str, *, attempt: int = 1, mask: Mask | None = None
    ) -> None:
        self._asked = (method, base_url, path)
        self._attempt = attempt
        self._mask = mask or Mask()
        self._request_headers: Headers = ()
        self._request_body = b""
        self._answer_headers: Headers = ()
        self._answer_body = b""
        self.status: int | None = None
        self.problem = ""
        self.answer_size = 0

    def request(self, headers: Headers, body: bytes = b"") -> None:
        """What is about to be sent."""
        self._request_headers = discreet(headers)
        self._request_body = self._mask.note(body)

    def answer(self, status: int, headers: Headers) -> None:
        """The head of the answer."""
        self.status = status
        self._answer_headers = self._mask.headers(discreet(headers))

    def answer_body(self, body: bytes) -> None:
        """The answer's body, or as much as arrived."""
        # Masked before it is cut, so that no half of a secret is left.
        self._answer_body = self._mask.note(body)[:KEPT_BODY]
        self.answer_size = len(body)

    def told(self, started_at_ms: int, duration: float) -> Exchange:
        """All of it as a value."""
        method, base_url, path = self._asked
        return Exchange(
            started_at_ms=started_at_ms,
            method=method,
            base_url=base_url,
            path=path,
            status=self.status,
            duration=duration,
            attempt=self._attempt,
            problem=self.problem,
            asked_by=asked_by.get(),
            request_headers=self._request_headers,
            request_body=self._request_body,
            answer_headers=self._answer_headers,
            answer_body=self._answer_body,
            answer_size=self.answer_size,
        )


@contextmanager
def observed(observe: Observer | None, noted: Noted) -> Iterator[Noted]:
    """Tell the observer about what happens inside, once, however it ends."""
    started_at_ms, began = time.time_ns() // 1_000_000, time.monotonic()
    try:
        yield noted
    except BaseException as error:
        noted.problem = _problem(error)
        raise
    finally:
        if observe:
            observe(noted.told(started_at_ms, time.monotonic() - began))


def _problem(error: BaseException) -> str:
    if isinstance(error, ApiError):
        return str(error)
    if isinstance(error, asyncio.CancelledError):
        return "The request was cancelled."
    return type(error).__name__
