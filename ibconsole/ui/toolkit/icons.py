"""Icons: SVG files, tinted with the palette's colours."""

from collections.abc import Iterator
from functools import lru_cache

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap, QPixmapCache
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

    `role` is a field of `Colours`. It is sharp at every size and scale. `gap` adds empty pixels
    at the right of an icon of `size`, since Qt's style has no spacing between icon and text. The
    icon does not follow the theme: request it again when `Theme.changed` is emitted.
    """
    return _icon(name, getattr(theme.colours, role), theme.colours.faint, gap / size)


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
def _icon(name: str, colour: str, disabled: str, padding: float) -> QIcon:
    return QIcon(_TintedSvg(name, colour, disabled, padding))


class _TintedSvg(QIconEngine):
    """Renders an icon when it is painted first: most icons of a window are not visible."""

    def __init__(self, name: str, colour: str, disabled: str, padding: float) -> None:
        super().__init__()
        self._arguments = (name, colour, disabled, padding)

    def _rendered(self, size: QSize, mode: QIcon.Mode) -> QPixmap:
        """Return the drawing in a size in device pixels, from Qt's cache if it is there."""
        key = ":".join(map(str, (*self._arguments, mode.name, size.width(), size.height())))
        pixmap = QPixmap()
        if not QPixmapCache.find(key, pixmap):
            pixmap = QPixmap(size)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            self._draw(painter, size, mode)
            painter.end()
            QPixmapCache.insert(key, pixmap)
        return pixmap

    def _draw(self, painter: QPainter, size: QSize, mode: QIcon.Mode) -> None:
        name, colour, disabled, padding = self._arguments
        tint = disabled if mode == QIcon.Mode.Disabled else colour
        # A square, centred together with its padding.
        side = min(size.width() / (1 + padding), size.height())
        left = (size.width() - side * (1 + padding)) / 2
        top = (size.height() - side) / 2
        _renderer(name, tint).render(painter, QRectF(left, top, side, side))

    # Qt's side

    def clone(self) -> QIconEngine:
        return _TintedSvg(*self._arguments)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        scale = painter.device().devicePixelRatio()
        painter.drawPixmap(rect, self.scaledPixmap(rect.size(), mode, state, scale))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(
        self,
        size: QSize,
        mode: QIcon.Mode,
        state: QIcon.State,  # noqa: ARG002 Qt's signature
        scale: float,
    ) -> QPixmap:
        pixmap = QPixmap(self._rendered(size * scale, mode))
        pixmap.setDevicePixelRatio(scale)
        return pixmap


@lru_cache(maxsize=64)
def _renderer(name: str, tint: str) -> QSvgRenderer:
    svg = read_resource(f"icons/{name}.svg").replace(b"currentColor", tint.encode())
    return QSvgRenderer(QByteArray(svg))


def _pixmaps(svg: bytes, sizes: tuple[int, ...]) -> Iterator[QPixmap]:
    renderer = QSvgRenderer(QByteArray(svg))
    for size in sizes:
        pixmap = QPixmap(size, size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        renderer.render(painter, QRectF(0, 0, size, size))
        painter.end()
        yield pixmap
