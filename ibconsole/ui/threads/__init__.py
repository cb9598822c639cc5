"""A thread in place of the list of messages, and the text for Infobip's support."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.ui.threads.commands import FollowCommands, SupportCommands
    from ibconsole.ui.threads.pane import ThreadPane
    from ibconsole.ui.threads.presenter import ThreadPresenter
    from ibconsole.ui.threads.support_copy import SupportCopy
    from ibconsole.ui.threads.support_dialog import SupportDialog
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "commands": "FollowCommands SupportCommands",
            "pane": "ThreadPane",
            "presenter": "ThreadPresenter",
            "support_copy": "SupportCopy",
            "support_dialog": "SupportDialog",
        },
    )

__all__ = [
    "FollowCommands",
    "SupportCommands",
    "SupportCopy",
    "SupportDialog",
    "ThreadPane",
    "ThreadPresenter",
]
