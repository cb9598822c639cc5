"""Colours and fonts."""

from dataclasses import fields

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QTableView, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ibconsole.services import COLOURS
from ibconsole.ui.theme import DARK, LIGHT, Colours, Scheme, Theme, base_font, contrast, mono_font

GROUNDS = ("window", "surface", "raised")
PAIRS = [
    *(("text", ground) for ground in (*GROUNDS, "hover", "selection", "selection_idle")),
    *(("muted", ground) for ground in (*GROUNDS, "neutral_soft")),
    *((word, ground) for word in ("ok", "warning", "danger", "info") for ground in GROUNDS),
    *((word, f"{word}_soft") for word in ("ok", "warning", "danger", "info")),
    *(("text", f"{word}_soft") for word in ("ok", "warning", "danger", "info")),
    *((f"json_{word}", "surface") for word in ("key", "text", "number", "word")),
    ("on_accent", "accent"),
    ("on_accent", "accent_hover"),
    ("accent", "window"),
    ("surface", "danger"),
]


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "back"), PAIRS)
def test_text_is_readable(colours: Colours, front: str, back: str) -> None:
    """Every text has a contrast of 4.5 to what it stands on, in both palettes."""
    assert contrast(getattr(colours, front), getattr(colours, back)) >= 4.5


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("name", COLOURS)
def test_marks_are_seen(colours: Colours, name: str) -> None:
    """The mark of a connection has a contrast of 3, as WCAG asks of what is no text."""
    for ground in GROUNDS:
        assert contrast(getattr(colours, f"mark_{name}"), getattr(colours, ground)) >= 3


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_the_focus_is_seen(colours: Colours) -> None:
    """The ring around what has the focus has a contrast of 3 to what it lies on."""
    for ring, ground in (("accent", "window"), ("accent", "surface"), ("on_accent", "accent")):
        assert contrast(getattr(colours, ring), getattr(colours, ground)) >= 3


def test_every_colour_is_judged() -> None:
    """A colour that is added is a text's, a ground's, a mark's, or known to be neither."""
    neither = {"faint", "border", "outline", "accent_hover"}
    judged = {one for pair in PAIRS for one in pair} | neither

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
