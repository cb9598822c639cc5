"""The order of Tab.

To ask Qt for it makes each widget the owner of the next one's Python object, so that only tests
may do it, whose windows are thrown away as a whole.
"""

from collections.abc import Iterator

from PySide6.QtWidgets import QWidget

from ibconsole.ui.widgets.pane_focus import takes_focus


def tab_stops(pane: QWidget) -> Iterator[QWidget]:
    """Yield the controls of a pane that Tab reaches, in the order of Tab."""
    widget: QWidget | None = pane
    while widget is not None:
        if takes_focus(widget) and (widget is pane or pane.isAncestorOf(widget)):
            yield widget
        following = widget.nextInFocusChain()
        widget = None if following is pane else following
