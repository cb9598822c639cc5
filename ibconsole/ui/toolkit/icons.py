"""Icons: SVG files, tinted with the palette's colours."""

from collections.abc import Iterator
from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from ibconsole.errors import Severity
from ibconsole.resource_files import read_resource
from ibconsole.ui.toolkit.theme import Theme

ICON_SIZE = 16

_SEVERITY_ICONS = {
    Severity.OK: "circle-check",
    Severity.INFO: "info",
    Severity.WARNING: "triangle-alert",
    Severity.DANGER: "circle-alert",
    Severity.MUTED: "info",
}


def icon(
    name: str, theme: Theme, role: str = "text", size: int = ICON_SIZE, *, gap: int = 0
) -> QIcon:
    """Return an icon of resources/icons in a colour of the palette, `faint` when disabled.

    `role` is a field of `Colours`. `size` is in pixels at 100 %; the icon is sharp at 100 %,
    at 200 % and at the scales of the connected screens. `gap` adds empty pixels at its right,
    since Qt's style has no spacing between icon and text. The icon does not follow the theme:
    request it again when `Theme.changed` is emitted.
    """
    scales = {screen.devicePixelRatio() for screen in QGuiApplication.screens()}
    sizes = tuple(sorted({round(size * scale) for scale in scales | {1.0, 2.0}}))
    return _icon(name, getattr(theme.colours, role), theme.colours.faint, sizes, gap / size)


def severity_icon(severity: Severity, theme: Theme) -> QIcon:
    """Return the icon for a severity, in its colour."""
    return icon(_SEVERITY_ICONS[severity], theme, severity)


def application_icon() -> QIcon:
    """Return the icon of the program, for window and task bar."""
    result = QIcon()
    for pixmap in _pixmaps(read_resource("ibconsole.svg"), (16, 24, 32, 48, 64, 128, 256)):
        result.addPixmap(pixmap)
    return result


@lru_cache(maxsize=512)
def _icon(name: str, colour: str, disabled: str, sizes: tuple[int, ...], padding: float) -> QIcon:
    result = QIcon()
    for mode, tint in ((QIcon.Mode.Normal, colour), (QIcon.Mode.Disabled, disabled)):
        svg = read_resource(f"icons/{name}.svg").replace(b"currentColor", tint.encode())
        for pixmap in _pixmaps(svg, sizes, padding):
            result.addPixmap(pixmap, mode)
    return result


def _pixmaps(svg: bytes, sizes: tuple[int, ...], padding: float = 0.0) -> Iterator[QPixmap]:
    renderer = QSvgRenderer(QByteArray(svg))
    for size in sizes:
        pixmap = QPixmap(round(size * (1 + padding)), size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        renderer.render(painter, QRectF(0, 0, size, size))
        painter.end()
        yield pixmap
