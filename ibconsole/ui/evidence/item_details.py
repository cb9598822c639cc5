"""An item of a case in detail: what it shows, a picture, and the comment, which is edited here."""

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QKeyEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QLabel,
    QPlainTextEdit,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ibconsole.services.evidence.cases import CaseItem, NoteContent, PictureContent
from ibconsole.ui.toolkit import SPACE, Theme, mono_font
from ibconsole.ui.widgets import ProgressLine, muted

_SAVE_MS = 600  # after the last key
_COMMENT_HEIGHT = 16 * SPACE
_NOTHING = "Select an item to see it."


class CommentEditor(QPlainTextEdit):
    """A text that is saved a moment after the last key, and when the focus leaves it.

    Escape gives the focus back.
    """

    settled = Signal()
    escaped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTabChangesFocus(True)
        self._timer = QTimer(self, singleShot=True, interval=_SAVE_MS)
        self._timer.timeout.connect(self.settled)
        self.textChanged.connect(self._timer.start)

    def show_text(self, text: str) -> None:
        """Show a text that is saved already."""
        self.setPlainText(text)
        self._timer.stop()

    def flush(self) -> None:
        """Save now what was written."""
        if self._timer.isActive():
            self._timer.stop()
            self.settled.emit()

    # Qt's side

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.flush()
            self.escaped.emit()
        else:
            super().keyPressEvent(event)


class CaseItemDetails(QWidget):
    """Shows one item. `commented` carries its id and the comment, or the text of a note."""

    commented = Signal(str, str)
    escaped = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._item: CaseItem | None = None
        self._image = QPixmap()
        self.progress = ProgressLine(theme)
        self.text = QPlainTextEdit(readOnly=True, placeholderText=_NOTHING)
        self.picture = QLabel()
        self._pages = QStackedWidget()
        self.label = muted("Comment")
        self.comment = CommentEditor()
        self._set_up()
        self.comment.settled.connect(self._on_settled)
        self.comment.escaped.connect(self.escaped)

    @property
    def item(self) -> CaseItem | None:
        """The item that is shown."""
        return self._item

    def show_item(self, item: CaseItem | None) -> None:
        """Show another item; its content follows. A comment that is being written stays."""
        before, self._item = self._item, None
        if before and (item is None or before.id != item.id):
            self._item = before
            self.comment.flush()
        self._item = item
        is_same = before is not None and item is not None and before.id == item.id
        is_note = item is not None and isinstance(item.content, NoteContent)
        self._pages.setVisible(not is_note)
        self.label.setText("Note" if is_note else "Comment")
        self.comment.setAccessibleName("Text of the note" if is_note else "Comment on the item")
        self.comment.setMaximumHeight(_COMMENT_HEIGHT if not is_note else 16_777_215)
        self.comment.setEnabled(item is not None)
        if not is_same:
            self.comment.show_text(comment_of(item) if item else "")
            self.text.clear()
            self._show_image(QPixmap())
            self.progress.set_busy(on=item is not None and not is_note)
            is_picture = item is not None and isinstance(item.content, PictureContent)
            self._pages.setCurrentWidget(self.picture if is_picture else self.text)
        elif item and not self.comment.hasFocus():
            self.comment.show_text(comment_of(item))

    def show_text(self, text: str) -> None:
        """Show what the item is about."""
        self.progress.set_busy(on=False)
        self._pages.setCurrentWidget(self.text)
        self.text.setPlainText(text)

    def show_picture(self, image: QImage) -> None:
        """Show a picture, as large as there is room."""
        self.progress.set_busy(on=False)
        self._show_image(QPixmap.fromImage(image))

    def flush(self) -> None:
        """Save now what was written."""
        self.comment.flush()

    def _on_settled(self) -> None:
        if self._item and self.comment.toPlainText() != comment_of(self._item):
            self.commented.emit(self._item.id, self.comment.toPlainText())

    def _show_image(self, image: QPixmap) -> None:
        self._image = image
        self._fit_image()

    def _fit_image(self) -> None:
        room = self.picture.size() - QSize(2 * SPACE, 2 * SPACE)
        if self._image.isNull() or room.isEmpty():
            self.picture.clear()
            return
        fits = self._image.width() <= room.width() and self._image.height() <= room.height()
        shown = self._image
        if not fits:
            shown = shown.scaled(
                room,
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        self.picture.setPixmap(shown)

    def _set_up(self) -> None:
        self.text.setFont(mono_font())
        self.text.setProperty("quiet", "true")
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName("Content of the item")
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.picture.setAccessibleName("Picture of the item")
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.picture.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self._pages.addWidget(self.text)
        self._pages.addWidget(self.picture)
        self.comment.setPlaceholderText("Say what is to be seen in it")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        layout.addWidget(self.progress)
        layout.addWidget(self._pages, 1)
        layout.addWidget(self.label)
        layout.addWidget(self.comment, 1)
        self.show_item(None)

    # Qt's side

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_image()


def comment_of(item: CaseItem) -> str:
    """Return the comment on an item, of a note its text."""
    return item.content.text if isinstance(item.content, NoteContent) else item.comment
