"""The table of highlight rules in their order, each in its own colour."""

from collections.abc import Mapping

from msgspec.structs import replace
from PySide6.QtCore import QObject
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QWidget

from ibconsole.services.connections import HighlightRule
from ibconsole.services.list_display import colour_of
from ibconsole.ui.tables import OrderedModel, OrderedTable, RowMark, paint_marked
from ibconsole.ui.toolkit import Theme

_HEADERS = ("Rule", "Matches")
_RULE, _MATCHES = range(len(_HEADERS))
_WIDTHS = (0, 96)


class HighlightRulesModel(OrderedModel[HighlightRule]):
    """The rules in order, of which the first match wins, and how many messages each matches.

    `matches` is empty while the numbers are not known; a rule that cannot be understood has none.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(_HEADERS, parent, numbers=(_MATCHES,))
        self.matches: Mapping[int, int] = {}
        for changes in (self.rowsInserted, self.rowsRemoved, self.rowsMoved):
            changes.connect(self._forget_matches)

    def show_matches(self, matches: Mapping[int, int]) -> None:
        """Show how many messages each rule would highlight."""
        self.matches = matches
        self.refresh()

    def edit(self, row: int, **changes: str) -> None:
        """Change fields of a rule."""
        changed = replace(self.rows[row], **changes)
        if changed != self.rows[row]:
            self.rows[row] = changed
            self.refresh(row, row)

    def text(self, row: int, column: int) -> str:
        if column == _RULE:
            return self.rows[row].label or "New rule"
        count = self.matches.get(row)
        return "" if count is None else f"{count:,}"

    def _forget_matches(self) -> None:
        self.matches = {}


class HighlightRulesTable(OrderedTable):
    """The rules, with their colours."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(stretch=_RULE, preferred_width=150, minimum_width=80, parent=parent)
        self._theme = theme
        self.rules = HighlightRulesModel(self)
        self.setModel(self.rules)
        self.setAccessibleName("Highlight rules in their order")
        self.set_widths(*_WIDTHS)

    def _mark(self, row: int) -> RowMark | None:
        rule = self.rules.rows[row]
        return RowMark(rule.label, colour_of(rule))

    # Qt's side

    def paintEvent(self, event: QPaintEvent) -> None:
        paint = super().paintEvent
        paint_marked(self, self._theme.colours, self._mark, lambda: paint(event))
