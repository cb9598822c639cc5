"""The table of the cases; the one to which things are pinned is marked."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from ibconsole.services.evidence.cases import CaseSummary
from ibconsole.services.links import CaseLink, format_link
from ibconsole.ui.tables import Column, RecordsModel, RecordsTable
from ibconsole.ui.toolkit import TimeDisplay, one_line, times

_CASE, _CHANGED = 0, 2
_WIDTHS = (0, 52, 132)
_CASE_WIDTH = 160
_PINNED_HERE = "Things are pinned to this case."


class CasesTable(RecordsTable):
    """The cases, the one that was changed last on top. `current` is the id of the marked one."""

    def __init__(self, display: TimeDisplay, parent: QWidget | None = None) -> None:
        self.current = ""
        self._display = display
        columns: list[Column[Any]] = [
            Column("Case", self._title, lambda one: one.title.casefold(), self._tooltip),
            Column("Items", lambda one: f"{one.items:,}", lambda one: one.items, right=True),
            Column("Changed", self._changed, lambda one: one.changed_at),
        ]
        super().__init__(
            RecordsModel(columns, lambda one: one.id),
            stretch=_CASE,
            preferred_width=_CASE_WIDTH,
            optional=(_CHANGED,),
            copies=(("Copy link", lambda one: format_link(CaseLink(case=one.id))),),
            parent=parent,
        )
        self.setAccessibleName("Cases")
        self.set_widths(*_WIDTHS)
        self.sortByColumn(_CHANGED, Qt.SortOrder.DescendingOrder)

    def mark_current(self, case_id: str) -> None:
        """Mark the case to which things are pinned, none for an empty id."""
        self.current = case_id
        self.refresh_values()

    def _title(self, one: CaseSummary) -> str:
        mark = "● " if one.id == self.current else ""
        return "Cannot be read" if one.problem else f"{mark}{one_line(one.title)}"

    def _tooltip(self, one: CaseSummary) -> str:
        here = _PINNED_HERE if one.id == self.current else ""
        return "\n".join(filter(None, (one.title, one.problem, here)))

    def _changed(self, one: CaseSummary) -> str:
        return times.second(one.changed_at, self._display.zone) if one.changed_at else ""
