"""The dialogs that unlock a read-only connection for some minutes, and that ask for a reason."""

from collections.abc import Collection

import msgspec
from PySide6.QtWidgets import QCheckBox, QFormLayout, QLineEdit, QSpinBox, QVBoxLayout, QWidget

from ibconsole.services.connections import Environment
from ibconsole.services.protection import (
    DEFAULT_MINUTES,
    LONGEST_MINUTES,
    LONGEST_REASON,
    CallKind,
)
from ibconsole.services.runtime import Status
from ibconsole.ui.toolkit import SPACE, Theme
from ibconsole.ui.widgets import ConfirmDialog, Question

_PRODUCTION = (
    "Customers depend on this account: what you change or pull while it is unlocked reaches them."
    " It is locked again by itself."
)
_OTHER = "It is locked again by itself."
_KEPT = (
    "Customers depend on this account. The reason is kept in the audit with everything that is"
    " changed or pulled until the connection is locked or the program ends."
)


class Unlocking(msgspec.Struct, frozen=True):
    """The kinds to unlock, for how many minutes, the name that was typed, and the reason."""

    kinds: Collection[CallKind]
    minutes: int
    typed: str
    reason: str = ""


class UnlockDialog(ConfirmDialog):
    """Asks what to unlock and for how long; a production account needs a reason and its name.

    `wanted` is what the user was about to do, which is chosen at first.
    """

    def __init__(
        self,
        status: Status,
        wanted: Collection[CallKind],
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        locks = status.protection
        self.changes = QCheckBox("Changes of the setup, and tests of its URLs")
        self.pulls = QCheckBox("Pulls, which take messages for good")
        self.minutes = QSpinBox(minimum=1, maximum=LONGEST_MINUTES, value=DEFAULT_MINUTES)
        self.minutes.setSuffix(" min")
        self.minutes.setAccessibleName("Unlock for")
        self._is_production = status.connection.environment == Environment.PRODUCTION
        self.reason = _reason_field(is_required=self._is_production)
        for box, kind, lock in (
            (self.changes, CallKind.CHANGE, locks.changes),
            (self.pulls, CallKind.PULL, locks.pulls),
        ):
            box.setChecked(kind in wanted)
            box.setEnabled(lock is None or lock.can_be_unlocked)
            box.setToolTip(lock.sentence if lock and not lock.can_be_unlocked else "")
        super().__init__(_question(status), theme, parent, extra=self._fields())
        for box in (self.changes, self.pulls):
            box.toggled.connect(self._update)
        self.reason.textChanged.connect(self._update)
        self._update()
        (self.reason if self._is_production else self.proceed).setFocus()

    @property
    def choice(self) -> Unlocking:
        """The choice of the user."""
        boxes = {CallKind.CHANGE: self.changes, CallKind.PULL: self.pulls}
        kinds = tuple(kind for kind, box in boxes.items() if box.isChecked())
        return Unlocking(kinds, self.minutes.value(), self.typed.text(), self.reason.text())

    def _update(self) -> None:
        self._on_typed_changed(self.typed.text())

    def _on_typed_changed(self, text: str) -> None:
        super()._on_typed_changed(text)
        is_explained = bool(self.reason.text().strip()) or not self._is_production
        is_complete = bool(self.choice.kinds) and is_explained
        self.proceed.setEnabled(self.proceed.isEnabled() and is_complete)
        # Enter unlocks once the name is complete; before that it does nothing.
        self.proceed.setDefault(self.proceed.isEnabled())

    def _fields(self) -> QWidget:
        fields = QWidget()
        column = QVBoxLayout(fields)
        column.setContentsMargins(0, SPACE, 0, SPACE)
        column.setSpacing(2 * SPACE)
        column.addWidget(self.changes)
        column.addWidget(self.pulls)
        form = QFormLayout()
        self.minutes.setMaximumWidth(30 * SPACE)
        form.addRow("For", self.minutes)
        form.addRow("Reason", self.reason)
        column.addLayout(form)
        return fields


class ReasonDialog(ConfirmDialog):
    """Asks for the reason of changes and pulls on a production account that is not locked."""

    def __init__(self, status: Status, theme: Theme, parent: QWidget | None = None) -> None:
        self.reason = _reason_field(is_required=True)
        question = Question(
            title=f"Why is {status.connection.name} changed or pulled from?",
            facts=(("Account", status.connection.account),),
            consequence=_KEPT,
            verb="Continue",
        )
        super().__init__(question, theme, parent, extra=self.reason)
        self.reason.textChanged.connect(self._on_reason_changed)
        self._on_reason_changed("")
        self.reason.setFocus()

    def _on_reason_changed(self, text: str) -> None:
        self.proceed.setEnabled(bool(text.strip()))
        self.proceed.setDefault(self.proceed.isEnabled())


def _reason_field(*, is_required: bool) -> QLineEdit:
    field = QLineEdit()
    field.setMaxLength(LONGEST_REASON)
    needed = "Required: a" if is_required else "A"
    field.setPlaceholderText(f"{needed} ticket or a reason, for the audit")
    field.setAccessibleName("Reason, required" if is_required else "Reason")
    return field


def _question(status: Status) -> Question:
    connection = status.connection
    production = connection.environment == Environment.PRODUCTION
    return Question(
        title=f"Unlock {connection.name}?",
        facts=(("Account", connection.account),),
        consequence=_PRODUCTION if production else _OTHER,
        verb="Unlock",
        typed=connection.name if production else "",
    )
