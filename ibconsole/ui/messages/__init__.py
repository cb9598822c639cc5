"""The list of messages: pulling, filtering, exporting, retention and maintenance."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.ui.messages.archive_commands import ArchiveCommands, ArchiveServices
    from ibconsole.ui.messages.completion_popup import CompletionPopup
    from ibconsole.ui.messages.copying import Copying
    from ibconsole.ui.messages.export_dialog import listed_name, selected_name
    from ibconsole.ui.messages.filter_field import FilterField
    from ibconsole.ui.messages.message_commands import Field, MessageCommands, Part
    from ibconsole.ui.messages.order import ScopeChoice
    from ibconsole.ui.messages.pane import MessagesPane, RowReader
    from ibconsole.ui.messages.presenter import MessagesPresenter
    from ibconsole.ui.messages.pull_presenter import PullPresenter
    from ibconsole.ui.messages.saved_filters import SavedFiltersPresenter
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "archive_commands": "ArchiveCommands ArchiveServices",
            "completion_popup": "CompletionPopup",
            "copying": "Copying",
            "export_dialog": "listed_name selected_name",
            "filter_field": "FilterField",
            "message_commands": "Field MessageCommands Part",
            "order": "ScopeChoice",
            "pane": "MessagesPane RowReader",
            "presenter": "MessagesPresenter",
            "pull_presenter": "PullPresenter",
            "saved_filters": "SavedFiltersPresenter",
        },
    )

__all__ = [
    "ArchiveCommands",
    "ArchiveServices",
    "CompletionPopup",
    "Copying",
    "Field",
    "FilterField",
    "MessageCommands",
    "MessagesPane",
    "MessagesPresenter",
    "Part",
    "PullPresenter",
    "RowReader",
    "SavedFiltersPresenter",
    "ScopeChoice",
    "listed_name",
    "selected_name",
]
