"""The list below the filter field: what may be typed next, and what was searched for before."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QCompleter, QLineEdit, QTreeView

from ibconsole.lazy import LazyModule
from ibconsole.ui.toolkit import ROW_HEIGHT, SPACE

if TYPE_CHECKING:
    from ibconsole.services import filtering
else:  # imported when a filter is typed
    filtering = LazyModule("ibconsole.services.filtering")

_SHOWN = 10  # rows in sight
_NARROWEST = 400  # pixels
_MOST_RECENT = 20
_ENTER = {Qt.Key.Key_Return, Qt.Key.Key_Enter}


class CompletionPopup(QObject):
    """Completes the word before the cursor of a field.

    Tab takes the first candidate, or the one that Down went to, as Return does. Ctrl+Space and
    Alt+Down show all candidates, and in an empty field the latest filters of this session, which
    are kept in memory alone: they may be about customers.
    """

    def __init__(self, field: QLineEdit, known: "Callable[[], filtering.KnownValues]") -> None:
        super().__init__(field)
        self._field = field
        self._known = known
        self._recent: list[str] = []
        self._offered: filtering.FilterCompletion | None = None
        for keys in ("Ctrl+Space", "Alt+Down"):
            shortcut = QShortcut(QKeySequence(keys), field)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(self.show_all)
        field.textEdited.connect(self._on_text_edited)

    @cached_property
    def view(self) -> QTreeView:
        """The list, made when it is first shown."""
        view = QTreeView(rootIsDecorated=False, headerHidden=True, uniformRowHeights=True)
        view.setObjectName("completions")
        view.setAccessibleName("Completions of the filter")
        return view

    @cached_property
    def _completer(self) -> QCompleter:
        completer = QCompleter(QStandardItemModel(self), self)
        completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        completer.setMaxVisibleItems(_SHOWN)
        completer.setPopup(self.view)
        completer.setWidget(self._field)
        # Of the field, to have the window's style sheet; the completer made it a window alone.
        self.view.setParent(self._field, Qt.WindowType.Popup)
        self.view.clicked.connect(lambda index: self._take(index.row()))
        self.view.installEventFilter(self)
        return completer

    @property
    def candidates(self) -> "Sequence[filtering.Candidate]":
        """The candidates that are in sight, none if the list is hidden."""
        return self._offered.candidates if self._offered and self.view.isVisible() else ()

    def remember(self, text: str) -> None:
        """Keep a filter among the latest ones."""
        text = text.strip()
        if text:
            others = [one for one in self._recent if one != text]
            self._recent = [text, *others][:_MOST_RECENT]

    def show_all(self) -> None:
        """Show what may be typed at the cursor, or the latest filters in an empty field."""
        found = self._complete()
        if not self._field.text().strip():
            recent = (
                filtering.Candidate(text=one, explanation="used before") for one in self._recent
            )
            end = len(self._field.text())
            candidates = (*recent, *found.candidates)
            found = filtering.FilterCompletion(start=0, end=end, candidates=candidates)
        self._offer(found)

    def _complete(self) -> "filtering.FilterCompletion":
        text, cursor = self._field.text(), self._field.cursorPosition()
        return filtering.complete_filter(text, cursor, self._known())

    def _on_text_edited(self, text: str) -> None:
        found = self._complete()
        is_begun = found.end > found.start or text[: found.end].endswith(":")
        if is_begun and found.candidates:
            self._offer(found)
        elif self._offered:
            self.view.hide()

    def _offer(self, found: "filtering.FilterCompletion") -> None:
        self._offered = found
        model = QStandardItemModel(self)
        faint = self._field.palette().placeholderText()
        for one in found.candidates:
            explanation = QStandardItem(one.explanation)
            explanation.setForeground(faint)
            model.appendRow([QStandardItem(one.text), explanation])
        completer = self._completer
        former = completer.model()
        completer.setModel(model)
        former.deleteLater()
        self.view.resizeColumnToContents(0)
        self.view.setColumnWidth(0, self.view.columnWidth(0) + 4 * SPACE)
        self.view.setMinimumHeight(min(len(found.candidates), _SHOWN) * ROW_HEIGHT)
        width = max(self._field.width(), _NARROWEST)
        completer.complete(QRect(0, 0, width, self._field.height()))

    def _take(self, row: int) -> None:
        """Put a candidate in place of what was typed of it."""
        self.view.hide()
        found = self._offered
        if not found or not 0 <= row < len(found.candidates):
            return
        one, after = found.candidates[row], self._field.text()[found.end :]
        if found.end > found.start:
            self._field.setSelection(found.start, found.end - found.start)
        else:
            self._field.setCursorPosition(found.start)
        ends = one.is_whole and not after[:1].isspace()
        self._field.insert(f"{one.text} " if ends else one.text)

    # Qt's side

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            current = self.view.currentIndex()
            if event.key() == Qt.Key.Key_Tab:
                self._take(max(current.row(), 0))
                return True
            if event.key() in _ENTER and current.isValid():
                self._take(current.row())
                return True
        return super().eventFilter(watched, event)
