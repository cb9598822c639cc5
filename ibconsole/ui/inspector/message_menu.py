"""The menu of the message that the inspector shows: copies, filters, and the forward test."""

from PySide6.QtCore import QObject, Signal

from ibconsole.services.messages import MessageRow
from ibconsole.ui.inspector.inspector import Inspector
from ibconsole.ui.inspector.presenter import InspectorPresenter
from ibconsole.ui.messages import Copying, Field, MessageCommands, MessagesPane, Part
from ibconsole.ui.viewers import RecordId


class MessageMenu(QObject):
    """Offers the commands of the list for the shown message; copies have codes as they are shown.

    `filtered` is emitted when the list was filtered by a field of the message.
    """

    filtered = Signal()

    def __init__(
        self,
        inspector: Inspector,
        presenter: InspectorPresenter,
        messages: MessagesPane,
        copying: Copying,
    ) -> None:
        super().__init__(inspector)
        self._inspector = inspector
        self._presenter = presenter
        self._messages = messages
        self._copying = copying
        self.commands = MessageCommands(self, self)
        groups = (self.commands.copies.values(), self.commands.filters.values())
        for group in (*groups, (self.commands.test, self.commands.resend)):
            inspector.menu.addSeparator()
            for command in group:
                inspector.menu.addAction(command.add_to(inspector))
        self.commands.copy_requested.connect(self._on_copy_requested)
        self.commands.filter_requested.connect(self._on_filter_requested)
        self.commands.test_requested.connect(self._on_test_requested)
        self.commands.resend_requested.connect(self._on_resend_requested)
        presenter.message_changed.connect(self._on_message_changed)

    @property
    def selected_count(self) -> int:
        """The number of shown messages: one or none."""
        return int(self.record is not None)

    @property
    def record(self) -> MessageRow | None:
        """The shown message."""
        return self._presenter.message

    def _on_message_changed(self) -> None:
        self._inspector.offer(on=self.record is not None)
        self.commands.update()

    def _on_copy_requested(self, part: Part) -> None:
        if self.record:
            clear = self._inspector.reveals_codes
            self._copying.start(part, [self.record.id], clear=clear)

    def _on_filter_requested(self, field: Field) -> None:
        if self.record:
            self._messages.filter_by(field, self.record)
            self.filtered.emit()

    def _on_resend_requested(self) -> None:
        if self.record:
            self._messages.resend_requested.emit([self.record.id])

    def _on_test_requested(self) -> None:
        if self.record:
            self._messages.test_requested.emit(RecordId(self.record.id))
