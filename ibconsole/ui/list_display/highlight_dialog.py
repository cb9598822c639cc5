"""The dialog of the highlight rules: their order, and the filter, name and colour of each."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from ibconsole.errors import Severity, UserError
from ibconsole.plural import counted
from ibconsole.services.connections import HighlightRule
from ibconsole.services.list_display import HighlightColour, colour_of
from ibconsole.ui.list_display.highlight_table import HighlightRulesTable
from ibconsole.ui.messages import CompletionPopup, FilterField
from ibconsole.ui.tables import RowMark, mark_colours
from ibconsole.ui.toolkit import SPACE, Theme
from ibconsole.ui.widgets import (
    ButtonKind,
    IconButton,
    PushButton,
    button_row,
    heading,
    muted,
    paragraph,
    set_tone,
)

if TYPE_CHECKING:
    from ibconsole.services import filtering

_SIZE = (660, 560)
_TYPING_MS = 200
_ICON = QSize(18, 14)
_BAR = 3
_NAMES = {
    HighlightColour.INFO: "Blue",
    HighlightColour.OK: "Green",
    HighlightColour.WARNING: "Amber",
    HighlightColour.DANGER: "Red",
    HighlightColour.VIOLET: "Violet",
    HighlightColour.NEUTRAL: "Grey",
}
_EXPLANATION = (
    "The first rule that a message matches colours its row. The tooltip of the row names the rule,"
    " as does the column Highlight."
)
_FILTER = "An expression of the filter language, such as keyword:STOP or lag:>10m (docs/filters.md)"
_EMPTY = "There are no rules. Add one, and type a filter such as keyword:STOP or lag:>10m."


class HighlightDialog(QDialog):
    """Edits a copy of the rules.

    `changed` is emitted when the rules are to be checked and their matches counted, `chosen` when
    they are to be kept: the receiver closes the dialog, or shows a problem.
    """

    changed = Signal()
    chosen = Signal()

    def __init__(
        self,
        rules: Sequence[HighlightRule],
        known: "Callable[[], filtering.KnownValues]",
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Highlight rules")
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._theme = theme
        self._problems: Mapping[int, UserError] = {}
        self._looked_at = 0
        self._filling = False
        self.table = HighlightRulesTable(theme)
        self.add = IconButton("plus", "Add a rule", theme, text="Add")
        self.remove = IconButton("trash-2", "Remove the rule (Delete)", theme, text="Remove")
        self.up = IconButton("chevron-up", "Move the rule up (Alt+Up)", theme, text="Up")
        self.down = IconButton("chevron-down", "Move the rule down (Alt+Down)", theme, text="Down")
        self.filter = FilterField("Filter of the rule", _FILTER)
        self.completions = CompletionPopup(self.filter, known)
        self.name = QLineEdit(maxLength=60)
        self.colour = QComboBox()
        self.state = paragraph()
        self.save = PushButton("Save", theme, kind=ButtonKind.PRIMARY)
        self.cancel = PushButton("Cancel", theme)
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._set_up()
        self._lay_out()
        self._connect()
        self.table.rules.show_rows(rules)
        self._select(0)
        self._typing.start()

    @property
    def rules(self) -> tuple[HighlightRule, ...]:
        """The rules as the dialog says them."""
        return tuple(self.table.rules.rows)

    def show_matches(self, matches: Mapping[int, int], looked_at: int) -> None:
        """Show how many of the newest messages each rule would highlight."""
        self._looked_at = looked_at
        self.table.rules.show_matches(matches)
        self._show_state()

    def show_problems(self, problems: Mapping[int, UserError]) -> None:
        """Show what is wrong with rules, by their numbers; they cannot be saved until it is not."""
        self._problems = problems
        self._show_state()

    def show_failed(self, error: UserError) -> None:
        """Show why the rules could not be kept, or their matches not counted."""
        set_tone(self.state, Severity.DANGER)
        self.state.setText(str(error))

    def _show_state(self) -> None:
        """Show the problem of the selected rule, else that of another, else the matches."""
        row = self.table.row
        error = self._problems.get(row)
        position = getattr(error, "position", None)
        self.filter.mark_error(position, QColor(self._theme.colours.danger))
        is_incomplete = any(not rule.text.strip() for rule in self.rules)
        self.save.setEnabled(not self._problems and not is_incomplete)
        if not error and self._problems:
            number, other = next(iter(self._problems.items()))
            sentence = f"Rule {number + 1}: {other}"
        else:
            sentence = str(error or "")
        set_tone(self.state, Severity.DANGER if sentence else Severity.MUTED)
        self.state.setText(sentence or self._matches_sentence(row))

    def _matches_sentence(self, row: int) -> str:
        if row < 0:
            return _EMPTY
        if not self.rules[row].text.strip():
            return "A rule needs a filter."
        count = self.table.rules.matches.get(row)
        if count is None:
            return "Counting the matches…"
        number = f"{count:,} {'is' if count == 1 else 'are'}" if count else "none is"
        return (
            f"Of the newest {counted(self._looked_at, 'message')} of the list, {number}"
            " highlighted by this rule."
        )

    def _select(self, row: int) -> None:
        row = min(row, len(self.rules) - 1)
        if row >= 0:
            self.table.setCurrentIndex(self.table.rules.index(row, 0))
        self._on_current_changed()

    def _on_current_changed(self) -> None:
        row, rules = self.table.row, self.rules
        rule = rules[row] if row >= 0 else HighlightRule("", "")
        self._filling = True
        self.filter.setText(rule.text)
        self.name.setText(rule.name)
        self.colour.setCurrentIndex(self.colour.findData(str(colour_of(rule))))
        self._filling = False
        for widget in (self.filter, self.name, self.colour, self.remove):
            widget.setEnabled(row >= 0)
        self.up.setEnabled(row > 0)
        self.down.setEnabled(0 <= row < len(rules) - 1)
        self._show_state()

    def _on_edited(self) -> None:
        if self._filling or self.table.row < 0:
            return
        self.filter.mark_error(None)
        text, name = self.filter.text().strip(), self.name.text().strip()
        self.table.rules.edit(self.table.row, text=text, name=name)
        self._check_soon()

    def _on_colour_changed(self) -> None:
        # Apart from the texts: a colour that only a newer program knows stays.
        if not self._filling and self.table.row >= 0:
            self.table.rules.edit(self.table.row, colour=str(self.colour.currentData()))

    def _on_add(self) -> None:
        used = {rule.colour for rule in self.rules}
        free = [colour for colour in HighlightColour if colour not in used]
        colour = free[0] if free else HighlightColour.INFO
        self.table.rules.insert(len(self.rules), HighlightRule("", str(colour)))
        self._select(len(self.rules) - 1)
        self._check_soon()
        self.filter.setFocus()

    def _on_remove(self) -> None:
        row = self.table.row
        if row >= 0:
            self.table.rules.remove(row)
            self._select(row)
            self._check_soon()

    def _on_move(self, step: int) -> None:
        if self.table.row >= 0:
            self.table.rules.move(self.table.row, self.table.row + step)
            self._on_current_changed()
            self._check_soon()

    def _check_soon(self) -> None:
        self._problems = {}
        self._show_state()
        self._typing.start()

    def _set_up(self) -> None:
        self.name.setPlaceholderText("The filter itself")
        self.name.setAccessibleName("Name of the rule")
        self.colour.setAccessibleName("Colour of the rule")
        self.colour.setIconSize(_ICON)
        for colour, name in _NAMES.items():
            self.colour.addItem(name, str(colour))
        self._tint()
        self.state.setAccessibleName("State of the rule")
        self.save.setDefault(True)

    def _tint(self) -> None:
        for number, colour in enumerate(_NAMES):
            self.colour.setItemIcon(number, _sample(self._theme, colour))

    def _lay_out(self) -> None:
        order = QHBoxLayout()
        order.setSpacing(2 * SPACE)
        for button in (self.add, self.remove, self.up, self.down):
            order.addWidget(button)
        order.addStretch(1)
        form = QFormLayout()
        form.setHorizontalSpacing(3 * SPACE)
        form.setVerticalSpacing(2 * SPACE)
        form.addRow("&Filter", self.filter)
        form.addRow("C&olour", self.colour)
        form.addRow("&Name", self.name)
        form.addRow("", muted("The name is shown in place of the filter."))
        buttons = button_row(self.cancel, self.save)
        self.state.setMinimumHeight(2 * self.state.fontMetrics().lineSpacing())
        self.state.setAlignment(Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5 * SPACE, 5 * SPACE, 5 * SPACE, 4 * SPACE)
        layout.setSpacing(3 * SPACE)
        layout.addWidget(heading("Highlight rules"))
        layout.addWidget(paragraph(_EXPLANATION))
        layout.addWidget(self.table, 1)
        layout.addLayout(order)
        layout.addLayout(form)
        layout.addWidget(self.state)
        layout.addLayout(buttons)
        self.resize(*_SIZE)

    def _connect(self) -> None:
        self.table.selectionModel().currentRowChanged.connect(self._on_current_changed)
        self.table.move_requested.connect(self._on_move)
        self.table.removal_requested.connect(self._on_remove)
        self.add.clicked.connect(self._on_add)
        self.remove.clicked.connect(self._on_remove)
        self.up.clicked.connect(lambda: self._on_move(-1))
        self.down.clicked.connect(lambda: self._on_move(1))
        self.filter.textChanged.connect(self._on_edited)
        self.name.textChanged.connect(self._on_edited)
        self.colour.currentIndexChanged.connect(self._on_colour_changed)
        self._typing.timeout.connect(self.changed)
        self._theme.changed.connect(self._tint)
        self.save.clicked.connect(self.chosen)
        self.cancel.clicked.connect(self.reject)
        self.finished.connect(self._typing.stop)


def _sample(theme: Theme, colour: HighlightColour) -> QIcon:
    """Return a colour as it looks in a list: a background with a bar."""
    soft, strong = mark_colours(theme.colours, RowMark("", str(colour)))
    pixmap = QPixmap(2 * _ICON)
    pixmap.setDevicePixelRatio(2)
    pixmap.fill(soft)
    painter = QPainter(pixmap)
    painter.fillRect(0, 0, _BAR, _ICON.height(), strong)
    painter.end()
    return QIcon(pixmap)
