"""The listener: stores forwarded requests, then answers them.

A request is always stored before it is answered. Every request on a known path is stored as it
came and answered 200, readable or not, because a 4xx for a body that could not be parsed has
lost messages in the past (platform.md §5). Only if storing fails is the answer 503, so that the
platform tries again. Rules may say something else instead of 200: they are asked before, so that
the answer they plan is stored with the request, and what they say is sent after it is on disk.

Nothing here waits: the store calls back once the request is on disk. Requests of many senders
thus share one commit, and one wake-up of the loop.
"""

import dataclasses
import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from ibconsole.clock import now_ms
from ibconsole.http1 import AnswerPart, Malformed, PendingResponse, Request, Response
from ibconsole.lazy import LazyModule
from ibconsole.model import AnswerOutcome, Arrival, PlannedAnswer, SentAnswer

if TYPE_CHECKING:
    from ibconsole.listener import answers
    from ibconsole.listener.answers import ActiveScenario
else:  # imported with the first scenario
    answers = LazyModule("ibconsole.listener.answers")

log = logging.getLogger(__name__)

# Unmatched requests are kept for diagnosis, not for their content: the beginning is enough.
UNMATCHED_BYTES = 64 * 1024
_MAX_PATH_BYTES = 4096
_UNKNOWN_PATH = "The path is not the listener's."
_STORED = Response(200)
_NOT_STORED = Response(503, headers=((b"Retry-After", b"60"),))


class Owner(msgspec.Struct, frozen=True):
    """The owner of a path: the UUID of a connection, or None for a path without a connection."""

    connection: str | None


# Calls back with the delivery's id once the arrival is on disk, or with the error if it cannot be
# stored.
Store = Callable[[Arrival, Callable[[int | Exception], None]], None]
FindOwner = Callable[[str], Owner | None]
OnSent = Callable[[int, SentAnswer], None]


def _ignore(delivery: int, sent: SentAnswer) -> None:
    """Take no notice of what was sent."""


class Listener:
    """A handler for `http1.Server` that answers 200 only after the request was stored.

    `find_owner` returns the owner of a path, None if the listener does not have that path.
    `scenario` may be set at any time: its rules answer the stored requests on the listener's paths.
    `on_sent` is called with the delivery's id and what was really sent of a rule's answer.
    """

    def __init__(self, find_owner: FindOwner, store: Store, on_sent: OnSent = _ignore) -> None:
        self.scenario: ActiveScenario | None = None
        self._find_owner = find_owner
        self._store = store
        self._on_sent = on_sent
        self._failing = False

    def __call__(self, request: Request) -> PendingResponse:
        """Store the request, then answer: 200 on a known path, 404 on others, 503 if not stored.

        Of a request on an unknown path the first 64 KiB are stored. What was odd about the HTTP
        of a request is its `problem`.
        """
        owner = self._find_owner(request.path)
        planned = None
        if (scenario := self.scenario) and (owner or scenario.has_path(request.path)):
            owner = owner or Owner(None)
            planned, remark = scenario.plan(request)
            request = _with_remark(request, remark) if remark else request
        problems = request.oddities if owner else (_UNKNOWN_PATH, *request.oddities)
        arrival = Arrival(
            arrived_at=now_ms(),
            method=request.method,
            target=request.target,
            headers=tuple(
                (name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers
            ),
            body=request.body,
            raw=request.raw,
            peer=request.peer,
            status=200 if owner else 404,
            problem=" ".join(problems),
            connection=owner.connection if owner else None,
            unmatched=owner is None,
            answer=planned,
        )
        return self._store_and_answer(arrival)

    def store_malformed(self, malformed: Malformed) -> PendingResponse:
        """Store a request that was malformed or over a limit; the server answers it itself."""
        owner = self._find_owner(_path_of(malformed.raw))
        arrival = Arrival(
            arrived_at=now_ms(),
            method="",
            target="",
            headers=(),
            body=b"",
            raw=malformed.raw,
            peer=malformed.peer,
            status=malformed.status,
            problem=malformed.reason,
            connection=owner.connection if owner else None,
            unmatched=owner is None,
        )
        return self._store_and_answer(arrival)

    def _store_and_answer(self, arrival: Arrival) -> PendingResponse:
        pending = PendingResponse()
        stored = _shortened(arrival) if arrival.unmatched else arrival
        on_stored = partial(self._on_stored, pending, arrival.status, arrival.answer)
        try:
            self._store(stored, on_stored)
        except Exception as error:  # noqa: BLE001 whatever the cause, the sender must learn of it
            on_stored(error)
        return pending

    def _on_stored(
        self,
        pending: PendingResponse,
        status: int,
        planned: PlannedAnswer | None,
        stored: int | Exception,
    ) -> None:
        if isinstance(stored, Exception):
            if not self._failing:
                # Logged once per outage: the log must not fill a full disk further.
                log.error(
                    "A forwarded request was not stored; requests are answered 503.",
                    exc_info=stored,
                )
            self._failing = True
            pending.give(_NOT_STORED)
            return
        self._failing = False
        if planned:
            pending.give(
                answers.response_to(planned, partial(self._on_part_sent, stored, now_ms()))
            )
        else:
            pending.give(_STORED if status == 200 else Response(status))

    def _on_part_sent(self, delivery: int, began_at: int, part: AnswerPart) -> None:
        ended_at = began_at + round(part.seconds * 1000)
        outcome = AnswerOutcome(part.end.value)
        self._on_sent(delivery, SentAnswer(outcome, part.size, part.seconds, ended_at))


def _with_remark(request: Request, remark: str) -> Request:
    """Return the request with one more remark about it."""
    return dataclasses.replace(request, oddities=(*request.oddities, remark))


def _path_of(raw: bytes) -> str:
    """Return the path in the first line of a malformed request; empty if there is none."""
    line = raw[:_MAX_PATH_BYTES].partition(b"\n")[0].split()
    if len(line) < 2:
        return ""
    return Request("", line[1].decode("latin-1"), "", (), b"", "", b"").path


def _shortened(arrival: Arrival) -> Arrival:
    size = len(arrival.raw)
    if size <= UNMATCHED_BYTES:
        return arrival
    return replace(
        arrival,
        raw=arrival.raw[:UNMATCHED_BYTES],
        body=arrival.body[:UNMATCHED_BYTES],
        problem=f"{arrival.problem} Of its {size} bytes the first {UNMATCHED_BYTES} are kept.",
    )
