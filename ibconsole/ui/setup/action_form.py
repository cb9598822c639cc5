"""The form of an action: its type, its forward URL with remarks on it, and its callback data."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from ibconsole.model import ActionDraft, ActionType
from ibconsole.services.forward_test import UrlContext, UrlRemark, url_remarks
from ibconsole.ui.toolkit import SPACE, Theme, mono_font
from ibconsole.ui.widgets import (
    PushButton,
    muted,
    paragraph,
    set_tone,
    show_elided,
    tab_to_checked,
)

# More remarks than this at a time are not read.
_MAX_REMARKS = 3


class ActionForm(QWidget):
    """The fields of an action; `changed` is emitted when the user changed one.

    Without a `listener_url`, the button that enters it is hidden.
    """

    changed = Signal()

    def __init__(
        self,
        theme: Theme,
        url_context: UrlContext,
        parent: QWidget | None = None,
        *,
        listener_url: str = "",
    ) -> None:
        super().__init__(parent)
        self._url_context = url_context
        self._listener_url = listener_url
        self._correction = ""
        self._usable = False
        self.forward = QRadioButton("Forward: the platform posts every message to a URL")
        self.pull = QRadioButton("Pull: messages wait on the platform until they are pulled")
        self.url = QLineEdit(placeholderText="https://")
        self.use_listener = PushButton("Use the listener's address", theme)
        self.remark = paragraph()
        self.use_correction = PushButton("", theme)
        self.callback = QPlainTextEdit()
        self._forwarding = QWidget()
        self._set_up()
        self._lay_out()
        self._connect()

    @property
    def draft(self) -> ActionDraft:
        """The action as the form describes it."""
        callback = self.callback.toPlainText()
        if self.pull.isChecked():
            return ActionDraft(type=ActionType.PULL, callback_data=callback)
        return ActionDraft(
            type=ActionType.HTTP_FORWARD,
            forward_url=self.url.text().strip(),
            callback_data=callback,
        )

    @property
    def usable(self) -> bool:
        """True if the draft can be sent: its forward URL, if it needs one, can be posted to."""
        return self._usable

    def fill(self, draft: ActionDraft) -> None:
        """Enter a draft."""
        self.pull.setChecked(draft.type == ActionType.PULL)
        self.forward.setChecked(draft.type != ActionType.PULL)
        self.url.setText(draft.forward_url)
        self.callback.setPlainText(draft.callback_data)
        self._check()

    def _check(self) -> None:
        forwards = self.forward.isChecked()
        self._forwarding.setVisible(forwards)
        found = url_remarks(self.url.text(), self._url_context) if forwards else ()
        shown = found[:_MAX_REMARKS]
        first = next(iter(found), UrlRemark())
        self._correction = next((one.correction for one in shown if one.correction), "")
        show_elided(self.use_correction, f"Use {self._correction}")
        self.use_correction.setVisible(bool(self._correction))
        self.remark.setText("\n".join(one.sentence for one in shown) or " ")
        set_tone(self.remark, first.severity)
        self._usable = first.usable
        self.changed.emit()

    def _on_use_listener_clicked(self) -> None:
        self.url.setText(self._listener_url)

    def _on_correction_clicked(self) -> None:
        self.url.setText(self._correction)
        self.url.setFocus()

    def _connect(self) -> None:
        self.forward.toggled.connect(self._check)
        tab_to_checked(self.forward, self.pull)
        self.url.textChanged.connect(self._check)
        self.callback.textChanged.connect(self.changed)
        self.use_listener.clicked.connect(self._on_use_listener_clicked)
        self.use_correction.clicked.connect(self._on_correction_clicked)

    def _set_up(self) -> None:
        self.url.setAccessibleName("Forward URL")
        self.url.setFont(mono_font())
        self.use_listener.setVisible(bool(self._listener_url))
        self.callback.setAccessibleName("Callback data")
        self.callback.setFont(mono_font())
        self.callback.setProperty("field", "true")
        self.callback.setTabChangesFocus(True)
        self.callback.setFixedHeight(10 * SPACE)
        # Wrapping a line of 100 kB blocks the window for a second at every key.
        self.callback.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)

    def _lay_out(self) -> None:
        self._lay_out_forwarding()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, SPACE, 0, 0)
        layout.setSpacing(2 * SPACE)
        layout.addWidget(self.forward)
        layout.addWidget(self.pull)
        layout.addSpacing(SPACE)
        layout.addWidget(self._forwarding)
        layout.addWidget(muted("Callback data (optional, comes back in every message)"))
        layout.addWidget(self.callback)

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
        # Always two lines, so that nothing moves while the user types.
        self.remark.setMinimumHeight(2 * self.remark.fontMetrics().lineSpacing())
        self.remark.setAlignment(Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.remark)
        layout.addWidget(self.use_correction, 0, Qt.AlignmentFlag.AlignLeft)
