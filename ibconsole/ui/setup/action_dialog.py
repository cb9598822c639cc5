"""Asks what a new action is to be, and shows exactly what will be sent."""

from collections.abc import Callable, Sequence
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
from ibconsole.services.forward_test import Finding, Surroundings, findings
from ibconsole.services.setup import Step
from ibconsole.ui.toolkit import SPACE, Theme, mono_font
from ibconsole.ui.widgets import (
    Banner,
    ElidedLabel,
    Kind,
    ProgressLine,
    PushButton,
    fit_height,
    heading,
    muted,
    paragraph,
    set_tone,
)

_WIDTH = 560
_SHOWN = 4000
_SEVERAL = (
    "The configuration has {} already. Whether several actions each get every message is not"
    " documented."
)
_REPLACES = (
    "It takes the place of {}. The new action is created first and seen to be listed; only then is"
    " the old one deleted. In between both exist, and messages may be handled twice."
)
# More than so many at a time nobody reads.
_TOLD = 3
_UNDER_WAY = "The request is on its way to the platform, and cannot be taken back."


@dataclass(frozen=True, slots=True)
class ActionPlace:
    """Where the action will be, and what stands ready for it.

    `existing` says how many others there are (`1 action`), empty if there is none.
    `listener_url` is empty while nothing listens. `here` are the forward URLs of the others,
    `elsewhere` those of other configurations. `request` makes head and body of what would
    be sent. `replaces` describes the action that the new one takes the place of, if any.
    """

    application: str
    configuration: str
    existing: str = ""
    listener_url: str = ""
    sandbox: bool = False
    here: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    request: Callable[[ActionDraft], tuple[str, str]] | None = None
    replaces: str = ""


class NewActionDialog(QDialog):
    """Collects a draft; stays open until its owner accepts it, or says that it failed."""

    create_requested = Signal(ActionDraft)
    withdraw_requested = Signal()

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
        self._better = ""
        self._form = QWidget()
        self._title = "Replace action" if place.replaces else "New action"
        self.setWindowTitle(self._title)
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
        verb = "Replace action" if place.replaces else "Create action"
        self.submit = PushButton(verb, theme, kind=Kind.PRIMARY)
        self.better = PushButton("", theme)
        self.steps = paragraph()
        self.withdraw = PushButton("Delete the new action again", theme)
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

    def show_steps(self, steps: Sequence[Step]) -> None:
        """How far a replacement is."""
        lines = (
            f"{number}. {step.words}: {step.state.value}." + (f" {step.told}" if step.told else "")
            for number, step in enumerate(steps, start=1)
        )
        self.steps.setText("\n".join(lines))
        self.steps.show()
        fit_height(self)

    def show_stopped(self, *, begun: bool, both: bool) -> None:
        """A replacement stopped; if begun it is gone on with as it is.

        With both actions there it can be taken back, too.
        """
        self.withdraw.setVisible(both)
        self._form.setEnabled(not begun)
        self.submit.setText("Try again" if begun else "Replace action")

    def show_failed(self, sentence: str, details: str = "") -> None:
        """It was not created; the draft can be mended."""
        self._set_busy(on=False)
        self.banner.show_notice("danger", sentence, details=details, closable=False)
        self.url.setFocus()
        fit_height(self)

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
        for widget in (self._form, self.cancel, self.withdraw):
            widget.setEnabled(not on)
        self._show()

    def _on_submit_clicked(self) -> None:
        self.create_requested.emit(self.draft)

    def _on_use_listener_clicked(self) -> None:
        self.url.setText(self._place.listener_url)

    def _show(self) -> None:
        forwards = self.forward.isChecked()
        self._forwarding.setVisible(forwards)
        place = self._place
        around = Surroundings(place.sandbox, place.here, place.elsewhere)
        found = findings(self.url.text(), around) if forwards else ()
        first = next(iter(found), Finding())
        self._better = next((one.better for one in found[:_TOLD] if one.better), "")
        self.better.setText(f"Use {self._better}")
        self.better.setVisible(bool(self._better))
        self.finding.setText("\n".join(one.sentence for one in found[:_TOLD]) or " ")
        set_tone(self.finding, first.kind)
        self.submit.setEnabled(first.usable and not self._busy)
        self.preview.setPlainText(self._sent())
        fit_height(self)

    def _sent(self) -> str:
        """The request as it would go out, its secrets masked."""
        draft = self.draft
        head, body = "", encode(draft.raw).decode()
        if self._place.request:
            head, body = self._place.request(draft)
        if len(body) > _SHOWN:
            body = f"{body[:_SHOWN]}… ({len(body):,} characters)"
        return "\n\n".join(filter(None, (head, body)))

    def _on_better_clicked(self) -> None:
        self.url.setText(self._better)
        self.url.setFocus()

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
        self.better.clicked.connect(self._on_better_clicked)
        self.withdraw.clicked.connect(self.withdraw_requested)
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
        self.callback.setFixedHeight(10 * SPACE)
        # Wrapping a line of 100 kB holds the window for a second, at every key.
        self.callback.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.preview.setMinimumHeight(30 * SPACE)

    def _lay_out(self) -> None:
        layout = QVBoxLayout()
        layout.setContentsMargins(5 * SPACE, 4 * SPACE, 5 * SPACE, 4 * SPACE)
        layout.setSpacing(2 * SPACE)
        layout.addWidget(heading(self._title))
        place = f"{self._place.application} · configuration {self._place.configuration}"
        where = ElidedLabel(place, mode=Qt.TextElideMode.ElideMiddle)
        set_tone(where, "muted")
        layout.addWidget(where)
        for words, sentence in (
            (self._place.replaces, _REPLACES),
            (self._place.existing, _SEVERAL),
        ):
            if words:
                layout.addWidget(paragraph(sentence.format(words), tone="muted"))
        self._lay_out_form()
        layout.addWidget(self._form)
        layout.addWidget(muted("What will be sent, exactly"))
        layout.addWidget(self.preview, 1)
        layout.addWidget(self.steps)
        layout.addSpacing(SPACE)
        layout.addLayout(self._button_row())
        self.steps.hide()
        self.withdraw.hide()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.banner)
        outer.addWidget(self.progress)
        outer.addLayout(layout)
        self.resize(_WIDTH, 540)

    def _lay_out_form(self) -> None:
        self._lay_out_forwarding()
        form = QVBoxLayout(self._form)
        form.setContentsMargins(0, SPACE, 0, 0)
        form.setSpacing(2 * SPACE)
        form.addWidget(self.forward)
        form.addWidget(self.pull)
        form.addSpacing(SPACE)
        form.addWidget(self._forwarding)
        form.addWidget(muted("Callback data (optional, comes back in every message)"))
        form.addWidget(self.callback)

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
        layout.addWidget(self.better, 0, Qt.AlignmentFlag.AlignLeft)

    def _button_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2 * SPACE)
        row.addWidget(self.withdraw)
        row.addStretch(1)
        row.addWidget(self.cancel)
        row.addWidget(self.submit)
        return row
