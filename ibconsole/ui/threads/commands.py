"""The commands that follow the inspected message, and copy things for Infobip's support."""

from collections.abc import Callable
from functools import partial
from typing import Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu, QWidget

from ibconsole.services.messages import StoredMessage
from ibconsole.services.threads import ThreadKind, why_not_followed
from ibconsole.ui.toolkit import Command, Group

_NONE = "Select a message to follow."
_NOT_SELECTED = "No message is selected."
# Not with Ctrl+Alt, which types characters on keyboards with AltGr: [ on a Croatian one.
_SHORTCUTS = {ThreadKind.INSTALLATION: "Ctrl+Shift+F"}


class InspectedMessage(Protocol):
    """The message that the inspector shows, None while it shows none."""

    @property
    def message(self) -> StoredMessage | None: ...


class SelectedMessages(Protocol):
    """The list of messages, with the number of the selected ones."""

    @property
    def selected_count(self) -> int: ...


class SupportCommands(QObject):
    """Copy one thing for Infobip's support: a finding, or a forward test.

    `selected` returns whether there is one; `update` is to be called when that changes.
    `choices_requested` asks for the dialog of choices first.
    """

    requested = Signal()
    choices_requested = Signal()

    def __init__(
        self, noun: str, group: Group, selected: Callable[[], object], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._noun = noun
        self._selected = selected
        name = f"Copy {noun} for Infobip support"
        self.copy = Command(name, group, self.requested.emit, icon_name="copy", parent=self)
        self.choices = Command(
            f"{name} with codes…", group, self.choices_requested.emit, parent=self
        )
        self.commands = (self.copy, self.choices)
        self.update()

    def update(self) -> None:
        """Disable the commands while there is nothing to copy."""
        reason = "" if self._selected() else f"No {self._noun} is selected."
        for command in self.commands:
            command.set_disabled_reason(reason)


class FollowCommands(QObject):
    """Follow the message that the inspector shows, by a field that it has.

    `follow_requested` carries the message and the kind. `support_requested` asks for a copy of the
    selected messages, `choices_requested` for the dialog of what is copied. `update` is to be
    called when either changes.
    """

    follow_requested = Signal(object, object)
    support_requested = Signal()
    choices_requested = Signal()

    def __init__(
        self, inspected: InspectedMessage, selected: SelectedMessages, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._inspected = inspected
        self._selected = selected
        self.follows = {
            kind: Command(
                f"Follow this {kind}",
                Group.MESSAGES,
                partial(self._on_follow_triggered, kind),
                shortcut=_SHORTCUTS.get(kind, ""),
                parent=self,
            )
            for kind in ThreadKind
        }
        self.support = Command(
            "Copy for Infobip support",
            Group.MESSAGES,
            self.support_requested.emit,
            icon_name="copy",
            parent=self,
        )
        self.choices = Command(
            "Copy for Infobip support with codes or texts…",
            Group.MESSAGES,
            self.choices_requested.emit,
            parent=self,
        )
        self.commands = (*self.follows.values(), self.support, self.choices)
        self.update()

    def add_to(self, widget: QWidget) -> None:
        """Make the shortcuts work in a widget."""
        for command in self.commands:
            command.add_to(widget)

    def menu(self, parent: QWidget) -> QMenu:
        """Return the submenu of what can be followed."""
        menu = QMenu("Follow", parent)
        menu.setToolTipsVisible(True)
        menu.addActions(list(self.follows.values()))
        return menu

    def update(self) -> None:
        """Disable what the message has no field for, with the reason."""
        message = self._inspected.message
        for kind, command in self.follows.items():
            command.set_disabled_reason(why_not_followed(message, kind) if message else _NONE)
        reason = "" if self._selected.selected_count or message else _NOT_SELECTED
        for command in (self.support, self.choices):
            command.set_disabled_reason(reason)

    def _on_follow_triggered(self, kind: ThreadKind) -> None:
        if message := self._inspected.message:
            self.follow_requested.emit(message, kind)
