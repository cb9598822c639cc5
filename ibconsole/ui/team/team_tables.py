"""The tables of a team: its sources, and the rows that its archive refused."""

from collections.abc import Sequence

import msgspec
from PySide6.QtWidgets import QWidget

from ibconsole.services.team import SetAsideRow, TeamSource
from ibconsole.text import fold
from ibconsole.ui.tables import Column, RecordsModel, RecordsTable
from ibconsole.ui.toolkit import TimeDisplay, one_line, times

_SOURCE_WIDTHS = (0, 84, 110, 84, 110, 96)
_REFUSED_WIDTHS = (120, 150, 0)
_NEVER = -1


class SourceRow(msgspec.Struct, frozen=True):
    """A source of a team, at the server's time `at`."""

    source: TeamSource
    at: int

    @property
    def kind(self) -> str:
        """The kind of its program."""
        return "collector" if self.source.is_collector else "desktop"

    @property
    def seen(self) -> str:
        """The age of its last sign of life."""
        return times.age(self.source.last_seen_at, self.at)

    @property
    def lag(self) -> str:
        """The age of what waits longest there; empty if nothing does."""
        oldest = self.source.oldest_waiting_at
        if not self.source.waiting or oldest is None:
            return ""
        return times.span((self.at - oldest) // 1000)


def sources_table(display: TimeDisplay, parent: QWidget) -> RecordsTable:
    """Return an empty table of `SourceRow`s."""
    columns: Sequence[Column[SourceRow]] = (
        Column("Received by", lambda row: one_line(row.source.label), sort_key=_by_name),
        Column("Kind", lambda row: row.kind),
        Column(
            "Last seen",
            lambda row: row.seen,
            sort_key=lambda row: -row.source.last_seen_at,
            tooltip=lambda row: times.exact(row.source.last_seen_at, display.zone),
        ),
        Column(
            "Waiting",
            lambda row: f"{row.source.waiting:,}",
            sort_key=lambda row: row.source.waiting,
            tooltip=lambda _: "The rows stored there and not shipped yet, when it was last seen",
            right=True,
        ),
        Column(
            "Lag",
            lambda row: row.lag,
            sort_key=lambda row: row.source.oldest_waiting_at or _NEVER,
            tooltip=lambda row: times.exact(row.source.oldest_waiting_at, display.zone),
        ),
        Column("Program", lambda row: one_line(row.source.program)),
    )
    model = RecordsModel(columns, lambda row: row.source.archive, parent)
    table = RecordsTable(model, stretch=0, optional=(5,), parent=parent)
    table.setAccessibleName("Who receives for the team")
    table.set_widths(*_SOURCE_WIDTHS, by_content=True)
    return table


def refused_table(display: TimeDisplay, parent: QWidget) -> RecordsTable:
    """Return an empty table of `SetAsideRow`s."""
    columns: Sequence[Column[SetAsideRow]] = (
        Column("Row", lambda row: f"{row.kind} {row.key:,}"),
        Column(
            "Of",
            lambda row: times.column_time(row.at, display.zone),
            sort_key=lambda row: row.at,
            tooltip=lambda row: times.exact(row.at, display.zone),
        ),
        Column("Reason", lambda row: one_line(row.reason), tooltip=lambda row: row.reason),
    )
    model = RecordsModel(columns, lambda row: (row.connection, row.kind, row.key), parent)
    table = RecordsTable(model, stretch=2, parent=parent)
    table.setAccessibleName("What the team's archive refused")
    table.set_widths(*_REFUSED_WIDTHS, by_content=True)
    return table


def _by_name(row: SourceRow) -> tuple[bool, str]:
    return not row.source.is_collector, fold(row.source.label)
