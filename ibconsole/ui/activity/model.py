"""The model of the list of requests, its filter, and the details of a request.

Application codes are masked in all texts made here unless the user asked for them: they are
credentials (platform.md §3).
"""

from array import array
from collections.abc import Iterable, Sequence
from datetime import tzinfo

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import QObject

from ibconsole.errors import Severity
from ibconsole.services.request_log import KEPT_BODY, Entry, find_codes, mask_codes, without_codes
from ibconsole.text import fold, mask_code
from ibconsole.ui.tables import FeedColumn, FeedModel
from ibconsole.ui.toolkit import CodeDisplay, byte_size, one_line, times
from ibconsole.ui.viewers import BoundedText, Fact, Remark, Summary, format_json

_ARCHIVED = "The body of the answer is in the archive (Messages)."
_PULLED = "This was a pull: its messages were handed out once, to this program."


class ActivityFilter(msgspec.Struct, frozen=True):
    """A filter of requests: those with all words of a text, all or only the failed ones."""

    text: str = ""
    only_failures: bool = False

    def matches(self, entry: Entry, searchable: str, *, masked: bool = False) -> bool:
        """Return whether a request, with this folded searchable text, matches.

        In a text with `masked` codes a whole code finds its mask, and no part of it does.
        """
        if self.only_failures and not entry.failed:
            return False
        return all(
            word in searchable
            # A short word has a mask that shows nothing of it, and so would match every code.
            or (masked and (mask := mask_code(word))[0] == word[0] and mask in searchable)
            for word in fold(self.text).split()
        )


class EntryDetails(msgspec.Struct, frozen=True):
    """The details of a request, ready to be shown."""

    summary: Summary
    request: BoundedText
    answer: BoundedText


class ActivityModel(FeedModel[Entry]):
    """The requests that match the filter, the newest on top; the others are kept as well."""

    def __init__(
        self,
        time_display: times.TimeDisplay,
        parent: QObject | None = None,
        *,
        codes: CodeDisplay | None = None,
    ) -> None:
        super().__init__(self._columns_for(time_display), self._entries_of, parent)
        self._codes = codes or CodeDisplay(self)
        self._entries: dict[int, Entry] = {}
        self._searched: dict[int, str] = {}
        self._filter = ActivityFilter()
        self.shows_codes = False

    @property
    def total(self) -> int:
        """The number of requests, those filtered out included."""
        return len(self._entries)

    def add(self, entries: Iterable[Entry], oldest: int) -> None:
        """Add requests on top, given oldest first; drop those with ids below `oldest`."""
        fresh = list(entries)
        self._entries.update((entry.id, entry) for entry in fresh)
        self._searched.update((entry.id, searchable_text(entry)) for entry in fresh)
        self.append(array("q", (entry.id for entry in fresh if self._matches(entry))))
        for number in [number for number in self._entries if number < oldest]:
            del self._entries[number], self._searched[number]
        self.drop_before(oldest)

    def set_filter(self, filter_: ActivityFilter) -> None:
        """List the requests that match another filter."""
        self._filter = filter_
        self.show(
            array("q", (entry.id for entry in self._entries.values() if self._matches(entry)))
        )

    @property
    def listed(self) -> Sequence[Entry]:
        """The requests that match the filter, oldest first."""
        return [entry for entry in self._entries.values() if self._matches(entry)]

    def show_codes(self, *, on: bool) -> None:
        """Show application codes readable, or masked."""
        self.shows_codes = on
        self.refresh()

    def _matches(self, entry: Entry) -> bool:
        masked = bool(self._codes.why_masked)
        searched = self._searched[entry.id]
        if masked:  # or a code could be found out letter by letter
            searched = fold(mask_codes(searched, find_codes(searched), mask_code))
        return self._filter.matches(entry, searched, masked=masked)

    def _entries_of(self, ids: Sequence[int]) -> list[Entry]:
        return [self._entries[number] for number in ids if number in self._entries]

    def _columns_for(self, time_display: times.TimeDisplay) -> Sequence[FeedColumn[Entry]]:
        return (
            FeedColumn(
                "Time",
                lambda entry: times.column_time(entry.started_at, time_display.zone),
                lambda entry: times.iso(entry.started_at),
                unit=lambda: times.zone_name(zone=time_display.zone),
            ),
            FeedColumn("Connection", lambda entry: one_line(entry.connection)),
            FeedColumn(
                "Source",
                lambda entry: one_line(entry.purpose),
                lambda entry: one_line(entry.purpose),
            ),
            FeedColumn("Method", lambda entry: one_line(entry.method)),
            FeedColumn(
                "Path",
                lambda entry: self._text(entry.path),
                lambda entry: self._text(entry.url),
            ),
            FeedColumn("Status", status_of, lambda entry: self._text(entry.problem), right=True),
            FeedColumn("Duration", lambda entry: times.duration(entry.duration), right=True),
            FeedColumn("Try", lambda entry: str(entry.attempt), right=True),
        )

    def _text(self, text: str) -> str:
        return one_line(text if self.shows_codes else mask_codes(text, find_codes(text), mask_code))


def status_of(entry: Entry) -> str:
    """Return the status; a dash if there was no answer."""
    return "\N{EN DASH}" if entry.status is None else str(entry.status)


def searchable_text(entry: Entry) -> str:
    """Return what a filter searches: URL, connection, status, origin and problem, folded.

    Application codes are in it readable: a user who types one knows it already.
    """
    status = "" if entry.status is None else str(entry.status)
    texts = (entry.method, entry.url, entry.connection, status, entry.purpose, entry.problem)
    return fold("\n".join(texts))


def describe_entry(entry: Entry, zone: tzinfo | None, *, codes: bool) -> EntryDetails:
    """Return the details of a request, with readable `codes` or masked ones.

    Call it off the GUI thread: bodies may be large.
    """
    shown = entry if codes else without_codes(entry)
    archived = entry.is_pull and not entry.answer_body
    answer = _body_text(shown.answer_body, entry.answer_size)
    return EntryDetails(
        summary=_summary(shown, zone),
        request=_body_text(shown.request_body, entry.request_size),
        answer=BoundedText(note=_ARCHIVED) if archived else answer,
    )


def _body_text(body: bytes, whole: int) -> BoundedText:
    if not body:
        note = f"{whole:,} bytes, which are not kept here." if whole else "There is no body."
        return BoundedText(note=note)
    shown = format_json(body)
    if whole <= KEPT_BODY:
        return shown
    cut = f"Only the beginning of {whole:,} bytes is kept here. {shown.note}"
    return replace(shown, note=cut.strip())


def _summary(entry: Entry, zone: tzinfo | None) -> Summary:
    facts = (
        Fact("When", times.exact(entry.started_at, zone), times.iso(entry.started_at)),
        Fact("Connection", one_line(entry.connection)),
        Fact("Source", one_line(entry.purpose)),
        Fact("URL", one_line(entry.url), is_code=True),
        Fact("Duration", times.duration(entry.duration)),
        Fact("Try", str(entry.attempt)),
        Fact("Sent", byte_size(entry.request_size) if entry.request_size else ""),
        Fact("Received", byte_size(entry.answer_size)),
    )
    sections = (
        ("", facts),
        ("Request headers", _header_facts(entry.request_headers)),
        ("Answer headers", _header_facts(entry.answer_headers)),
    )
    return Summary(
        title=f"{one_line(entry.method)} {one_line(entry.path)}",
        lead="No answer" if entry.status is None else f"Answered {entry.status}",
        remarks=_remarks(entry),
        sections=tuple(
            (title, known)
            for title, given in sections
            if (known := tuple(fact for fact in given if fact.value))
        ),
    )


def _header_facts(headers: Iterable[tuple[str, str]]) -> tuple[Fact, ...]:
    return tuple(Fact(one_line(name), one_line(value), is_code=True) for name, value in headers)


def _remarks(entry: Entry) -> tuple[Remark, ...]:
    remarks = []
    if entry.problem:
        remarks.append(Remark(Severity.DANGER, one_line(entry.problem)))
    if entry.is_pull:
        remarks.append(Remark(Severity.INFO, _PULLED))
    return tuple(remarks)
