"""Asks what a new action is to be, and shows exactly what will be sent."""

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from ibconsole.model import ActionDraft, ActionType, encode
from ibconsole.ui.forward_url import Finding, Surroundings, check
from ibconsole.ui.theme import SPACE, Theme, mono_font
from ibconsole.ui.widgets.banner import Banner
from ibconsole.ui.widgets.buttons import Kind, PushButton
from ibconsole.ui.widgets.elided_label import ElidedLabel
from ibconsole.ui.widgets.labels import heading, muted, paragraph, set_tone
from ibconsole.ui.widgets.progress_line import ProgressLine

_WIDTH = 560
_SHOWN = 4000
_SEVERAL = (
    "The configuration has {count} already. Whether several actions each get every message is not"
    " documented."
)
_UNDER_WAY = "The request is on its way to the platform, and cannot be taken back."


@dataclass(frozen=True, slots=True)
class ActionPlace:
    """Where the action will be, and what stands ready for it.

    `existing` says how many actions there are (`1 action`), empty if there is none.
    `listener_url` is empty while nothing listens.
    """

    application: str
    configuration: str
    existing: str = ""
    listener_url: str = ""
    sandbox: bool = False


class NewActionDialog(QDialog):
    """Collects a draft; stays open until its owner accepts it, or says that it failed."""

    create_requested = Signal(ActionDraft)

    def __init__(
        self,
        place: ActionPlace,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        draft: ActionDraft | None = None,
    ) -> None:
        super().__init__(parent)
        self._place = place
        self._busy = False
        self.setWindowTitle("New action")
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.banner = Banner(theme)
        self.progress = ProgressLine(theme)
        self.forward = QRadioButton("Forward: the platform posts every message to a URL")
        self.pull = QRadioButton("Pull: messages wait on the platform until somebody pulls them")
        self.url = QLineEdit(placeholderText="https://")
        self.use_listener = PushButton("Use the listener's address", theme)
        self.finding = paragraph()
        self.callback = QPlainTextEdit()
        self.preview = QPlainTextEdit(readOnly=True)
        self.cancel = PushButton("Cancel", theme)
        self.submit = PushButton("Create action", theme, kind=Kind.PRIMARY)
        self._forwarding = QWidget()
        self._name_fields()
        self._lay_out()
        self._connect()
        self._fill(draft or ActionDraft(type=ActionType.HTTP_FORWARD))

    @property
    def draft(self) -> ActionDraft:
        """The action as it stands."""
        callback = self.callback.toPlainText()
        if self.pull.isChecked():
            return ActionDraft(type=ActionType.PULL, callback_data=callback)
        return ActionDraft(
            type=ActionType.HTTP_FORWARD,
            forward_url=self.url.text().strip(),
            callback_data=callback,
        )

    def show_busy(self) -> None:
        """The draft is on its way."""
        self._set_busy(on=True)
        self.banner.clear()

    def show_failed(self, sentence: str, details: str = "") -> None:
        """It was not created; the draft can be mended."""
        self._set_busy(on=False)
        self.banner.show_notice("danger", sentence, details=details, closable=False)
        self.url.setFocus()
        self._grow()

    def finish(self) -> None:
        """It was created."""
        self._set_busy(on=False)
        self.accept()

    # Qt's side

    def reject(self) -> None:
        if self._busy:
            self.banner.show_notice("info", _UNDER_WAY, closable=False)
            return
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._busy:
            event.ignore()
        super().closeEvent(event)

    def _set_busy(self, *, on: bool) -> None:
        self._busy = on
        self.progress.set_busy(on=on)
        for widget in (self.forward, self.pull, self._forwarding, self.callback, self.cancel):
            widget.setEnabled(not on)
        self._show()

    def _on_submit_clicked(self) -> None:
        self.create_requested.emit(self.draft)

    def _on_use_listener_clicked(self) -> None:
        self.url.setText(self._place.listener_url)

    def _show(self) -> None:
        forwards = self.forward.isChecked()
        self._forwarding.setVisible(forwards)
        found = (
            check(self.url.text(), Surroundings(sandbox=self._place.sandbox))
            if forwards
            else Finding()
        )
        self.finding.setText(found.sentence or " ")
        set_tone(self.finding, found.kind)
        self.submit.setEnabled(found.usable and not self._busy)
        sent = encode(self.draft.raw).decode()
        if len(sent) > _SHOWN:
            sent = f"{sent[:_SHOWN]}… ({len(sent):,} characters)"
        self.preview.setPlainText(sent)
        self._grow()

    def _grow(self) -> None:
        """Qt does not ask again how high wrapped lines are once the window has its size."""
        if layout := self.layout():
            least = layout.totalMinimumHeightForWidth(self.width())
            self.resize(self.width(), max(self.height(), least))

    def _fill(self, draft: ActionDraft) -> None:
        self.pull.setChecked(draft.type == ActionType.PULL)
        self.forward.setChecked(draft.type != ActionType.PULL)
        self.url.setText(draft.forward_url)
        self.callback.setPlainText(draft.callback_data)
        self.use_listener.setVisible(bool(self._place.listener_url))
        self._show()
        self.url.setFocus()

    def _connect(self) -> None:
        self.forward.toggled.connect(self._show)
        self.url.textChanged.connect(self._show)
        self.callback.textChanged.connect(self._show)
        self.use_listener.clicked.connect(self._on_use_listener_clicked)
        self.cancel.clicked.connect(self.reject)
        self.submit.clicked.connect(self._on_submit_clicked)
        self.submit.setDefault(True)

    def _name_fields(self) -> None:
        self.url.setAccessibleName("Forward URL")
        self.url.setFont(mono_font())
        self.callback.setAccessibleName("Callback data")
        self.preview.setAccessibleName("What will be sent")
        for editor, kind in ((self.callback, "field"), (self.preview, "quiet")):
            editor.setFont(mono_font())
            editor.setProperty(kind, "true")
            editor.setTabChangesFocus(True)
        self.callback.setFixedHeight(14 * SPACE)
        # Wrapping a line of 100 kB holds the window for a second, at every key.
        self.callback.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.preview.setMinimumHeight(18 * SPACE)

    def _lay_out(self) -> None:
        layout = QVBoxLayout()
        layout.setContentsMargins(5 * SPACE, 4 * SPACE, 5 * SPACE, 4 * SPACE)
        layout.setSpacing(2 * SPACE)
        layout.addWidget(heading("New action"))
        place = f"{self._place.application} · configuration {self._place.configuration}"
        where = ElidedLabel(place, mode=Qt.TextElideMode.ElideMiddle)
        set_tone(where, "muted")
        layout.addWidget(where)
        if self._place.existing:
            layout.addWidget(paragraph(_SEVERAL.format(count=self._place.existing), tone="muted"))
        layout.addSpacing(SPACE)
        layout.addWidget(self.forward)
        layout.addWidget(self.pull)
        layout.addSpacing(SPACE)
        self._lay_out_forwarding()
        layout.addWidget(self._forwarding)
        layout.addWidget(muted("Callback data (optional, comes back in every message)"))
        layout.addWidget(self.callback)
        layout.addWidget(muted("What will be sent, exactly"))
        layout.addWidget(self.preview, 1)
        layout.addSpacing(SPACE)
        layout.addLayout(self._button_row())
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.banner)
        outer.addWidget(self.progress)
        outer.addLayout(layout)
        self.resize(_WIDTH, 470)

    def _lay_out_forwarding(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(2 * SPACE)
        row.addWidget(self.url, 1)
        row.addWidget(self.use_listener)
        layout = QVBoxLayout(self._forwarding)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        layout.addWidget(muted("Forward URL"))
        layout.addLayout(row)
        # Two lines always, so that nothing moves while one types.
        self.finding.setMinimumHeight(2 * self.finding.fontMetrics().lineSpacing())
        self.finding.setAlignment(Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.finding)

    def _button_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2 * SPACE)
        row.addStretch(1)
        row.addWidget(self.cancel)
        row.addWidget(self.submit)
        return row
