"""The dialog before messages are sent again or given back: which, to where, how, and a dry run."""

from collections.abc import Mapping, Sequence
from enum import Enum, auto

import msgspec
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from ibconsole.errors import Severity, UserError
from ibconsole.plural import counted
from ibconsole.services.connections import Environment
from ibconsole.services.redelivery import RedeliveryForm, RedeliveryKind, RedeliveryRequest
from ibconsole.services.retry_law import NO_RETRIES, PUBLISHED_LAW
from ibconsole.ui.redelivery.body_editor import BodyEditor
from ibconsole.ui.redelivery.destination import DestinationField
from ibconsole.ui.redelivery.message_choice import GiveBackChoice, ResendChoice, SendingRequest
from ibconsole.ui.redelivery.plan_texts import DryRun
from ibconsole.ui.redelivery.sending_options import SendingOptions
from ibconsole.ui.toolkit import SPACE, CodeDisplay, Theme, brief, copy_to_clipboard
from ibconsole.ui.viewers import Remark
from ibconsole.ui.widgets import (
    Banner,
    ButtonKind,
    ElidedLabel,
    ProductionFrame,
    ProgressLine,
    PushButton,
    fit_height,
    heading,
    muted,
    paragraph,
    set_tone,
)

_WIDTH = 640
_TYPING_MS = 250
_LABELS = 18 * SPACE
_TITLES = {
    RedeliveryKind.RESEND: "Resend messages",
    RedeliveryKind.GIVE_BACK: "Give back messages",
}
_VERBS = {RedeliveryKind.RESEND: "Resend", RedeliveryKind.GIVE_BACK: "Give back"}
_LAWS = {RedeliveryKind.RESEND: NO_RETRIES, RedeliveryKind.GIVE_BACK: PUBLISHED_LAW}
_REMARK_LINES = 3
_MISSING = "Enter a URL to see what would be sent."
_NO_APPLICATION = "No application is known. Open a connection and select one in the list."


class SendingPlace(msgspec.Struct, frozen=True):
    """The account that messages are sent for, by its UUID, and how its URLs are judged."""

    connection: str = ""
    account: str = ""
    environment: str = ""
    sandbox: bool = False


class DialogStage(Enum):
    """The stages of the dialog."""

    INCOMPLETE = auto()  # nothing can be planned yet
    PLANNING = auto()
    PLANNED = auto()
    FAILED = auto()
    STARTING = auto()


class RedeliveryDialog(QDialog):
    """Collects a draft, shows a dry run of it after each change, and starts what that has shown.

    `plan_requested` carries a SendingRequest, `start_requested` the one whose dry run is shown.
    `body_requested` carries the id of a message whose bytes are to be edited.
    Enter starts the job once the dry run is there, except for a production account.
    """

    plan_requested = Signal(object)
    start_requested = Signal(object)
    body_requested = Signal(int)

    def __init__(
        self,
        kind: RedeliveryKind,
        choice: ResendChoice | GiveBackChoice,
        place: SendingPlace,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        codes: CodeDisplay | None = None,
    ) -> None:
        super().__init__(parent)
        self.kind = kind
        self._place = place
        self._codes = codes or CodeDisplay(self)
        self._is_production = place.environment == Environment.PRODUCTION
        self._dry_run: DryRun | None = None
        self._planned: SendingRequest | None = None
        self.stage = DialogStage.INCOMPLETE
        self.choice = choice
        self.destination = DestinationField(theme, sandbox=place.sandbox)
        self.options = SendingOptions(can_edit=self._can_edit, law=_LAWS[kind])
        self.editor = BodyEditor(theme, codes=self._codes)
        self.line = ProgressLine(theme)
        self.dry_run = paragraph()
        self.remarks = [paragraph() for _ in range(_REMARK_LINES)]
        self.banner = Banner(theme)
        self.copy = PushButton("Copy as text", theme, icon_name="copy")
        self.cancel = PushButton("Cancel", theme)
        self.proceed = PushButton(_VERBS[kind], theme, kind=ButtonKind.PRIMARY)
        self.frame = ProductionFrame(self, theme)
        self._delay = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._lay_out(place)
        self.frame.show_environment(place.environment)
        self._connect()
        self._show_editor()

    @property
    def request(self) -> SendingRequest | None:
        """The job as it is described; None while something is missing or wrong."""
        is_edited = self.options.chosen_form is RedeliveryForm.EDITED
        edited = self.editor.body if is_edited else None
        is_complete = self.choice.is_complete and self.destination.usable
        if not is_complete or not self.options.is_valid or (is_edited and edited is None):
            return None
        sending = RedeliveryRequest(
            kind=self.kind,
            url=self.destination.url,
            connection=self._place.connection,
            edited=edited,
        )
        return self.choice.request(self.options.applied_to(sending))

    @property
    def choices(self) -> dict[str, str]:
        """The choices that are remembered for the next time."""
        return {**self.choice.choices, **self.options.choices}

    def restore(self, choices: Mapping[str, str]) -> None:
        """Choose what was chosen the last time."""
        self.choice.restore(choices)
        self.options.restore(choices)

    def begin(self) -> None:
        """Ask for the first dry run; the focus is where something is missing."""
        self._on_changed()
        self._delay.stop()
        self._ask_for_plan()
        (self.cancel if self.destination.usable else self.destination.field).setFocus()

    def show_plan(self, request: SendingRequest, plan: DryRun) -> None:
        """Show a dry run; the button starts exactly the job that was planned."""
        self.stage = DialogStage.PLANNED
        self._planned = request
        self._dry_run = plan
        self.banner.clear()
        self.dry_run.setText(plan.sentence)
        self._show_remarks(plan.remarks)
        self._update()
        if self.cancel.hasFocus() and self.proceed.isDefault():
            self.proceed.setFocus()

    def show_not_planned(self, error: UserError) -> None:
        """Show why there is no dry run; nothing can be started."""
        self.stage = DialogStage.FAILED
        self._show_error(error)

    def show_starting(self) -> None:
        """Show that the job is being stored."""
        self.stage = DialogStage.STARTING
        self.banner.clear()
        self._update()

    def show_not_started(self, error: UserError) -> None:
        """Show why the job was not started; the draft can be corrected."""
        self.stage = DialogStage.PLANNED
        self._show_error(error)

    def finish(self) -> None:
        """Close the dialog: the job is stored, and is shown in the tab."""
        self.stage = DialogStage.PLANNED
        self.accept()

    @property
    def as_text(self) -> str:
        """The dry run as text, for a ticket."""
        run = self._dry_run.as_text if self._dry_run else ""
        return "\n".join((self.windowTitle(), self.destination.shown_url, run))

    def _show_error(self, error: UserError) -> None:
        sentence, details = brief(error, sentences=2)
        self.banner.show_notice(Severity.DANGER, sentence, details=details, closable=False)
        self._update()
        fit_height(self)

    def _show_remarks(self, remarks: Sequence[Remark]) -> None:
        for number, label in enumerate(self.remarks):
            shown = remarks[number] if number < len(remarks) else None
            text = shown.sentence if shown else ""
            if number == _REMARK_LINES - 1 and len(remarks) > _REMARK_LINES:
                text = "\n".join(one.sentence for one in remarks[number:])
            label.setText(text)
            label.setVisible(bool(text))
            set_tone(label, shown.severity if shown else None)
        fit_height(self)

    def _on_changed(self) -> None:
        self._dry_run = None
        self.stage = DialogStage.PLANNING if self.request else DialogStage.INCOMPLETE
        self._delay.start()
        self._update()

    def _ask_for_plan(self) -> None:
        if request := self.request:
            self.plan_requested.emit(request)

    def _on_form_changed(self) -> None:
        self._show_editor()
        self._on_changed()

    def _show_editor(self) -> None:
        is_edited = self.options.chosen_form is RedeliveryForm.EDITED
        self.editor.setVisible(is_edited)
        if is_edited and self.choice.single is not None and not self.editor.has_body:
            self.body_requested.emit(self.choice.single)
        fit_height(self)

    def _on_choice_changed(self) -> None:
        self.options.offer_edit(on=self._can_edit)
        self._on_changed()

    @property
    def _can_edit(self) -> bool:
        # Where a policy masks codes, the bytes that can be read are not the message's.
        return self.choice.single is not None and not self._codes.why_masked

    def _on_proceed(self) -> None:
        if self.proceed.isEnabled() and self._planned:
            self.start_requested.emit(self._planned)

    def _update(self) -> None:
        busy = self.stage in {DialogStage.PLANNING, DialogStage.STARTING}
        self.line.set_busy(on=busy)
        for field in (self.choice, self.destination, self.options, self.editor):
            field.setEnabled(self.stage is not DialogStage.STARTING)
        self.cancel.setEnabled(self.stage is not DialogStage.STARTING)
        messages = self._dry_run.messages if self._dry_run else 0
        ready = self.stage is DialogStage.PLANNED and messages > 0
        self.proceed.setEnabled(ready)
        name = _VERBS[self.kind]
        if messages:
            name = f"{name} {counted(messages, 'message')}"
        self.proceed.setText(name)
        self.proceed.setAccessibleName(name)
        safe = ready and not self._is_production
        self.proceed.setDefault(safe)
        self.cancel.setDefault(not safe)
        self.copy.setEnabled(self.stage is DialogStage.PLANNED)
        if self.stage is DialogStage.INCOMPLETE:
            self.dry_run.setText(_MISSING if self.choice.is_complete else _NO_APPLICATION)
            self._show_remarks(())
        elif self.stage is DialogStage.PLANNING and not self.dry_run.text():
            self.dry_run.setText("Looking at what would be sent…")

    def _connect(self) -> None:
        self._delay.timeout.connect(self._ask_for_plan)
        self.choice.changed.connect(self._on_choice_changed)
        self.destination.changed.connect(self._on_changed)
        self.options.changed.connect(self._on_form_changed)
        self.editor.changed.connect(self._on_changed)
        self.proceed.clicked.connect(self._on_proceed)
        self.cancel.clicked.connect(self.reject)
        self.copy.clicked.connect(lambda: copy_to_clipboard(self.as_text))

    def _lay_out(self, place: SendingPlace) -> None:
        title = _TITLES[self.kind]
        self.setWindowTitle(title)
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5 * SPACE, 4 * SPACE, 5 * SPACE, 4 * SPACE)
        layout.setSpacing(2 * SPACE)
        layout.addLayout(self._title_row(title, place))
        for name, field in (
            ("Messages", self.choice),
            ("To", self.destination),
            ("How", self.options),
        ):
            layout.addLayout(_row(name, field))
        self.editor.hide()
        layout.addWidget(self.editor, 1)
        layout.addWidget(self.line)
        layout.addWidget(muted("Dry run: nothing is sent yet"))
        layout.addWidget(self.dry_run)
        for label in self.remarks:
            label.hide()
            layout.addWidget(label)
        layout.addWidget(self.banner)
        layout.addStretch(0)
        layout.addLayout(self._button_row())
        self.resize(_WIDTH, self.sizeHint().height())

    def _title_row(self, title: str, place: SendingPlace) -> QHBoxLayout:
        account = ElidedLabel(place.account)
        set_tone(account, Severity.MUTED)
        row = QHBoxLayout()
        row.setSpacing(2 * SPACE)
        row.addWidget(heading(title))
        row.addWidget(account, 1)
        row.addWidget(self.frame.word)
        return row

    def _button_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2 * SPACE)
        row.addWidget(self.copy)
        row.addStretch(1)
        row.addWidget(self.cancel)
        row.addWidget(self.proceed)
        return row

    # Qt's side

    def reject(self) -> None:
        # A job that is being stored is shown in the tab; it has begun when the dialog closes.
        if self.stage is not DialogStage.STARTING:
            super().reject()


def _row(name: str, field: QWidget) -> QHBoxLayout:
    # Not a form: its rows do not get the height that wrapped lines need.
    label = muted(name)
    label.setFixedWidth(_LABELS)
    label.setFixedHeight(6 * SPACE)
    row = QHBoxLayout()
    row.setSpacing(2 * SPACE)
    row.addWidget(label, 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(field, 1)
    return row
