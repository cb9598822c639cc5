"""What went over the wire, as values: an answer, the answer to a pull, a line for a log."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from ibconsole.api.errors import ApiError

# Who wants what is requested, in words; it survives the way to the engine's loop.
asked_by: ContextVar[str] = ContextVar("asked_by", default="")


@dataclass(frozen=True, slots=True)
class Answer:
    """A 2xx answer with its body, unpacked."""

    status: int
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class PullAnswer:
    """How a pull ended, after its request may have been sent.

    `status` is None if no status line arrived. `headers` keep their order and spelling.
    Unless `complete`, the body broke off, and `problem` says why in a sentence; messages
    may have been handed out and lost. A refusal (any status but 2xx) is no problem here:
    `from_answer` turns it into an error.
    """

    status: int | None
    headers: tuple[tuple[str, str], ...]
    complete: bool
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One attempt of a request, for a log.

    `started_at_ms` counts from the epoch, `duration` is in seconds. `path` holds
    application codes, which a log must mask (platform.md §3). `problem` is empty if the
    answer was what had been hoped for.
    """

    started_at_ms: int
    method: str
    path: str
    status: int | None
    duration: float
    attempt: int
    problem: str
    base_url: str = ""
    asked_by: str = ""
    request_headers: tuple[tuple[str, str], ...] = ()
    request_body: bytes = b""
    answer_headers: tuple[tuple[str, str], ...] = ()
    answer_body: bytes = b""
    answer_size: int = 0


Observer = Callable[[Exchange], None]


class Noted:
    """What becomes known of a request while it is under way."""

    def __init__(self) -> None:
        self.status: int | None = None
        self.problem = ""


@contextmanager
def observed(observe: Observer | None, method: str, path: str, attempt: int) -> Iterator[Noted]:
    """Tell the observer about what happens inside, once, however it ends."""
    noted = Noted()
    started_at_ms, began = time.time_ns() // 1_000_000, time.monotonic()
    try:
        yield noted
    except BaseException as error:
        noted.problem = str(error) if isinstance(error, ApiError) else type(error).__name__
        raise
    finally:
        duration = time.monotonic() - began
        if observe:
            observe(
                Exchange(
                    started_at_ms,
                    method,
                    path,
                    noted.status,
                    duration,
                    attempt,
                    noted.problem,
                    asked_by=asked_by.get(),
                )
            )
