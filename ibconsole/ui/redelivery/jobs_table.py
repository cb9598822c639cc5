"""The table of redelivery jobs, the newest first, and how a job is described."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

from ibconsole.errors import Severity
from ibconsole.plural import counted
from ibconsole.services.redelivery import RedeliveryKind, RedeliveryRow, RedeliveryState
from ibconsole.services.request_log import redact_url
from ibconsole.ui.tables import Column, RecordRole, RecordsModel, RecordsTable, TintedCells
from ibconsole.ui.toolkit import Theme, TimeDisplay, one_line, times

_KIND, _URL, _STATE = 1, 2, 3
_WIDTHS = (96, 76, 0, 92, 64)
_KINDS = {RedeliveryKind.RESEND: "Resend", RedeliveryKind.GIVE_BACK: "Give back"}
_TONES = {
    RedeliveryState.RUNNING: Severity.INFO,
    RedeliveryState.PREPARING: Severity.INFO,
    RedeliveryState.PAUSED: Severity.WARNING,
    RedeliveryState.INTERRUPTED: Severity.WARNING,
    RedeliveryState.CANCELLED: Severity.MUTED,
}


class JobsTable(RecordsTable):
    """The jobs; `record_selected` carries a RedeliveryRow or None."""

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, *, time_display: TimeDisplay
    ) -> None:
        super().__init__(
            RecordsModel(_columns(time_display), lambda row: row.id, search=shown_url_of),
            stretch=_URL,
            preferred_width=120,
            optional=(_KIND,),
            copies=(("Copy URL", shown_url_of),),
            parent=parent,
        )
        self.placeholder = "Nothing was sent again or given back yet."
        self.setAccessibleName("Redelivery jobs")
        self.set_widths(*_WIDTHS, by_content=True)
        self.setItemDelegateForColumn(_STATE, _JobStateCells(theme, self))
        time_display.changed.connect(self.refresh_values)


class _JobStateCells(TintedCells):
    """The cells of the states, coloured where the user may have something to do."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, "text", parent)
        self._colours = theme

    def colour(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QColor:
        tone = tone_of_job(index.data(RecordRole))
        if tone is None:
            return super().colour(option, index)
        return QColor(getattr(self._colours.colours, tone.value))


def kind_of(row: RedeliveryRow) -> str:
    """Return the name of a job's kind."""
    return _KINDS[row.job.kind]


def shown_url_of(row: RedeliveryRow) -> str:
    """Return the URL of a job on one line, its secrets masked."""
    return one_line(redact_url(row.job.url))


def state_text(row: RedeliveryRow) -> str:
    """Return the state of a job in one word or two."""
    if row.job.state is RedeliveryState.FINISHED and (row.counts.unknown or row.counts.undelivered):
        return "incomplete"
    return row.job.state.value


def tone_of_job(row: RedeliveryRow) -> Severity | None:
    """Return the severity of a job's state; None if there is nothing to say about it."""
    if row.job.state is RedeliveryState.FINISHED:
        return Severity.WARNING if row.counts.unknown or row.counts.undelivered else None
    return _TONES.get(row.job.state)


def describe_counts(row: RedeliveryRow) -> str:
    """Return a sentence with the number of a job's messages by state, those of none left out."""
    counts = row.counts
    parts = [f"{counts.acknowledged:,} of {counted(counts.total, 'message')} acknowledged"]
    rest = (
        ("undelivered", counts.undelivered),
        ("unknown", counts.unknown),
        ("skipped", counts.skipped),
        ("under way", counts.sending),
        ("waiting", counts.waiting),
    )
    parts += [f"{number:,} {name}" for name, number in rest if number]
    return f"{', '.join(parts)}."


def _columns(time_display: TimeDisplay) -> Sequence[Column[RedeliveryRow]]:
    return (
        Column(
            "When",
            lambda row: times.minute(row.job.made_at, time_display.zone),
            sort_key=lambda row: -row.id,
            tooltip=lambda row: times.exact(row.job.made_at, time_display.zone),
        ),
        Column("Kind", kind_of),
        Column("URL", shown_url_of, tooltip=shown_url_of),
        Column("State", state_text, tooltip=lambda row: row.job.problem or describe_counts(row)),
        Column(
            "Done",
            lambda row: f"{row.counts.acknowledged:,} / {row.counts.total:,}",
            sort_key=lambda row: row.counts.acknowledged,
            tooltip=describe_counts,
            right=True,
        ),
    )
