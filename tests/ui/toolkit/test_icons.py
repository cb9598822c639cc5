import re
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon, QPixmap, QPixmapCache
from PySide6.QtWidgets import QApplication, QPushButton

from ibconsole.errors import Severity
from ibconsole.resource_files import read_resource
from ibconsole.ui.toolkit.icons import application_icon, icon, severity_icon
from ibconsole.ui.toolkit.theme import Theme

ROOT = Path(__file__).parents[3]
NAMES = sorted(path.stem for path in (ROOT / "resources" / "icons").glob("*.svg"))


@pytest.mark.parametrize("name", NAMES)
def test_icons_have_one_colour_of_the_palette(theme: Theme, name: str) -> None:
    """An icon is drawn in the requested colour only."""
    image = icon(name, theme, "danger", 64).pixmap(64, 64).toImage()

    colours = {
        image.pixelColor(x, y).name()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    }
    assert colours == {theme.colours.danger}


def test_every_icon_in_the_code_exists() -> None:
    """No button is blank because its icon is misspelt."""
    named = set()
    for source in (ROOT / "ibconsole" / "ui").rglob("*.py"):
        text = source.read_text(encoding="utf-8")
        named |= set(re.findall(r'(?:icon|IconButton)\(\s*"([a-z0-9-]+)"', text))
        named |= set(re.findall(r'icon_name(?:: str)? ?= ?"([a-z0-9-]+)"', text))

    assert named
    assert named <= set(NAMES)


def test_icons_come_with_their_licence() -> None:
    """The icons may be distributed, since their licence comes with them."""
    assert b"ISC License" in read_resource("icons/LICENSE")


def test_application_icon(qapp: QApplication) -> None:
    """The program has an icon for the task bar."""
    assert not application_icon().pixmap(256, 256).isNull()


@pytest.mark.parametrize("severity", Severity)
def test_severities_have_icons(theme: Theme, severity: Severity) -> None:
    """A severity is never only a colour: each has an icon, in its colour."""
    image = severity_icon(severity, theme).pixmap(64, 64).toImage()

    pixels = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    assert {one.name() for one in pixels if one.alpha() == 255} == {
        getattr(theme.colours, severity)
    }


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
def test_sharp_at_every_scale(theme: Theme, scale: float) -> None:
    """An icon has as many pixels as the screen shows of it, and its gap is empty."""
    pixmap = icon("play", theme, gap=4).pixmap(QSize(20, 16), scale)
    image = pixmap.toImage()

    assert pixmap.size() == QSize(20, 16) * scale
    assert pixmap.devicePixelRatio() == scale
    gap = range(round(16 * scale) + 1, image.width())
    assert not any(image.pixelColor(x, y).alpha() for x in gap for y in range(image.height()))
    assert any(image.pixelColor(x, image.height() // 2).alpha() for x in range(image.width()))


def test_disabled_icons_are_faint(theme: Theme) -> None:
    """A button that cannot be used now has a faint icon."""
    image = icon("play", theme).pixmap(QSize(64, 64), 1.0, QIcon.Mode.Disabled).toImage()

    solid = [image.pixelColor(x, y) for x in range(64) for y in range(64)]
    assert {one.name() for one in solid if one.alpha() == 255} == {theme.colours.faint}


def test_rendered_when_painted(qapp: QApplication, theme: Theme) -> None:
    """The start of the window does not wait for icons that are not visible."""
    QPixmapCache.clear()
    button = QPushButton()
    button.setIcon(icon("play", theme))
    key = f"play:{theme.colours.text}:{theme.colours.faint}:0.0:Normal:16:16"

    assert not QPixmapCache.find(key, QPixmap())

    button.setIconSize(QSize(16, 16))
    button.grab()
    assert QPixmapCache.find(key, QPixmap())
