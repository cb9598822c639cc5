"""The page of the help about a widget: the nearest of its ancestors that has one decides.

A widget with a property `help_page` has that page. Any other one has that of its module, or of
its package, so that what is added to a feature has its page without being named here.
"""

from collections.abc import Iterator

from PySide6.QtWidgets import QDialog, QTabBar, QTabWidget, QWidget

from ibconsole.ui.help.pages import CONTENTS

_ROOM = "ibconsole.ui."
# Of packages of `ibconsole.ui`, and of modules in them that have a page of their own.
PAGES = {
    "activity": "activity",
    "answers": "answers",
    "audit": "audit",
    "comparison": "comparison",
    "connections": "connections",
    "connections.unlock_dialog": "protection",
    "diagnosis": "health",
    "evidence": "cases",
    "forward_test": "forward-test",
    "help": CONTENTS,
    "inspector": "inspector",
    "lease": "borrowed-routes",
    "list_display": "columns",
    "listener": "listener",
    "messages": "messages",
    "messages.completion_popup": "filter",
    "messages.filter_field": "filter",
    "messages.pull_bar": "pulling",
    "messages.pull_dialog": "pulling",
    "messages.saved_filters": "filter",
    "palette": "keyboard",
    "pasting": "pasting",
    "plans": "plans",
    "redelivery": "redelivery",
    "retries": "retries",
    "sender": "sender",
    "setup": "actions",
    "setup.applications": "applications",
    "setup.failure_banner": "connections",
    "setup.look_up_dialog": "applications",
    "shell": CONTENTS,
    "shell.greeting": "connections",
    "shell.shortcuts_dialog": "keyboard",
    "team": "team",
    "threads": "threads",
    "timeline": "timeline",
    "timeline.compare_dialog": "comparison",
    "tour": "tour",
    "tray": "tray",
    "watch": "watch",
    "windows": "connections",
}


def page_for(widget: QWidget | None, window: QWidget | None = None) -> str:
    """Return the name of the page about a widget.

    A dialog without a page of its own, such as a question, has that of what was in use in the
    `window` below it.
    """
    for one in _upwards(widget):
        if name := _own_page(one):
            return name
    if window is not None and widget is not None and isinstance(widget.window(), QDialog):
        return page_for(window.focusWidget())
    return CONTENTS


def _upwards(widget: QWidget | None) -> Iterator[QWidget]:
    """Yield a widget and its ancestors up to its window; the page of a tab for its bar."""
    while widget is not None:
        yield widget
        parent = None if widget.isWindow() else widget.parentWidget()
        if isinstance(widget, QTabBar) and isinstance(parent, QTabWidget):
            yield from _within(parent.currentWidget())
        widget = parent


def _within(page: QWidget | None) -> Iterator[QWidget]:
    """Yield the page of a tab, and what it consists of: the page may be a mere container."""
    if page is not None:
        yield page
        yield from page.findChildren(QWidget)


def _own_page(widget: QWidget) -> str:
    if name := getattr(widget, "help_page", ""):
        return str(name)
    module = type(widget).__module__
    if not module.startswith(_ROOM):
        return ""
    inner = module.removeprefix(_ROOM)
    return PAGES.get(inner) or PAGES.get(inner.partition(".")[0], "")
