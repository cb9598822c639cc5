"""Help inside the program, offline: its pages, its window, and which page is about what."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.ui.help.help_window import HelpWindow
    from ibconsole.ui.help.pages import HelpPage, HelpPages
    from ibconsole.ui.help.presenter import HelpPresenter, HelpSearch
    from ibconsole.ui.help.topics import page_for
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "help_window": "HelpWindow",
            "pages": "HelpPage HelpPages",
            "presenter": "HelpPresenter HelpSearch",
            "topics": "page_for",
        },
    )

__all__ = [
    "HelpPage",
    "HelpPages",
    "HelpPresenter",
    "HelpSearch",
    "HelpWindow",
    "page_for",
]
