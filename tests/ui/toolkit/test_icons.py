"""Icons and the files that come with the program."""

import re
from importlib.resources import files
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from ibconsole.ui.toolkit.icons import application_icon, icon
from ibconsole.ui.toolkit.theme import Theme, resource

ROOT = Path(__file__).parents[3]
NAMES = sorted(path.stem for path in (ROOT / "resources" / "icons").glob("*.svg"))


@pytest.mark.parametrize("name", NAMES)
def test_icons_are_drawn_in_the_palettes_colour(theme: Theme, name: str) -> None:
    """An icon has the colour it is asked for, and nothing but that."""
    image = icon(name, theme, "danger", 64).pixmap(64, 64).toImage()

    colours = {
        image.pixelColor(x, y).name()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    }
    assert colours == {theme.colours.danger}


def test_every_icon_that_is_named_is_there() -> None:
    """No button is blank because of a misspelt name."""
    named = set()
    for source in (ROOT / "ibconsole" / "ui").rglob("*.py"):
        text = source.read_text(encoding="utf-8")
        named |= set(re.findall(r'(?:icon|IconButton)\(\s*"([a-z0-9-]+)"', text))
        named |= set(re.findall(r'icon_name(?:: str)? ?= ?"([a-z0-9-]+)"', text))

    assert named
    assert named <= set(NAMES)


def test_icons_come_with_their_licence() -> None:
    """The icons may be passed on, as their licence goes with them."""
    assert b"ISC License" in resource("icons/LICENSE")


def test_application_icon(qapp: QApplication) -> None:
    """The program has a picture of its own for the task bar."""
    assert not application_icon().pixmap(256, 256).isNull()


def test_resources_of_a_checkout() -> None:
    """A checkout finds its files beside the package, an installed program inside it."""
    installed = files("ibconsole") / "resources"

    assert installed.is_dir() or (ROOT / "resources").is_dir()
    assert resource("ibconsole.svg").startswith(b"<svg")
