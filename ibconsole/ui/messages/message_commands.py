"""The commands on messages: copy a part, filter, export, compare two, test and resend."""

from collections.abc import Callable
from enum import StrEnum
from functools import partial
from typing import Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from ibconsole.services.messages import MessageRow
from ibconsole.ui.toolkit import Command, Group

MAX_COPIED = 1000

_NONE = "No message is selected."
_SEVERAL = "Several messages are selected, and this takes one."
_NOT_TWO = "Select the two messages to compare."
_TOO_MANY = f"At most {MAX_COPIED:,} messages can be copied at once; an export takes any number."


class Part(StrEnum):
    """The part of a message that is copied."""

    TEXT = "text"
    JSON = "JSON"
    MESSAGE_ID = "message ID"


class Field(StrEnum):
    """The field of a message that the list can be filtered by; the values are those of `Filter`."""

    SENDER = "sender"
    APPLICATION = "application"
    KEYWORD = "keyword"


_SHORTCUTS = {Part.TEXT: "Ctrl+Shift+T", Part.JSON: "Ctrl+Shift+J", Part.MESSAGE_ID: "Ctrl+Shift+I"}


class MessageTargets(Protocol):
    """The messages that the commands are about. `record` is None if it is not exactly one."""

    @property
    def selected_count(self) -> int: ...
    @property
    def record(self) -> MessageRow | None: ...


class MessageCommands(QObject):
    """The commands on the messages of a list, or on the one that the inspector shows.

    `update` is to be called when the messages change.
    """

    copy_requested = Signal(Part)
    filter_requested = Signal(Field)
    export_requested = Signal()
    test_requested = Signal()
    compare_requested = Signal()
    resend_requested = Signal()

    def __init__(self, targets: MessageTargets, parent: QObject) -> None:
        super().__init__(parent)
        self._targets = targets
        self.copies = {
            part: self._command(f"Copy {part}", partial(self.copy_requested.emit, part), keys)
            for part, keys in _SHORTCUTS.items()
        }
        self.filters = {
            field: self._command(
                f"Filter by this {field}", partial(self.filter_requested.emit, field)
            )
            for field in Field
        }
        self.export = self._command(
            "Export selected messages…", self.export_requested.emit, "Ctrl+Shift+E", "download"
        )
        self.test = self._command(
            "Test with this message", self.test_requested.emit, "Ctrl+T", "send"
        )
        self.compare = self._command(
            "Compare two messages…", self.compare_requested.emit, icon_name="columns-2"
        )
        self.resend = self._command(
            "Resend selected messages…", self.resend_requested.emit, "Ctrl+R", "send"
        )
        others = (self.export, self.test, self.compare, self.resend)
        self.commands = (*self.copies.values(), *self.filters.values(), *others)
        self.update()

    def add_to(self, widget: QWidget, *others: Command) -> None:
        """Make the shortcuts work in a widget, in whose menu the commands are in groups.

        `others` are commands of the widget itself, the last group.
        """
        for command in self.copies.values():
            command.add_to(widget)
        tests = (self.test, self.resend, self.compare, self.export)
        for group in (self.filters.values(), tests, others):
            line = QAction(widget)
            line.setSeparator(True)
            widget.addAction(line)
            for command in group:
                command.add_to(widget)

    def update(self) -> None:
        """Disable what the selected messages cannot be used for, with the reason."""
        count, record = self._targets.selected_count, self._targets.record
        none = "" if count else _NONE
        one = none or ("" if count == 1 else _SEVERAL)
        for command in self.copies.values():
            command.set_disabled_reason(none or ("" if count <= MAX_COPIED else _TOO_MANY))
        for field, command in self.filters.items():
            value = value_of(record, field) if record else ""
            command.set_disabled_reason(one or ("" if value else f"It has no {field}."))
        for command in (self.export, self.resend):
            command.set_disabled_reason(none)
        self.test.set_disabled_reason(one)
        self.compare.set_disabled_reason("" if count == 2 else _NOT_TWO)

    def _command(
        self, name: str, run: Callable[[], object], shortcut: str = "", icon_name: str = ""
    ) -> Command:
        return Command(
            name, Group.MESSAGES, run, shortcut=shortcut, icon_name=icon_name, parent=self
        )


def value_of(row: MessageRow, field: Field) -> str:
    """Return the value of a message that a filter by this field has."""
    values = {
        Field.SENDER: row.sender,
        Field.APPLICATION: row.application_code,
        Field.KEYWORD: row.keyword,
    }
    return values[field]
