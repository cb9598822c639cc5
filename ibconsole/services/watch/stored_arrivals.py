"""Reading what arrived from an archive: bounded queries through its indexes, and nothing written.

The archive is that on this disk, or the record of a team, which has the same queries.

Blocks: it is run on a thread, with a connection of its own. What was read stays in memory, so that
a later look reads only what is new.
"""

import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from ibconsole.archive import (
    Reader,
    answered_forwards,
    arrivals_between,
    arrived_messages,
    deliveries_between,
    filled_deliveries,
    first_arrival,
    first_filled,
    newest_of_applications,
    recent_pulls,
)
from ibconsole.files import is_missing
from ibconsole.services.messages import pull_status
from ibconsole.services.runtime import ConnectionStatus
from ibconsole.services.watch.facts import (
    ArrivalHistory,
    ListenerAnswer,
    PendingFigure,
    StoredArrivals,
    WatchFacts,
    WatchPlan,
)
from ibconsole.services.watch.judges import silent_since
from ibconsole.services.watch.rhythm import bursts, comparable_spans
from ibconsole.text import mask_code

if TYPE_CHECKING:
    from ibconsole.team_archive import TeamReader

_LATEST = 200  # arrivals of an application
_MOST_READ = 50  # applications with new messages that are read at one look; the others follow
_PULLS = 50
_IN_A_SPAN = 200  # arrivals that are counted
_MOST_COUNTS = 50  # applications whose spans are counted at one look; the others follow
_COUNTED_FOR = 300_000  # ms
_SMALLEST_SPACE = 1 << 20  # bytes


class _Known(msgspec.Struct, frozen=True):
    """The newest message of one application and its latest arrivals, as they were read."""

    newest: int
    times: tuple[int, ...]
    first_at: int | None


class _Counted(msgspec.Struct, frozen=True):
    last_at: int
    at: int
    counts: tuple[int | None, ...]


class ArrivalReader:
    """Reads the arrivals of one connection, by its UUID.

    Of very many applications each look reads some, unless `at_once` is set. Without
    `ids_are_ordered`, as in a team's record, a message may appear later than one with a higher id.
    """

    def __init__(
        self, path: Path, connection: str, *, at_once: bool = False, ids_are_ordered: bool = True
    ) -> None:
        self._path = path
        self._at_once = at_once
        self._ids_are_ordered = ids_are_ordered
        self._connection = connection
        self._known: dict[str, _Known] = {}
        self._counted: dict[str, _Counted] = {}
        self._counts_left = 0

    def read(
        self, plans: Sequence[WatchPlan], names: Mapping[str, str], facts: WatchFacts
    ) -> StoredArrivals:
        """Read what these plans are judged by at the time of `facts`. Raises ArchiveError.

        `names` are those of applications by code. A missing archive has no facts, and is not
        created.
        """
        if is_missing(self._path):
            return StoredArrivals()
        with Reader(self._path) as reader:
            found = self.read_record(reader, plans, names, facts)
            return replace(found, own_answers=found.answers)

    def read_record(
        self,
        reader: "Reader | TeamReader",
        plans: Sequence[WatchPlan],
        names: Mapping[str, str],
        facts: WatchFacts,
    ) -> StoredArrivals:
        """Read the same of a record that is open, always of the same one. Raises ArchiveError."""
        histories = self._histories(reader, {one.application for one in plans}, names)
        self._counts_left = sys.maxsize if self._at_once else _MOST_COUNTS
        pulls = reader.ask(recent_pulls, self._connection, _PULLS)
        last = reader.source_activity(self._connection, "").pull
        return StoredArrivals(
            histories=tuple(self._with_counts(reader, one, plans, facts) for one in histories),
            answers=self._answers(reader),
            figures=tuple(
                PendingFigure(one.at, one.pending)
                for one in pulls
                if one.pending is not None and 200 <= (one.status or 0) < 300
            ),
            pull=pull_status(last, ConnectionStatus(id=self._connection)) if last else None,
            pulls=tuple(one.at for one in pulls),
        )

    def _histories(
        self, reader: "Reader | TeamReader", wanted: set[str], names: Mapping[str, str]
    ) -> list[ArrivalHistory]:
        """Return the history of the connection, and those of the applications that are wanted."""
        found = []
        if "" in wanted:
            times = reader.ask(filled_deliveries, self._connection, _LATEST)
            first_at = reader.ask(first_filled, self._connection)
            found.append(ArrivalHistory(tuple(sorted(times)), first_at))
        newest = dict(reader.ask(newest_of_applications))
        codes = set(newest) if "" in wanted else wanted & newest.keys()
        unknown = [one for one in codes if one not in self._known]
        known = [one for one in self._known if one in codes]  # those read longest ago first
        changed = [one for one in known if self._known[one].newest != newest[one]]
        most = None if self._at_once else _MOST_READ
        for code in (*unknown, *changed)[:most]:
            self._read_application(reader, code, newest[code])
        for code in sorted(codes):
            if one := self._known.get(code):
                name = names.get(code) or mask_code(code)
                found.append(ArrivalHistory(one.times, one.first_at, code, name))
        return found

    def _read_application(self, reader: "Reader | TeamReader", code: str, newest: int) -> None:
        """Read what is new of an application, and make it the last to be read again."""
        former = self._known.pop(code, None)
        if former is None or former.newest > newest:  # the newest were deleted
            former = _Known(0, (), reader.ask(first_arrival, code))
        elif not self._ids_are_ordered:
            former = _Known(0, (), former.first_at)
        rows = reader.ask(arrived_messages, code, former.newest, _LATEST)
        own = [one.at for one in rows if one.connection in {self._connection, None}]
        times = tuple(sorted((*former.times, *own))[-_LATEST:])
        self._known[code] = _Known(newest, times, former.first_at)

    def _with_counts(
        self,
        reader: "Reader | TeamReader",
        history: ArrivalHistory,
        plans: Sequence[WatchPlan],
        facts: WatchFacts,
    ) -> ArrivalHistory:
        """Count the arrivals at this time of other days, if the silence is a long one."""
        chosen = [one for one in plans if one.application in {"", history.application}]
        silences = [since for one in chosen if (since := silent_since(history, facts, one))]
        if not silences:
            self._counted.pop(history.application, None)
            return history
        counted = self._counted.get(history.application)
        is_old = (
            counted is None
            or counted.last_at != silences[0]
            or not 0 <= facts.now - counted.at < _COUNTED_FOR
        )
        if is_old and self._counts_left:
            self._counts_left -= 1
            counts = self._count(reader, history, silences[0], facts.now)
            counted = _Counted(silences[0], facts.now, counts)
            self._counted[history.application] = counted
        return replace(history, counts=counted.counts) if counted else history

    def _count(
        self, reader: "Reader | TeamReader", history: ArrivalHistory, last_at: int, now: int
    ) -> tuple[int | None, ...]:
        query: Callable[..., Sequence[int]] = arrivals_between
        subject = history.application
        if not subject:
            query, subject = deliveries_between, self._connection
        first_at = history.first_at
        return tuple(
            None
            if first_at is None or span[0] < first_at
            else len(bursts(reader.ask(query, subject, span, _IN_A_SPAN)))
            for span in comparable_spans(last_at, now)
        )

    def _answers(self, reader: "Reader | TeamReader") -> tuple[ListenerAnswer, ...]:
        """Return the answers to forwards of this connection, and to those on unknown paths.

        Who looks at an open port gets 404 for a GET: that is no forward.
        """
        return tuple(
            ListenerAnswer(one.at, one.status)
            for one in reader.ask(answered_forwards)
            if one.connection == self._connection
            or (one.connection is None and one.method == "POST" and one.status >= 400)
        )


def archive_problem(path: Path, *, smallest_space: int = _SMALLEST_SPACE) -> str:
    """Return a sentence why nothing can be stored in an archive; empty if it can.

    Opens nothing: rights and free space are looked at.
    """
    existing = path.parent if is_missing(path) else path
    if is_missing(existing):
        return ""
    if not os.access(existing, os.W_OK) or not os.access(existing.parent, os.W_OK | os.X_OK):
        return f"The archive cannot be written: {path}."
    if shutil.disk_usage(existing).free < smallest_space:
        return f"The disk of the archive is full: {path}."
    return ""
