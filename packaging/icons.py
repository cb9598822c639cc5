"""Renders every icon from resources/ibconsole.svg, in the formats of the three systems."""

import os
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PIL import Image
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)
_WINDOWS = (16, 24, 32, 48, 64, 128, 256)
_MACOS = (32, 64, 128, 256, 512, 1024)


def draw(drawing: Path, folder: Path, sizes: Sequence[int] = SIZES) -> dict[int, Path]:
    """Render PNG files named by their size; each is drawn at its size, none is scaled."""
    folder.mkdir(parents=True, exist_ok=True)
    app = QGuiApplication.instance() or QGuiApplication([])
    renderer = QSvgRenderer(str(drawing))
    pictures = {}
    for size in sizes:
        image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        renderer.render(painter, QRectF(0, 0, size, size))
        painter.end()
        pictures[size] = folder / f"{size}.png"
        if not image.save(str(pictures[size])):
            raise OSError(f"{pictures[size]} cannot be written.")
    del app
    return pictures


def draw_for_windows(drawing: Path, folder: Path) -> Path:
    """Render one .ico with all sizes."""
    return _combine(draw(drawing, folder, _WINDOWS), folder / "ibconsole.ico")


def draw_for_macos(drawing: Path, folder: Path) -> Path:
    """Render one .icns with all sizes."""
    return _combine(draw(drawing, folder, _MACOS), folder / "ibconsole.icns")


def _combine(pictures: dict[int, Path], target: Path) -> Path:
    images = [Image.open(path) for _, path in sorted(pictures.items(), reverse=True)]
    sizes = [(size, size) for size in sorted(pictures)]
    options = {"sizes": sizes} if target.suffix == ".ico" else {}
    images[0].save(target, append_images=images[1:], **options)
    return target
