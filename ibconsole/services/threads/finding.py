"""Finding the messages of a thread in a record, a part at a time, the newest first.

Synchronous, and nothing is written.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol
from urllib.parse import urlsplit

from msgspec.structs import replace

from ibconsole.archive import (
    Delivery,
    Filter,
    JobCancelled,
    Listing,
    Order,
    Place,
    StoredMessage,
    Via,
)
from ibconsole.archive.ledger import LedgerItem, Redelivery
from ibconsole.clock import now_ms
from ibconsole.services.messages import FullReader
from ibconsole.services.protection import ShownCodes
from ibconsole.services.threads.arranging import (
    FollowedThread,
    Redelivered,
    ThreadEntry,
    arrange,
)
from ibconsole.services.threads.subjects import ThreadSubject, related_ids, searches_of

MOST = 2_000  # messages of a thread that are kept; older ones are left out
_FIRST = 256  # messages of the first part, which is in sight
_LISTED = 1_000  # characters of a text that are kept
_PROGRESS = 0.5  # seconds after which the thread is shown again, with how far the search is
_MOST_LOOKED_UP = 500  # named messages that are looked up


class LedgerLookup(Protocol):
    """Reads what was sent again from this computer."""

    def items_named(self, message_ids: Sequence[str]) -> Sequence[LedgerItem]: ...
    def job(self, job: int) -> Redelivery | None: ...


class ThreadFinder:
    """Finds the messages of one thread. Belongs to one thread of the program at a time.

    At most the newest `most` are kept. `cancelled` is called repeatedly; JobCancelled is raised
    once it returns True. Codes in what is returned are as `codes` shows them.
    """

    def __init__(
        self,
        reader: FullReader,
        subject: ThreadSubject,
        *,
        ledger: LedgerLookup | None = None,
        codes: ShownCodes = ShownCodes(),  # noqa: B008 it is frozen
        most: int = MOST,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        self._reader = reader
        self._subject = subject
        self._ledger = ledger
        self._codes = codes
        self._most = most
        self._cancelled = cancelled
        self._entries: dict[int, ThreadEntry] = {}
        self._known: dict[tuple[str, str], bool] = {}  # the messages that were looked up
        self._newest = 0
        self._is_capped = False

    def parts(self) -> Iterator[FollowedThread]:
        """Yield the thread again and again as it grows; the last one says that it is complete.

        Raises ArchiveError, and JobCancelled.
        """
        # Of a team's record it is a mark, else an id: what is newer is found by `newer`.
        self._newest = self._reader.counts().newest_message
        *others, last = searches_of(self._subject)
        for criteria in others:
            yield from (self._thread() for found in self._search(criteria) if self._add(found))
        shown_at = time.monotonic()
        for found in self._search(last):
            if self._add(found) or time.monotonic() - shown_at > _PROGRESS:
                yield self._thread(back_to=self._arrival_of(found.rest))
                shown_at = time.monotonic()
            if self._is_capped:
                break
        yield replace(self._thread(), is_complete=not self._is_capped)

    def newer(self) -> FollowedThread | None:
        """Return the thread with what was stored since the last search; None if that is nothing."""
        newest = self._reader.counts().newest_message
        if newest == self._newest:
            return None
        found = self._reader.search(
            searches_of(self._subject)[-1], after=self._newest, cancelled=self._cancelled
        )
        self._newest = max(newest, found.newest)
        if not self._add_newer(found):
            return None
        # What was missing may have come.
        self._known = {name: True for name, is_there in self._known.items() if is_there}
        return replace(self._thread(), is_complete=not self._is_capped)

    def _search(self, criteria: Filter) -> Iterator[Listing]:
        """Yield the matches part by part, the newest first."""
        is_shared = self._reader.last_id() is None
        found = self._reader.search(criteria, limit=_FIRST, cancelled=self._cancelled)
        place = found.rest or (found.place if len(found.ids) >= _FIRST else None)
        yield replace(found, rest=place)
        newest = found.newest if is_shared else max(self._newest, found.newest)
        while place and not self._is_capped:
            older = self._reader.search_older(
                criteria, place, order=Order.ARRIVAL, newest=newest, cancelled=self._cancelled
            )
            place = older.rest
            yield older

    def _add(self, found: Listing) -> bool:
        """Keep messages that were found, the newest of them; return whether there is a new one."""
        room = self._most - len(self._entries)
        wanted = [one for one in found.ids if one not in self._entries]
        if len(wanted) > room:
            self._is_capped = True
            wanted = wanted[len(wanted) - room :] if room > 0 else []
        self._read_all(wanted)
        return bool(wanted)

    def _add_newer(self, found: Listing) -> bool:
        """Keep messages that are new, in place of the oldest ones if there are too many."""
        wanted = [one for one in found.ids if one not in self._entries][-self._most :]
        self._read_all(wanted)
        surplus = len(self._entries) - self._most
        if surplus > 0:
            self._is_capped = True
            oldest = sorted(self._entries.values(), key=lambda one: (one.at, one.id))
            for entry in oldest[:surplus]:
                del self._entries[entry.id]
        return bool(wanted)

    def _read_all(self, wanted: Sequence[int]) -> None:
        for start in range(0, len(wanted), _FIRST):
            if self._cancelled():
                raise JobCancelled("The search was given up for another one.")
            self._read(wanted[start : start + _FIRST])

    def _read(self, ids: Sequence[int]) -> None:
        messages = list(self._reader.messages(Filter(ids=tuple(ids))))
        again = self._redelivered(messages)
        wanted = dict.fromkeys(one.delivery for one in messages)
        deliveries = {one.id: one for one in self._reader.deliveries(list(wanted))}
        for message in messages:
            entry = self._entry(message, deliveries.get(message.delivery))
            name = (message.message_id, message.application_code)
            self._known[name] = True
            self._entries[message.id] = replace(entry, redelivered=again.get(name, ()))

    def _entry(self, message: StoredMessage, delivery: Delivery | None) -> ThreadEntry:
        ids, code, codes = related_ids(message.body), message.application_code, self._codes
        texts = {name: getattr(message, name) for name in ("sender", "keyword", "text")}
        shown = {name: codes.text(text[:_LISTED], code) for name, text in texts.items()}
        return ThreadEntry(
            message=replace(message, **shown, body=b""),
            ids=ids,
            answered=delivery.status if delivery and delivery.via is Via.FORWARD else None,
            rule=delivery.answer.planned.rule if delivery and delivery.answer else "",
            base_url=delivery.base_url if delivery else "",
        )

    def _redelivered(
        self, messages: Sequence[StoredMessage]
    ) -> Mapping[tuple[str, str], tuple[Redelivered, ...]]:
        names = [one.message_id for one in messages if one.message_id]
        if self._ledger is None or not names:
            return {}
        found: dict[tuple[str, str], tuple[Redelivered, ...]] = {}
        hosts: dict[int, str] = {}
        for item in self._ledger.items_named(names):
            if item.job not in hosts:
                job = self._ledger.job(item.job)
                hosts[item.job] = (urlsplit(job.url).hostname or "") if job else ""
            one = Redelivered(
                job=item.job,
                host=hosts[item.job],
                state=item.state.value,
                attempts=item.attempts,
                changed_at=item.changed_at,
                status=item.status,
            )
            name = (item.message_id, item.application_code)
            found[name] = (*found.get(name, ()), one)
        return found

    def _missing(self) -> set[str]:
        """Return the named messages that are not in the record, as far as they are looked up."""
        missing = set()
        for entry in self._entries.values():
            code = entry.message.application_code
            for name in (entry.ids.paired_message_id, entry.ids.initial_message_id):
                if not name:
                    continue
                if (name, code) not in self._known:
                    if len(self._known) >= _MOST_LOOKED_UP + len(self._entries):
                        continue
                    found = self._reader.find_message(name, code)
                    self._known[name, code] = found is not None
                if not self._known[name, code]:
                    missing.add(name)
        return missing

    def _thread(self, *, back_to: int | None = None) -> FollowedThread:
        thread = arrange(self._subject, self._entries.values(), now_ms(), self._missing())
        return replace(thread, is_capped=self._is_capped, searched_back_to=back_to)

    def _arrival_of(self, place: Place | None) -> int | None:
        """Return the arrival of the message at a place of the search, which may be gone."""
        if place is None:
            return None
        if self._reader.last_id() is None:  # of a team's record, where keys are times of arrival
            return place.key
        found = self._reader.rows([place.id])
        return found[0].arrived_at if found else None
