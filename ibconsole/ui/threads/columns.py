"""The rows and columns of a thread: its messages, and the silences between them."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec
from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from ibconsole.errors import Severity
from ibconsole.services.request_log import mask_codes
from ibconsole.services.threads import FollowedThread, RemarkKind, Silence, ThreadEntry
from ibconsole.text import escape_invisible, mask_code
from ibconsole.ui.tables import Column, RecordRole, TextCells
from ibconsole.ui.toolkit import Theme, TimeDisplay, one_line, times

TIME, LAG, VIA, APPLICATION, CONNECTION, TEXT, ANSWER, REMARKS = range(8)
WIDTHS = (132, 92, 68, 116, 108, 0, 76, 128)
_SHOWN = 200  # characters of a text
_REMARKS = {
    RemarkKind.DUPLICATE: "arrived again",
    RemarkKind.BOTH_WAYS: "both ways",
    RemarkKind.PAIR_MISSING: "pair not here",
    RemarkKind.REFUSED: "refused",
}
_TONES = {
    RemarkKind.DUPLICATE: Severity.WARNING,
    RemarkKind.BOTH_WAYS: Severity.WARNING,
    RemarkKind.PAIR_MISSING: Severity.MUTED,
    RemarkKind.REFUSED: Severity.DANGER,
}
_SELECTED = QStyle.StateFlag.State_Selected


class ThreadRow(msgspec.Struct, frozen=True, kw_only=True):
    """A message of a thread, or a silence: one of both is None."""

    entry: ThreadEntry | None = None
    silence: Silence | None = None

    @property
    def identity(self) -> int:
        """The id of the message; below zero for a silence, by the time at which it began."""
        if self.entry:
            return self.entry.id
        return -1 - (self.silence.since if self.silence else 0)


def rows_of(thread: FollowedThread) -> Iterator[ThreadRow]:
    """Yield the rows of a thread, the oldest first."""
    before = {one.before: one for one in thread.silences}
    for entry in thread.entries:
        if silence := before.get(entry.id):
            yield ThreadRow(silence=silence)
        yield ThreadRow(entry=entry)
    if last := before.get(None):
        yield ThreadRow(silence=last)


def thread_columns(
    name_of: Callable[[str], str],
    connections: Mapping[str, str],
    time_display: TimeDisplay,
) -> Sequence[Column[ThreadRow]]:
    """Return the columns; `connections` are names by UUID, which may come later."""

    def of_entry(read: Callable[[ThreadEntry], str]) -> Callable[[ThreadRow], str]:
        return lambda row: read(row.entry) if row.entry else ""

    def time(row: ThreadRow) -> str:
        at = row.entry.at if row.entry else row.silence.since if row.silence else 0
        return times.column_time(at, time_display.zone)

    def connection(entry: ThreadEntry) -> str:
        uuid = entry.message.connection or ""
        return one_line(connections.get(uuid, uuid))

    return (
        Column("Time", time, tooltip=_times),
        Column(
            "Lag",
            of_entry(lambda one: times.lag(one.message.received_at, one.message.arrived_at)),
            right=True,
        ),
        Column("Via", of_entry(lambda one: one.message.via.value)),
        Column(
            "Application",
            of_entry(lambda one: name_of(one.message.application_code)),
            tooltip=of_entry(lambda one: mask_code(one.message.application_code)),
        ),
        Column("Connection", of_entry(connection)),
        Column("Text", _text, tooltip=_whole_text),
        Column("Answer", of_entry(lambda one: one_line(one.answer))),
        Column("Remarks", of_entry(_remarks), tooltip=_sentences),
    )


def masked(text: str, entry: ThreadEntry) -> str:
    """Mask the application's code where a text of its message repeats it."""
    code = entry.message.application_code
    return mask_codes(text, (code,), mask_code) if code and code in text else text


class ThreadCells(TextCells):
    """Cells whose colour tells silences and what is remarkable; the text says it too."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    # Qt's side

    def colour(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QColor:
        row = index.data(RecordRole)
        severity = _tone(row, index.column()) if isinstance(row, ThreadRow) else None
        if severity is None or option.state & _SELECTED:
            return super().colour(option, index)
        return QColor(getattr(self._theme.colours, severity))


def _tone(row: ThreadRow, column: int) -> Severity | None:
    if row.silence:
        return Severity.INFO if column == TEXT else Severity.MUTED
    if column in {VIA, LAG}:
        return Severity.MUTED
    if column != REMARKS or row.entry is None or not row.entry.remarks:
        return None
    kinds = {one.kind for one in row.entry.remarks}
    return next(tone for kind, tone in reversed(_TONES.items()) if kind in kinds)


def _text(row: ThreadRow) -> str:
    if row.entry is None:
        return row.silence.phrase if row.silence else ""
    return one_line(masked(row.entry.message.text[:_SHOWN], row.entry))


def _whole_text(row: ThreadRow) -> str:
    if row.entry is None:
        return row.silence.sentence if row.silence else ""
    return escape_invisible(masked(row.entry.message.text, row.entry))


def _remarks(entry: ThreadEntry) -> str:
    names = [_REMARKS[kind] for kind in dict.fromkeys(one.kind for one in entry.remarks)]
    names += [f"sent again: {one.state}" for one in entry.redelivered[:1]]
    return ", ".join(names)


def _sentences(row: ThreadRow) -> str:
    if row.entry is None:
        return ""
    sentences = [one.sentence for one in row.entry.remarks]
    sentences += [f"Sent again: {one.phrase}." for one in row.entry.redelivered]
    return escape_invisible("\n".join(sentences))


def _times(row: ThreadRow) -> str:
    if row.entry is None:
        return times.iso(row.silence.since) if row.silence else ""
    message = row.entry.message
    received = times.iso(message.received_at) or "not known"
    return f"Received by the platform\n{received}\nArrived here\n{times.iso(message.arrived_at)}"
