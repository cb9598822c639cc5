"""The list of messages: pulling, filtering, exporting, retention and maintenance."""

from ibconsole.ui.messages.archive_commands import ArchiveCommands, ArchiveServices
from ibconsole.ui.messages.copying import Copying
from ibconsole.ui.messages.message_commands import Field, MessageCommands, Part
from ibconsole.ui.messages.pane import MessagesPane
from ibconsole.ui.messages.presenter import MessagesPresenter
from ibconsole.ui.messages.pull_presenter import PullPresenter

__all__ = [
    "ArchiveCommands",
    "ArchiveServices",
    "Copying",
    "Field",
    "MessageCommands",
    "MessagesPane",
    "MessagesPresenter",
    "Part",
    "PullPresenter",
]
