"""The place of another window: a step below and to the right of the one that it was opened from."""

from collections.abc import Collection

from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QWidget

STEP = 32  # pixels: the title bars of both stay visible


def cascade(frame: QRect, screen: QRect, taken: Collection[QPoint]) -> QPoint:
    """Return the corner of a window as large as this frame, next to it and within the screen.

    Corners that are taken by other windows are passed over. Beyond the edge it goes on at the top,
    or at the left; a window that is as large as the screen is placed in its corner.
    """
    corner = frame.topLeft()
    room = (screen.width() - frame.width(), screen.height() - frame.height())
    for _ in range(max(1, len(taken) + 1)):
        corner = QPoint(
            _next(corner.x(), screen.left(), room[0]), _next(corner.y(), screen.top(), room[1])
        )
        if corner not in taken:
            break
    return corner


def _next(at: int, start: int, room: int) -> int:
    """Return a coordinate one step on; after the last that fits it is the first again."""
    return start if at + STEP > start + room else max(at + STEP, start)


def place_next_to(window: QWidget, other: QWidget, windows: Collection[QWidget]) -> None:
    """Give a window, before it is shown, the size of another one, and a place next to it.

    Of a maximized window it is the size that it has otherwise. Some desktops place windows
    themselves.
    """
    taken = [one.pos() for one in windows if one is not window]
    window.resize(_normal_geometry(other).size())
    window.move(cascade(_normal_frame(other), other.screen().availableGeometry(), taken))


def _normal_frame(window: QWidget) -> QRect:
    """Return the geometry of a window that is not maximized, with what the desktop draws around."""
    geometry, outer = window.geometry(), window.frameGeometry()
    frame = _normal_geometry(window)
    frame.translate(outer.topLeft() - geometry.topLeft())
    frame.setSize(frame.size() + outer.size() - geometry.size())
    return frame


def _normal_geometry(window: QWidget) -> QRect:
    is_large = window.isMaximized() or window.isFullScreen()
    return window.normalGeometry() if is_large else window.geometry()
