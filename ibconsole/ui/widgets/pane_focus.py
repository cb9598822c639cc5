"""Movement of the keyboard focus from pane to pane."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QWidget,
)


def focus_pane(panes: Sequence[QWidget], *, step: int) -> None:
    """Move the focus to the next (1) or previous (-1) pane that can take it.

    A pane gets it where it was last, else at its first stop.
    """
    stops = {number: stop for number, pane in enumerate(panes) if (stop := _stop_in(pane))}
    if not stops:
        return
    numbers = list(stops)
    current = pane_with_focus(panes)
    if current is None:
        number = numbers[0 if step > 0 else -1]
    else:
        at = panes.index(current)
        further = [one for one in numbers if (one > at if step > 0 else one < at)]
        number = (further or numbers)[0 if step > 0 else -1]
    reason = Qt.FocusReason.TabFocusReason if step > 0 else Qt.FocusReason.BacktabFocusReason
    stops[number].setFocus(reason)


def pane_with_focus(panes: Sequence[QWidget]) -> QWidget | None:
    """Return the pane that holds the focus; None if it is elsewhere."""
    focused = QApplication.focusWidget()
    inside = (one for one in panes if focused and (one is focused or one.isAncestorOf(focused)))
    return next(inside, None)


def _stop_in(pane: QWidget) -> QWidget | None:
    if not pane.isVisible():
        return None
    before = pane.focusWidget()
    return before if before and takes_focus(before) else first_stop(pane)


def first_stop(pane: QWidget) -> QWidget | None:
    """Return where the focus begins in a pane: its focus proxy, its list, its first field.

    A pane without any of these begins at its first control. A button comes last because Space or
    Enter would press it: in an empty list of messages that would be a pull.
    """
    proxy = pane.focusProxy()
    if proxy and takes_focus(proxy):
        return proxy
    stops = _controls_of(pane)
    for kind in (QAbstractItemView, QLineEdit, QWidget):
        found = (one for one in stops if isinstance(one, kind) and not is_inside_control(one))
        if stop := next(found, None):
            return stop
    return None


def is_inside_control(widget: QWidget) -> bool:
    """Return whether this is the field inside another control, such as that of a number.

    Its focusProxy() would say so, but makes it the owner of that control's Python object.
    """
    return isinstance(widget.parentWidget(), QAbstractSpinBox | QComboBox)


def _controls_of(pane: QWidget) -> list[QWidget]:
    # In the order of reading. nextInFocusChain() would make each widget the owner of the next
    # one's Python object, and what a deleted widget owns cannot be used any more: it crashes.
    def place(widget: QWidget) -> tuple[int, int]:
        center = widget.mapTo(pane, widget.rect().center())
        return center.y(), center.x()

    return sorted(filter(takes_focus, (pane, *pane.findChildren(QWidget))), key=place)


def takes_focus(widget: QWidget) -> bool:
    """Return whether Tab reaches a control now."""
    by_tab = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    return bool(by_tab) and widget.isVisible() and widget.isEnabled()
