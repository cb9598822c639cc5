"""Colours and fonts."""

import re
from collections.abc import Iterator
from dataclasses import fields

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QTableView, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ibconsole.services.connections.connection import COLOURS
from ibconsole.ui.toolkit.theme import (
    DARK,
    LIGHT,
    Colours,
    Scheme,
    Theme,
    base_font,
    contrast,
    mono_font,
    resource,
)

GROUNDS = ("window", "surface", "raised")
SIGNS = ("ok", "warning", "danger", "info")
LISTS = ("surface", "raised", "selection", "selection_idle")
MARKS = tuple(f"mark_{name}" for name in COLOURS)
PAIRS = {
    *(("text", ground) for ground in (*GROUNDS, "hover", "selection", "selection_idle")),
    *(("muted", ground) for ground in (*GROUNDS, *LISTS, "neutral_soft", "hover")),
    *((word, ground) for word in SIGNS for ground in (*GROUNDS, *LISTS)),
    *((word, f"{word}_soft") for word in SIGNS),
    *(("text", f"{word}_soft") for word in SIGNS),
    *((f"json_{word}", "surface") for word in ("key", "text", "number", "word")),
    *(("accent", ground) for ground in (*GROUNDS, *LISTS)),
    ("on_accent", "accent"),
    ("on_accent", "accent_hover"),
    ("surface", "danger"),
}
# Rings of focus, edges of what one can type into or tick, marks and icons.
RINGS = {("on_accent", "accent"), *(("accent", ground) for ground in (*GROUNDS, "hover", "border"))}
EDGES = {("field", ground) for ground in GROUNDS}
COLOUR_MARKS = {(mark, ground) for mark in MARKS for ground in (*GROUNDS, "selection", "hover")}
STATES = {(word, ground) for word in (*SIGNS, "muted") for ground in (*GROUNDS, "hover")}
PALETTES = pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])


@PALETTES
@pytest.mark.parametrize(("front", "back"), sorted(PAIRS))
def test_text_is_readable(colours: Colours, front: str, back: str) -> None:
    """Every text has a contrast of 4.5 to what it stands on, in both palettes."""
    assert contrast(getattr(colours, front), getattr(colours, back)) >= 4.5


@PALETTES
@pytest.mark.parametrize(("front", "back"), sorted(RINGS | EDGES | COLOUR_MARKS | STATES))
def test_marks_are_seen(colours: Colours, front: str, back: str) -> None:
    """What has a meaning without being text has a contrast of 3, in both palettes."""
    assert contrast(getattr(colours, front), getattr(colours, back)) >= 3


def rules() -> Iterator[tuple[str, dict[str, str]]]:
    """The selectors of the style sheet, each with the names of its colours by property."""
    sheet = resource("ibconsole.qss").decode()
    for selectors, body in re.findall(r"([^{}]+)\{([^}]*)\}", sheet):
        colours = dict(re.findall(r"([\w-]*(?:color|background)):\s*\$(\w+)", body))
        for selector in selectors.split(","):
            yield selector.strip(), colours


@pytest.mark.parametrize(("selector", "colours"), [(s, c) for s, c in rules() if "color" in c])
def test_the_style_sheet_writes_readably(selector: str, colours: dict[str, str]) -> None:
    """Every colour of text in the style sheet is proved against the ground that goes with it.

    Disabled controls are exempt, as WCAG has it: less contrast is how one sees that they
    cannot be used. Their reasons are said in tooltips and in the palette.
    """
    if ":disabled" in selector:
        assert colours["color"] == "faint"
        return
    ground = colours.get("background")
    grounds = [ground] if ground else GROUNDS
    assert {(colours["color"], one) for one in grounds} <= PAIRS


@pytest.mark.parametrize(("selector", "colours"), [(s, c) for s, c in rules() if "background" in c])
def test_controls_under_the_pointer_are_readable(selector: str, colours: dict[str, str]) -> None:
    """Where a state changes the ground alone, the control's own text is proved against it."""
    if not re.match(r"Q(Push|Tool)Button", selector) or ":disabled" in selector:
        return
    kind = (re.search(r'kind="(\w+)"', selector) or ["", ""])[1]
    text = {"primary": "on_accent", "danger": "danger"}.get(kind, "text")

    assert (colours.get("color", text), colours["background"]) in PAIRS


def test_every_colour_is_judged() -> None:
    """A colour that is added is a text's, a ground's, a mark's, or known to be neither."""
    neither = {"faint", "border", "outline", "accent_hover"}
    judged = {one for pair in PAIRS | EDGES for one in pair} | neither

    assert {f.name for f in fields(Colours) if not f.name.startswith("mark_")} <= judged


def test_contrast() -> None:
    """Contrast is that of WCAG: 21 for black on white, 1 for a colour on itself."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#777777") == pytest.approx(1)


def test_unknown_is_light(qapp: QApplication) -> None:
    """Where the system does not say which colours it has, the window is light."""
    theme = Theme(qapp)

    theme.apply(Scheme.SYSTEM)

    assert not theme.dark


def test_switching(theme: Theme, qapp: QApplication, qtbot: QtBot) -> None:
    """The user's choice changes every colour at once, and tells those who draw themselves."""
    with qtbot.waitSignal(theme.changed):
        theme.apply(Scheme.DARK)

    assert theme.dark
    assert qapp.palette().window().color().name() == DARK.window


@pytest.mark.parametrize(
    ("chosen", "dark"), [(Scheme.SYSTEM, True), (Scheme.LIGHT, False), (Scheme.DARK, True)]
)
def test_system_turns_dark(qapp: QApplication, chosen: Scheme, *, dark: bool) -> None:
    """The system's scheme counts only for those who want to follow it."""
    theme = Theme(qapp)
    theme.apply(chosen)

    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Unknown)

    assert theme.dark is dark


def test_fonts(qapp: QApplication) -> None:
    """The base font has 13 pixels, and monospaced means it."""
    assert base_font().pixelSize() == 13
    assert mono_font().pixelSize() == 12


def test_list_with_focus_is_lit(theme: Theme, qtbot: QtBot) -> None:
    """One sees which list the keyboard acts on."""
    window = QWidget()
    qtbot.addWidget(window)
    layout = QVBoxLayout(window)
    first, second = QTableView(), QTableView()
    layout.addWidget(first)
    layout.addWidget(second)
    window.show()
    window.activateWindow()

    second.setFocus()

    qtbot.waitUntil(lambda: second.property("lit") == "true")
    assert not first.property("lit")
