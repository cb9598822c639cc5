"""The controls above the list of messages: pulling on the left, filtering on the right."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction, QActionGroup, QColor, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ibconsole.errors import Severity, UserError
from ibconsole.lazy import LazyModule
from ibconsole.services.messages import Filter, Flags, Via
from ibconsole.ui.messages.completion_popup import CompletionPopup
from ibconsole.ui.messages.filter_field import FilterField, SavedFilterButton
from ibconsole.ui.messages.pull_bar import PullBar
from ibconsole.ui.toolkit import ICON_SIZE, SPACE, Theme
from ibconsole.ui.widgets import IconButton, paragraph

if TYPE_CHECKING:
    from ibconsole.services import filtering
else:  # imported when a filter is typed
    filtering = LazyModule("ibconsole.services.filtering")

# Short enough to feel immediate, long enough not to search after every letter of a word.
_TYPING_MS = 200

_APPLICATION = "This application"
_FOLLOW = "Keep the newest message in sight (Space)"
_NOT_SELECTED = "Only messages of the selected application; none is selected"
_SEARCHED = (
    "Words are searched in text, sender, keyword and message ID (Ctrl+F).\n"
    "Fields: app: via: from: keyword: id: flag: since: until: lag: json:\n"
    "Joined by AND, OR, NOT and parentheses. Ctrl+Space shows what may be typed."
)
_KINDS = {
    "All messages": Filter(),
    "Pulled": Filter(via=Via.PULL),
    "Forwarded": Filter(via=Via.FORWARD),
    "Duplicates": Filter(flags=Flags.DUPLICATE),
    "Salvaged": Filter(flags=Flags.SALVAGED),
    "Unusual": Filter(flags=Flags.ODD | Flags.NOT_A_MESSAGE),
}
# The fields of a filter that are set from a message, and what they are called.
_CRITERIA = {"sender": "From", "application": "Application", "keyword": "Keyword"}
# What may appear in the row: buttons do not lose their texts for it, which would move them.
_RESERVED = "1,000 waiting  1,000 new"
_LONGEST = 20  # characters of a value on its button


class MessagesToolbar(QFrame):
    """The controls of pull, filter and follow; `pulling` is a widget of its own.

    `criteria` are the conditions that were set from a message, each a button that removes it.
    `known` returns the values that the filter field offers. `json_typed` is emitted while a path
    into JSON is typed, which needs a library.
    """

    filter_changed = Signal(Filter)
    json_typed = Signal()
    follow_toggled = Signal(bool)
    newest_requested = Signal()

    def __init__(
        self,
        theme: Theme,
        known: "Callable[[], filtering.KnownValues]",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent, objectName="bar")
        self._theme = theme
        self._known = known
        self._applied = Filter()
        self._application = ""
        self._kind = next(iter(_KINDS))
        self.pulling = PullBar(theme)
        self.unseen = IconButton("chevron-up", "Show the newest", theme)
        self.search = FilterField("Filter messages", _SEARCHED)
        self.completions = CompletionPopup(self.search, known)
        self.saved = SavedFilterButton(theme)
        self.problem = paragraph(tone=Severity.DANGER)
        self.criteria = {
            name: IconButton("x", f"Do not filter by {title.lower()}", theme)
            for name, title in _CRITERIA.items()
        }
        self._values = dict.fromkeys(_CRITERIA, "")
        self._criteria_row = QWidget()
        self.kind = IconButton("list-filter", "Which messages are shown", theme)
        self.only_selected = IconButton("app-window", _NOT_SELECTED, theme, room_text=_APPLICATION)
        self.follow = IconButton("arrow-down-to-line", _FOLLOW, theme, room_text="Follow")
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._set_up()
        self._lay_out()
        self._connect()

    @property
    def filter(self) -> Filter:
        """The filter that the controls describe; the latest one while a text is not understood."""
        try:
            return self._read()
        except UserError:
            return self._applied

    def _read(self) -> Filter:
        """Return the filter that the controls describe. Raises a UserError for a typed text."""
        kind = _KINDS[self._kind]
        application = self._application if self.only_selected.isChecked() else ""
        shown = Filter(application=application, via=kind.via, flags=kind.flags)
        shown = replace(shown, **{name: value for name, value in self._values.items() if value})
        text = self.search.text()
        if not text.strip():
            return shown
        return filtering.to_criteria(
            filtering.parse_filter(text), self._known().applications, shown
        )

    def add_criterion(self, name: str, value: str, shown: str) -> None:
        """List only messages with this value of a field of `Filter`, shown in these words."""
        if name == "application":
            self.only_selected.setChecked(False)
        self._set_criterion(name, value, shown)
        self._emit_filter()

    def search_for(self, text: str) -> None:
        """Type a filter for messages that contain this text, whatever its characters."""
        self.apply(filtering.format_filter(filtering.TextTerm(text=text)) if text else "")

    def search_for_id(self, message_id: str) -> None:
        """Type a filter for the messages with this message id; nothing for an empty one."""
        if message_id:
            term = filtering.FieldTerm(field=filtering.FieldName.MESSAGE_ID, value=message_id)
            self.apply(filtering.format_filter(term))

    @property
    def typed(self) -> str:
        """The text of the filter field, if it is understood and not empty."""
        try:
            self._read()
        except UserError:
            return ""
        return self.search.text().strip()

    def apply(self, text: str) -> None:
        """Type a filter."""
        self.search.setText(text)
        self._on_typed()

    def clear_filter(self) -> None:
        """Ask for all messages again."""
        self.search.clear()
        self.only_selected.setChecked(False)
        for name in self.criteria:
            self._set_criterion(name, "")
        self._kinds.actions()[0].trigger()
        self._on_typed()

    def select_application(self, code: str, name: str) -> None:
        """Offer to list the messages of this application only; an empty code offers nothing."""
        if code == self._application:
            return
        was_checked = self.only_selected.isChecked()
        self._application = code
        self.only_selected.setEnabled(bool(code))
        tooltip = f"Only messages of {name}" if code else _NOT_SELECTED
        self.only_selected.rename(tooltip, text=self.only_selected.text())
        if not code:
            self.only_selected.setChecked(False)
        if was_checked:
            self._emit_filter()

    def show_unseen(self, count: int) -> None:
        """Offer to scroll to the new rows above."""
        self.unseen.rename("Show the newest", text=f"{count:,} new")
        self.unseen.setVisible(count > 0)

    def show_problem(self, error: UserError | None) -> None:
        """Show under the field why its text is not understood, and at which character."""
        position = error.position if isinstance(error, filtering.FilterError) else None
        self.search.mark_error(position, QColor(self._theme.colours.danger))
        self.problem.setText(str(error or ""))
        self.problem.setVisible(error is not None)
        if error:
            self.search.show_no_count()

    def _set_up(self) -> None:
        self.search.setMinimumWidth(96)
        self.search.setMaximumWidth(520)
        self._show_kind()
        self.kind.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.only_selected.setCheckable(True)
        self.follow.setCheckable(True)
        criteria = (*self.criteria.values(), self._criteria_row)
        # Always there: a button that appears would move its neighbours and the inspector.
        self.only_selected.setEnabled(False)
        self.problem.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.problem.setAccessibleName("Problem of the filter")
        hidden: tuple[QWidget, ...] = (self.unseen, self.problem, *criteria)
        for widget in hidden:
            widget.hide()

    def _lay_out(self) -> None:
        menu = QMenu(self.kind)
        self._kinds = QActionGroup(self)
        for name in _KINDS:
            action = QAction(name, self._kinds, checkable=True, checked=name == self._kind)
            menu.addAction(action)
        self.kind.setMenu(menu)
        criteria = QHBoxLayout(self._criteria_row)
        criteria.setContentsMargins(0, 0, 0, 0)
        criteria.setSpacing(2 * SPACE)
        criteria.addStretch(1)
        for button in self.criteria.values():
            criteria.addWidget(button)
        layout = QHBoxLayout()
        layout.setSpacing(2 * SPACE)
        layout.addWidget(self.pulling)
        layout.addStretch(1)
        layout.addWidget(self.unseen)
        layout.addWidget(self.search, 2)
        layout.addWidget(self.saved)
        layout.addWidget(self.kind)
        layout.addWidget(self.only_selected)
        layout.addWidget(self.follow)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(2 * SPACE, SPACE, 2 * SPACE, SPACE)
        rows.setSpacing(SPACE)
        rows.addLayout(layout)
        rows.addWidget(self.problem)
        rows.addWidget(self._criteria_row)

    def _connect(self) -> None:
        self.search.textEdited.connect(self._on_text_edited)
        self.search.textChanged.connect(self._on_text_changed)
        self.search.returnPressed.connect(self._on_typed)
        self.search.editingFinished.connect(self._remember)
        self._typing.timeout.connect(self._on_paused)
        self._kinds.triggered.connect(self._on_kind_triggered)
        self.only_selected.clicked.connect(self._on_only_selected_clicked)
        for name, button in self.criteria.items():
            button.clicked.connect(partial(self._on_criterion_clicked, name))
        self.follow.toggled.connect(self.follow_toggled)
        self.unseen.clicked.connect(self.newest_requested)

    def _on_text_edited(self, text: str) -> None:
        self.search.mark_error(None)  # until the user pauses
        self._typing.start()
        if "json:" in text:
            self.json_typed.emit()

    def _on_text_changed(self, text: str) -> None:
        # The clear button emits textChanged, but not textEdited.
        if not text:
            self._typing.start()

    def _on_paused(self) -> None:
        self._emit_filter(is_typing=bool(self.completions.candidates))

    def _on_typed(self) -> None:
        self._typing.stop()
        self._emit_filter()

    def _on_kind_triggered(self, action: QAction) -> None:
        self._kind = action.text()
        self._show_kind()
        self._emit_filter()

    def _on_only_selected_clicked(self) -> None:
        self._set_criterion("application", "")
        self._emit_filter()

    def _on_criterion_clicked(self, name: str) -> None:
        self._set_criterion(name, "")
        self.search.setFocus()  # the button disappears
        self._emit_filter()

    def _set_criterion(self, name: str, value: str, shown: str = "") -> None:
        self._values[name] = value
        short = shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"
        title, button = _CRITERIA[name], self.criteria[name]
        button.rename(f"Do not filter by {title.lower()} {shown}", text=f"{title} {short}")
        button.setVisible(bool(value))
        self._criteria_row.setVisible(any(self._values.values()))

    def _show_kind(self) -> None:
        is_all = _KINDS[self._kind] == Filter()
        self.kind.rename(f"Shown: {self._kind.lower()}", text="" if is_all else self._kind)

    def _emit_filter(self, *, is_typing: bool = False) -> None:
        """Apply what the controls describe; a word may be unfinished while the user `is_typing`."""
        try:
            self._applied = self._read()
        except UserError as error:
            if not is_typing:
                self.show_problem(error)
            return
        if self.problem.isVisibleTo(self):
            self.show_problem(None)
        self.filter_changed.emit(self._applied)

    def _remember(self) -> None:
        if not self.problem.isVisible():
            self.completions.remember(self.search.text())

    # Qt's side

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_texts()

    def _fit_texts(self) -> None:
        """Give the icons on the right their texts where all that may be in the row has room."""
        texts = (self.saved, self.only_selected, self.follow)
        width, pulling = self.fontMetrics().horizontalAdvance, self.pulling
        controls = (pulling.pull, pulling.more, pulling.limit, self.kind)
        needed = sum(one.sizeHint().width() + 2 * SPACE for one in controls)
        needed += self.search.minimumWidth() + width(_RESERVED) + ICON_SIZE + 8 * SPACE
        needed += sum(width(one.room_text) + ICON_SIZE + 6 * SPACE for one in texts)
        for button in texts:
            button.show_room_text(on=needed <= self.width())
