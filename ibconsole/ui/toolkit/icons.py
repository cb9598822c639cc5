"""Icons: SVG files, tinted with the palette's colours."""

from collections.abc import Iterator
from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from ibconsole.ui.toolkit.resources import resource
from ibconsole.ui.toolkit.theme import Theme

ICON_SIZE = 16


def icon(
    name: str, theme: Theme, role: str = "text", size: int = ICON_SIZE, *, gap: int = 0
) -> QIcon:
    """An icon of resources/icons in one of the palette's colours, `faint` when disabled.

    `size` in pixels of 100 %; it is sharp there, at 200 %, and at the scales of the screens
    that are there. With a `gap` it is wider by so much, at its right, to keep words off:
    Qt's style has no spacing there. It does not follow the theme: ask again when that changes.
    """
    scales = {screen.devicePixelRatio() for screen in QGuiApplication.screens()}
    sizes = tuple(sorted({round(size * scale) for scale in scales | {1.0, 2.0}}))
    wider = gap / size
    return _icon(name, getattr(theme.colours, role), theme.colours.faint, sizes, wider)


def application_icon() -> QIcon:
    """What stands for the program in the task bar."""
    result = QIcon()
    for pixmap in _pixmaps(resource("ibconsole.svg"), (16, 24, 32, 48, 64, 128, 256)):
        result.addPixmap(pixmap)
    return result


@lru_cache(maxsize=512)
def _icon(name: str, colour: str, disabled: str, sizes: tuple[int, ...], wider: float) -> QIcon:
    result = QIcon()
    for mode, tint in ((QIcon.Mode.Normal, colour), (QIcon.Mode.Disabled, disabled)):
        svg = resource(f"icons/{name}.svg").replace(b"currentColor", tint.encode())
        for pixmap in _pixmaps(svg, sizes, wider):
            result.addPixmap(pixmap, mode)
    return result


def _pixmaps(svg: bytes, sizes: tuple[int, ...], wider: float = 0.0) -> Iterator[QPixmap]:
    renderer = QSvgRenderer(QByteArray(svg))
    for size in sizes:
        pixmap = QPixmap(round(size * (1 + wider)), size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        renderer.render(painter, QRectF(0, 0, size, size))
        painter.end()
        yield pixmap
