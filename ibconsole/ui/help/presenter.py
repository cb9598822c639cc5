"""Opens the help: about what has the focus, from the palette, and at its contents."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QWidget

from ibconsole.ui.help.help_window import HelpWindow
from ibconsole.ui.help.pages import CONTENTS, HelpPage, HelpPages
from ibconsole.ui.help.topics import page_for
from ibconsole.ui.palette import SearchResult
from ibconsole.ui.toolkit import Command, Group, Theme
from ibconsole.ui.widgets import offer_in_dialogs

_SHORTEST = 3  # letters; fewer are in nearly every page
_MOST = 5  # pages among the results of the palette


class HelpSearch:
    """Search in the pages of the help, for the palette."""

    def __init__(self, pages: HelpPages, open_page: "HelpPresenter") -> None:
        self._pages = pages
        self._presenter = open_page

    def search(self, text: str, limit: int, /) -> Sequence[SearchResult]:
        """See `SearchProvider`. A text of one or two letters matches nothing."""
        if len(text.strip()) < _SHORTEST:
            return ()
        found = [one for one in self._pages.search(text) if one in self._pages.written]
        return [self._result(page) for page in found[: min(limit, _MOST)]]

    def _result(self, page: HelpPage) -> SearchResult:
        return SearchResult(
            title=page.title,
            subtitle="Help",
            go=partial(self._presenter.open_page, page.name),
            icon_name="info",
        )


class HelpPresenter(QObject):
    """Shows the help in one window, which ends with the main window."""

    def __init__(self, window: QWidget, theme: Theme) -> None:
        super().__init__(window)
        self._window = window
        self._theme = theme
        self.pages = HelpPages()
        self.search = HelpSearch(self.pages, self)
        self.help_window: HelpWindow | None = None
        about_focus = Command(
            "Help about this", Group.HELP, self.open_about_focus, shortcut="F1", parent=self
        )
        offer_in_dialogs(about_focus)
        contents = Command("Help contents", Group.HELP, self.open_contents, parent=self)
        self.commands = (about_focus, contents)

    def open_about_focus(self) -> None:
        """Show the page about what has the keyboard focus."""
        focused = QApplication.focusWidget() or self._window.focusWidget()
        self.open_page(page_for(focused, self._window))

    def open_contents(self) -> None:
        """Show the contents."""
        self.open_page(CONTENTS)

    def open_page(self, name: str) -> None:
        """Show a page, in the window that is open already if there is one."""
        if self.help_window is None:
            self.help_window = HelpWindow(self.pages, self._theme)
            self._theme.style_only(self.help_window)
            self._theme.finish(self.help_window)
        self.help_window.show_page(name)
        self.help_window.show()
        self.help_window.raise_()
        self.help_window.activateWindow()
        self.help_window.view.setFocus()

    def close(self) -> None:
        """Close the window of the help for good."""
        if self.help_window:
            self._theme.leave(self.help_window)
            self.help_window.close()
            self.help_window.deleteLater()
            self.help_window = None
