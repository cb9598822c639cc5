"""The dialog of a new action: its form, and a preview of exactly what will be sent."""

from collections.abc import Callable, Sequence

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from ibconsole.errors import Severity
from ibconsole.model import ActionDraft, ActionType, encode
from ibconsole.services.forward_test import UrlContext
from ibconsole.services.setup import REPLACEMENT_STEPS, ChangeStep
from ibconsole.ui.setup.action_form import ActionForm
from ibconsole.ui.toolkit import SPACE, Theme, mono_font
from ibconsole.ui.widgets import (
    Banner,
    BannerOverlay,
    ButtonKind,
    ElidedLabel,
    ProgressLine,
    PushButton,
    fit_height,
    heading,
    muted,
    paragraph,
    set_tone,
)

_WIDTH = 560
_PREVIEW_LENGTH = 4000
_SEVERAL = (
    "The configuration has {} already. Whether several actions each get every message is not"
    " documented."
)
_REPLACES = (
    "This replaces {}. The new action is created and verified first, then the old one is"
    " deleted; in between both exist, and messages may be handled twice."
)
_UNDER_WAY = "The request is on its way to the platform and cannot be taken back."


class ActionContext(msgspec.Struct, frozen=True):
    """The configuration that the action is for, and what the dialog needs to know of it.

    `existing` counts the other actions (`1 action`), empty if there is none. `listener_url`
    is empty while the listener is stopped. `url_context` has the forward URLs of the other
    actions. `request` returns head and body of the request for a draft. `replaces` describes
    the action to be replaced, empty for a new one.
    """

    application: str
    configuration: str
    existing: str = ""
    listener_url: str = ""
    url_context: UrlContext = msgspec.field(default_factory=UrlContext)
    request: Callable[[ActionDraft], tuple[str, str]] | None = None
    replaces: str = ""


class NewActionDialog(QDialog):
    """Collects a draft; stays open until its owner calls `finish`.

    `create_requested` hands over the draft; `withdraw_requested` asks to delete the new action
    of an unfinished replacement.
    """

    create_requested = Signal(ActionDraft)
    withdraw_requested = Signal()

    def __init__(
        self,
        context: ActionContext,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        draft: ActionDraft | None = None,
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._busy = False
        self._title = "Replace action" if context.replaces else "New action"
        self.setWindowTitle(self._title)
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.banner = Banner(theme)
        self.progress = ProgressLine(theme)
        self.form = ActionForm(theme, context.url_context, listener_url=context.listener_url)
        self.preview = QPlainTextEdit(readOnly=True)
        self.cancel = PushButton("Cancel", theme)
        verb = "Replace action" if context.replaces else "Create action"
        self.submit = PushButton(verb, theme, kind=ButtonKind.PRIMARY)
        self.steps = paragraph(_describe(tuple(map(ChangeStep, REPLACEMENT_STEPS))))
        self.withdraw = PushButton("Delete the new action again", theme)
        self._set_up_preview()
        self._lay_out()
        self._connect()
        self.form.fill(draft or ActionDraft(type=ActionType.HTTP_FORWARD))
        self.form.url.setFocus()

    def show_busy(self) -> None:
        """Show that the request is in progress: the dialog can be neither changed nor closed."""
        self._set_busy(on=True)
        self.banner.clear()

    def show_steps(self, steps: Sequence[ChangeStep]) -> None:
        """Show the steps of a replacement and their states."""
        self.steps.setText(_describe(steps))
        fit_height(self)

    def show_stopped(self, *, begun: bool, both: bool) -> None:
        """Show that a replacement stopped.

        If it has `begun`, its draft is fixed and it can only be continued; if `both` actions
        exist, the new one can be deleted again.
        """
        self.withdraw.setVisible(both)
        self.form.setEnabled(not begun)
        self.submit.setText("Try again" if begun else "Replace action")

    def show_failed(self, sentence: str, details: str = "") -> None:
        """Show why the action was not created; the draft can be corrected."""
        self._set_busy(on=False)
        self.banner.show_notice(Severity.DANGER, sentence, details=details, closable=False)
        self.form.url.setFocus()
        fit_height(self)

    def finish(self) -> None:
        """Close the dialog: the action was created."""
        self._set_busy(on=False)
        self.accept()

    # Qt's side

    def reject(self) -> None:
        if self._busy:
            self.banner.show_notice(Severity.INFO, _UNDER_WAY, closable=False)
            return
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._busy:
            event.ignore()
        super().closeEvent(event)

    def _set_busy(self, *, on: bool) -> None:
        self._busy = on
        self.progress.set_busy(on=on)
        for widget in (self.form, self.cancel, self.withdraw):
            widget.setEnabled(not on)
        self._on_form_changed()

    def _on_submit_clicked(self) -> None:
        self.create_requested.emit(self.form.draft)

    def _on_form_changed(self) -> None:
        self.submit.setEnabled(self.form.usable and not self._busy)
        self.preview.setPlainText(self._request_text())
        fit_height(self)

    def _request_text(self) -> str:
        """Return the request as it would be sent, its secrets masked."""
        draft = self.form.draft
        head, body = "", encode(draft.raw).decode()
        if self._context.request:
            head, body = self._context.request(draft)
        if len(body) > _PREVIEW_LENGTH:
            body = f"{body[:_PREVIEW_LENGTH]}… ({len(body):,} characters)"
        return "\n\n".join(filter(None, (head, body)))

    def _connect(self) -> None:
        self.form.changed.connect(self._on_form_changed)
        self.withdraw.clicked.connect(self.withdraw_requested)
        self.cancel.clicked.connect(self.reject)
        self.submit.clicked.connect(self._on_submit_clicked)
        self.submit.setDefault(True)

    def _set_up_preview(self) -> None:
        self.preview.setAccessibleName("Request to be sent")
        self.preview.setFont(mono_font())
        self.preview.setProperty("quiet", "true")
        self.preview.setTabChangesFocus(True)
        self.preview.setMinimumHeight(30 * SPACE)

    def _lay_out(self) -> None:
        layout = QVBoxLayout()
        layout.setContentsMargins(5 * SPACE, 4 * SPACE, 5 * SPACE, 4 * SPACE)
        layout.setSpacing(2 * SPACE)
        layout.addWidget(heading(self._title))
        target = ElidedLabel(
            f"{self._context.application} · configuration {self._context.configuration}",
            mode=Qt.TextElideMode.ElideMiddle,
        )
        set_tone(target, Severity.MUTED)
        layout.addWidget(target)
        for subject, sentence in (
            (self._context.replaces, _REPLACES),
            (self._context.existing, _SEVERAL),
        ):
            if subject:
                layout.addWidget(paragraph(sentence.format(subject), tone=Severity.MUTED))
        layout.addWidget(self.form)
        layout.addWidget(muted("Request to be sent, secrets masked"))
        layout.addWidget(BannerOverlay(self.preview, self.banner), 1)
        layout.addWidget(self.steps)
        layout.addSpacing(SPACE)
        layout.addLayout(self._button_row())
        self.steps.setVisible(bool(self._context.replaces))
        self.withdraw.hide()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.progress)
        outer.addLayout(layout)
        self.resize(_WIDTH, 540)

    def _button_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2 * SPACE)
        row.addWidget(self.withdraw)
        row.addStretch(1)
        row.addWidget(self.cancel)
        row.addWidget(self.submit)
        return row


def _describe(steps: Sequence[ChangeStep]) -> str:
    lines = (
        f"{number}. {step.label}: {step.state.value}."
        + (f" {step.message}" if step.message else "")
        for number, step in enumerate(steps, start=1)
    )
    return "\n".join(lines)
