"""The list of requests: what of them is shown, and which of them.

Application codes are masked in everything that is made here, unless they are asked for:
they are credentials (platform.md §3).
"""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo

from PySide6.QtCore import QObject

from ibconsole.services.request_log import Entry, codes_in, without_codes
from ibconsole.text import mask_code
from ibconsole.ui.listener import size
from ibconsole.ui.messages import one_line
from ibconsole.ui.tables import FeedColumn, FeedModel
from ibconsole.ui.toolkit import times
from ibconsole.ui.viewers import BoundedText, Fact, Remark, Summary, format_json

KEPT_BODY = 65_536

Headers = tuple[tuple[str, str], ...]

_ARCHIVED = "The answer's body is in the archive (Messages)."
_PULLED = "This was a pull: what it answered was handed out once, to this program."


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which requests are to be listed: those with all words of a text, or the failed ones."""

    text: str = ""
    only_failures: bool = False

    def fits(self, entry: Entry, searched: str) -> bool:
        """Whether a request is among them; `searched` is what the words are looked for in."""
        if self.only_failures and not entry.failed:
            return False
        return all(word in searched for word in self.text.casefold().split())


@dataclass(frozen=True, slots=True)
class Told:
    """All there is to know of a request, ready to be shown."""

    summary: Summary
    request: BoundedText
    answer: BoundedText


class ActivityModel(FeedModel[Entry]):
    """The requests that are wanted, the newest on top; those that are not are kept as well."""

    def __init__(self, time_display: times.TimeDisplay, parent: QObject | None = None) -> None:
        super().__init__(self._columns_for(time_display), self._kept, parent)
        self._entries: dict[int, Entry] = {}
        self._searched: dict[int, str] = {}
        self._wanted = Wanted()
        self.shows_codes = False

    @property
    def total(self) -> int:
        """How many requests there are, the unwanted ones included."""
        return len(self._entries)

    def add(self, entries: Iterable[Entry], oldest: int) -> None:
        """Put new ones on top, given oldest first; those with ids below `oldest` are gone."""
        fresh = list(entries)
        self._entries.update((entry.id, entry) for entry in fresh)
        self._searched.update((entry.id, searched_text(entry)) for entry in fresh)
        self.append(array("q", (entry.id for entry in fresh if self._is_wanted(entry))))
        for number in [number for number in self._entries if number < oldest]:
            del self._entries[number], self._searched[number]
        self.drop_before(oldest)

    def want(self, wanted: Wanted) -> None:
        """List others."""
        self._wanted = wanted
        self.show(
            array("q", (entry.id for entry in self._entries.values() if self._is_wanted(entry)))
        )

    def show_codes(self, *, on: bool) -> None:
        """Write application codes as they are, or masked."""
        self.shows_codes = on
        self.refresh()

    def _is_wanted(self, entry: Entry) -> bool:
        return self._wanted.fits(entry, self._searched[entry.id])

    def _kept(self, ids: Sequence[int]) -> list[Entry]:
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
                "Who asked",
                lambda entry: one_line(entry.asked_by),
                lambda entry: one_line(entry.asked_by),
            ),
            FeedColumn("Method", lambda entry: one_line(entry.method)),
            FeedColumn(
                "Path",
                lambda entry: self._text(entry.path),
                lambda entry: self._text(entry.url),
            ),
            FeedColumn("Status", status_of, lambda entry: self._text(entry.problem), right=True),
            FeedColumn("Duration", lambda entry: duration(entry.duration), right=True),
            FeedColumn("Try", lambda entry: str(entry.attempt), right=True),
        )

    def _text(self, text: str) -> str:
        return one_line(
            text if self.shows_codes else without_codes(text, codes_in(text), mask_code)
        )


def status_of(entry: Entry) -> str:
    """The status; a dash where none arrived."""
    return "\N{EN DASH}" if entry.status is None else str(entry.status)


def duration(seconds: float) -> str:
    """`34 ms`, `1.24 s`, `12.3 s`."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.1f} s"


def searched_text(entry: Entry) -> str:
    """What a filter looks through: path, connection, status, who asked and what went wrong.

    Codes are in it as they are: who types one knows it.
    """
    status = "" if entry.status is None else str(entry.status)
    texts = (entry.method, entry.url, entry.connection, status, entry.asked_by, entry.problem)
    return "\n".join(texts).casefold()


def told(entry: Entry, zone: tzinfo | None, *, codes: bool) -> Told:
    """All there is to know of a request. Not for the GUI's thread: bodies may be large."""
    shown = entry if codes else _without_codes(entry)
    archived = entry.is_pull and not entry.answer_body
    answer = _body_text(shown.answer_body, entry.answer_size)
    return Told(
        summary=_summary(shown, zone),
        request=_body_text(shown.request_body, entry.request_size),
        answer=BoundedText(note=_ARCHIVED) if archived else answer,
    )


def _without_codes(entry: Entry) -> Entry:
    """The same request, its application codes masked wherever they are."""
    bodies = (entry.request_body, entry.answer_body)
    codes = codes_in(entry.url, *(body.decode(errors="replace") for body in bodies))

    def hide(text: str) -> str:
        return without_codes(text, codes, mask_code)

    def hide_in(body: bytes) -> bytes:
        return hide(body.decode(errors="replace")).encode() if codes else body

    def hide_values(headers: Headers) -> Headers:
        return tuple((name, hide(value)) for name, value in headers)

    return replace(
        entry,
        url=hide(entry.url),
        problem=hide(entry.problem),
        request_headers=hide_values(entry.request_headers),
        request_body=hide_in(entry.request_body),
        answer_headers=hide_values(entry.answer_headers),
        answer_body=hide_in(entry.answer_body),
    )


def _body_text(body: bytes, whole: int) -> BoundedText:
    if not body:
        words = f"{whole:,} bytes, which are not kept here." if whole else "There is no body."
        return BoundedText(note=words)
    shown = format_json(body)
    if whole <= KEPT_BODY:
        return shown
    cut = f"Only the beginning of {whole:,} bytes is kept here. {shown.note}"
    return replace(shown, note=cut.strip())


def _summary(entry: Entry, zone: tzinfo | None) -> Summary:
    facts = (
        Fact("When", times.exact(entry.started_at, zone), times.iso(entry.started_at)),
        Fact("Connection", one_line(entry.connection)),
        Fact("Who asked", one_line(entry.asked_by)),
        Fact("URL", one_line(entry.url), is_code=True),
        Fact("Took", duration(entry.duration)),
        Fact("Try", str(entry.attempt)),
        Fact("Sent", size(entry.request_size) if entry.request_size else ""),
        Fact("Received", size(entry.answer_size)),
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
    found = []
    if entry.problem:
        found.append(Remark("danger", one_line(entry.problem)))
    if entry.is_pull:
        found.append(Remark("info", _PULLED))
    return tuple(found)
