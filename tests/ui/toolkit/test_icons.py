import re
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

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
