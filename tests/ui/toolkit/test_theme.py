import re
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QTableView, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ibconsole.errors import Severity
from ibconsole.resource_files import read_resource
from ibconsole.services.connections.connection import COLOURS
from ibconsole.ui.toolkit.theme import (
    DARK,
    DIM_ALPHA,
    LIGHT,
    Colours,
    Scheme,
    Theme,
    base_font,
    contrast,
    mono_font,
    set_property,
)

BACKGROUNDS = ("window", "surface", "raised")
SIGNS = ("ok", "warning", "danger", "info")
LISTS = ("surface", "raised", "selection", "selection_idle")
MARKS = tuple(f"mark_{name}" for name in COLOURS)
MARKED = ("violet", "neutral", *SIGNS)  # rows of a list, with all colours of their texts
PAIRS = {
    *(("text", back) for back in (*BACKGROUNDS, "hover", "selection", "selection_idle")),
    *(("muted", back) for back in (*BACKGROUNDS, *LISTS, "neutral_soft", "hover")),
    *((word, back) for word in SIGNS for back in (*BACKGROUNDS, *LISTS)),
    *((word, f"{word}_soft") for word in SIGNS),
    *(("text", f"{word}_soft") for word in SIGNS),
    *((word, f"{row}_soft") for word in ("text", "muted", "warning") for row in MARKED),
    *((f"json_{word}", "surface") for word in ("key", "text", "number", "word")),
    *(("accent", back) for back in (*BACKGROUNDS, *LISTS)),
    ("on_accent", "accent"),
    ("on_accent", "accent_hover"),
    ("on_match", "match"),
    ("surface", "danger"),
}
# Focus rings, borders of inputs and check boxes, marks and icons.
RINGS = {
    ("on_accent", "accent"),
    *(("accent", back) for back in (*BACKGROUNDS, "hover", "border")),
}
EDGES = {("field", back) for back in BACKGROUNDS}
COLOUR_MARKS = {(mark, back) for mark in MARKS for back in (*BACKGROUNDS, "selection", "hover")}
STATES = {(word, back) for word in (*SIGNS, "muted") for back in (*BACKGROUNDS, "hover")}
PALETTES = pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])


@PALETTES
@pytest.mark.parametrize(("front", "back"), sorted(PAIRS))
def test_text_is_readable(colours: Colours, front: str, back: str) -> None:
    """Every text has a contrast of at least 4.5 to its background, in both palettes."""
    assert contrast(getattr(colours, front), getattr(colours, back)) >= 4.5


@PALETTES
@pytest.mark.parametrize(("front", "back"), sorted(RINGS | EDGES | COLOUR_MARKS | STATES))
def test_marks_are_visible(colours: Colours, front: str, back: str) -> None:
    """Marks, icons and borders with a meaning have a contrast of at least 3, in both palettes."""
    assert contrast(getattr(colours, front), getattr(colours, back)) >= 3


@PALETTES
def test_dimmed_text_is_readable(colours: Colours) -> None:
    """Outdated content is dimmed, and can be read all the same."""

    def part(channel: int) -> int:
        above, below = QColor(colours.surface).getRgb(), QColor(colours.text).getRgb()
        share = DIM_ALPHA / 255
        return round(int(above[channel]) * share + int(below[channel]) * (1 - share))

    dimmed = QColor(part(0), part(1), part(2)).name()
    assert contrast(dimmed, colours.surface) >= 4.5


def rules() -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the selectors of the style sheet, with the names of their colours by property."""
    sheet = read_resource("ibconsole.qss").decode()
    for selectors, body in re.findall(r"([^{}]+)\{([^}]*)\}", sheet):
        colours = dict(re.findall(r"([\w-]*(?:color|background)):\s*\$(\w+)", body))
        for selector in selectors.split(","):
            yield selector.strip(), colours


@pytest.mark.parametrize(("selector", "colours"), [(s, c) for s, c in rules() if "color" in c])
def test_text_in_the_style_sheet_is_readable(selector: str, colours: dict[str, str]) -> None:
    """Every text colour in the style sheet is checked against its background.

    Disabled controls are exempt, as in WCAG: low contrast shows that they cannot be used.
    Tooltips and the palette give the reason.
    """
    if ":disabled" in selector:
        assert colours["color"] == "faint"
        return
    background = colours.get("background")
    backgrounds = [background] if background else BACKGROUNDS
    assert {(colours["color"], one) for one in backgrounds} <= PAIRS


@pytest.mark.parametrize(("selector", "colours"), [(s, c) for s, c in rules() if "background" in c])
def test_controls_under_the_pointer_are_readable(selector: str, colours: dict[str, str]) -> None:
    """If a state changes only the background, the normal text is checked against it."""
    if not re.match(r"Q(Push|Tool)Button", selector) or ":disabled" in selector:
        return
    kind = (re.search(r'kind="(\w+)"', selector) or ["", ""])[1]
    text = {"primary": "on_accent", "danger": "danger"}.get(kind, "text")

    assert (colours.get("color", text), colours["background"]) in PAIRS


def test_every_colour_is_checked() -> None:
    """Every colour of the palette is part of a check, or known to need none."""
    exempt = {"faint", "border", "outline", "accent_hover"}
    checked = {one for pair in PAIRS | EDGES for one in pair} | exempt

    assert {name for name in Colours.__struct_fields__ if not name.startswith("mark_")} <= checked


def test_contrast() -> None:
    """Contrast is defined as in WCAG: 21 for black on white, 1 for equal colours."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#777777") == pytest.approx(1)


def test_a_window_is_styled_with_all_that_belongs_to_it(qapp: QApplication, qtbot: QtBot) -> None:
    """Its parts and dialogs have its style sheet, and follow it; the application has none of it."""
    before = qapp.styleSheet()
    window, part = QWidget(), QLabel()
    qtbot.addWidget(window)
    window.show()
    dialog = QDialog(window)
    theme = Theme(qapp)
    theme.style_only(window)
    theme.apply(Scheme.LIGHT)
    part.setParent(window)
    labels = (part, QLabel(dialog))
    for label in labels:
        label.setProperty("tone", "danger")
    for scheme, colours in ((Scheme.DARK, DARK), (Scheme.LIGHT, LIGHT)):
        theme.apply(scheme)
        for label in labels:
            label.ensurePolished()
            assert label.palette().color(label.foregroundRole()).name() == colours.danger

    assert qapp.styleSheet() == before


def test_several_windows_are_styled(qapp: QApplication, qtbot: QtBot) -> None:
    """A window that is opened later is styled alone; all follow the scheme until they close."""
    theme, windows = Theme(qapp), [QWidget() for _ in range(3)]
    for window in windows[:2]:
        qtbot.addWidget(window)
        theme.style_only(window)
    theme.apply(Scheme.LIGHT)
    theme.style_only(windows[2])
    with qtbot.assertNotEmitted(theme.changed):
        theme.finish(windows[2])
    assert len({one.styleSheet() for one in windows}) == 1

    theme.leave(windows[0])
    theme.apply(Scheme.DARK)
    assert windows[0].styleSheet() != windows[1].styleSheet() == windows[2].styleSheet()
    theme.apply(Scheme.LIGHT)


def test_unknown_is_light(qapp: QApplication) -> None:
    """If the system reports no colour scheme, the window is light."""
    theme = Theme(qapp)

    theme.apply(Scheme.SYSTEM)

    assert not theme.dark


def test_switching_the_scheme(theme: Theme, qapp: QApplication, qtbot: QtBot) -> None:
    """Switching changes every colour at once, and notifies widgets that paint themselves."""
    with qtbot.waitSignal(theme.changed):
        theme.apply(Scheme.DARK)

    assert theme.dark
    assert qapp.palette().window().color().name() == DARK.window


@pytest.mark.parametrize(
    ("scheme", "dark"), [(Scheme.SYSTEM, True), (Scheme.LIGHT, False), (Scheme.DARK, True)]
)
def test_the_system_becomes_dark(qapp: QApplication, scheme: Scheme, *, dark: bool) -> None:
    """The scheme of the system counts only if the user chose to follow it."""
    theme = Theme(qapp)
    theme.apply(scheme)

    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Unknown)

    assert theme.dark is dark


def test_fonts(qapp: QApplication) -> None:
    """The base font has 13 pixels, the monospaced one 12."""
    assert base_font().pixelSize() == 13
    assert mono_font().pixelSize() == 12


def test_the_focused_list_is_highlighted(theme: Theme, qtbot: QtBot) -> None:
    """The list that the keyboard acts on looks different from the others."""
    window = QWidget()
    qtbot.addWidget(window)
    layout = QVBoxLayout(window)
    first, second = QTableView(), QTableView()
    layout.addWidget(first)
    layout.addWidget(second)
    window.show()
    window.activateWindow()

    second.setFocus()

    qtbot.waitUntil(lambda: second.property("focused") == "true")
    assert not first.property("focused")


def test_a_property_restyles_a_widget(theme: Theme, qtbot: QtBot) -> None:
    """Setting a property applies the rules of the style sheet that select by it."""
    label = QLabel("text")
    qtbot.addWidget(label)

    set_property(label, "tone", Severity.DANGER)

    assert label.palette().color(label.foregroundRole()).name() == theme.colours.danger
