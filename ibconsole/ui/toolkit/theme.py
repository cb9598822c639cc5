"""Colours, spacing, fonts, the style sheet, and the resource files that come with the program.

The only place for each of them. Qt's Fusion style with palettes of the program: the native
styles differ in what they do about dark mode, and `setColorScheme` alone has no effect on
many Linux desktops.
"""

from collections.abc import Sequence
from enum import StrEnum
from string import Template

import msgspec
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QAbstractItemView, QApplication, QWidget

from ibconsole.resource_files import read_resource, resource_folder

SPACE = 4
ROW_HEIGHT = 26
BASE_PIXELS = 13
MONO_PIXELS = 12
# Of the surface over content that is outdated, from 0 to 255: it stays readable.
DIM_ALPHA = 90


class Scheme(StrEnum):
    """The colour scheme that the user chose."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Colours(msgspec.Struct, frozen=True):
    """A palette; each colour is written as #rrggbb.

    `window` is the background of the window, `surface` that of lists and text, `raised` that
    of buttons and menus, `hover` that of the item under the pointer. `muted` is the colour of
    secondary text, `faint` that of disabled controls, the only one that may have low contrast.
    `field` is the border of inputs and check boxes, `outline` that of labelled buttons,
    `border` the line between areas; `match` is the background of what was searched for; `mark_…`
    are the colours of connections, by the names in `COLOURS` of `services.connections`.
    """

    window: str
    surface: str
    raised: str
    hover: str
    text: str
    muted: str
    faint: str
    border: str
    outline: str
    field: str
    accent: str
    accent_hover: str
    on_accent: str
    selection: str
    selection_idle: str
    ok: str
    warning: str
    danger: str
    info: str
    ok_soft: str
    warning_soft: str
    danger_soft: str
    info_soft: str
    neutral_soft: str
    violet_soft: str
    match: str
    on_match: str
    json_key: str
    json_text: str
    json_number: str
    json_word: str
    mark_blue: str
    mark_teal: str
    mark_green: str
    mark_amber: str
    mark_orange: str
    mark_red: str
    mark_pink: str
    mark_violet: str


LIGHT = Colours(
    window="#f4f5f7",
    surface="#ffffff",
    raised="#ffffff",
    hover="#e9ebef",
    text="#1a1d23",
    muted="#5a6270",
    faint="#a3a9b3",
    border="#dcdfe5",
    outline="#c2c7d0",
    field="#808793",
    accent="#3457d5",
    accent_hover="#2a48b8",
    on_accent="#ffffff",
    selection="#dbe4ff",
    selection_idle="#e6e8ed",
    ok="#13713f",
    warning="#855200",
    danger="#b8232a",
    info="#1d5cae",
    ok_soft="#e0f3e8",
    warning_soft="#fcefd2",
    danger_soft="#fde7e7",
    info_soft="#e3edfb",
    neutral_soft="#e9ebef",
    violet_soft="#ece4fd",
    match="#ffdc6b",
    on_match="#1a1d23",
    json_key="#1d5cae",
    json_text="#13713f",
    json_number="#8a3ab0",
    json_word="#a34a00",
    mark_blue="#3457d5",
    mark_teal="#0b7a70",
    mark_green="#3f7d1c",
    mark_amber="#9a6b00",
    mark_orange="#c2500c",
    mark_red="#c02129",
    mark_pink="#c0287a",
    mark_violet="#7c3aed",
)
DARK = Colours(
    window="#1d1f24",
    surface="#16181c",
    raised="#2a2d34",
    hover="#2b2e36",
    text="#e3e6eb",
    muted="#9ca4b1",
    faint="#666d79",
    border="#32363e",
    outline="#474c57",
    field="#767d8b",
    accent="#7f9fff",
    accent_hover="#9ab3ff",
    on_accent="#0d1220",
    selection="#26355c",
    selection_idle="#2d3039",
    ok="#56c58a",
    warning="#e0ad4c",
    danger="#ff8b85",
    info="#7fb4f5",
    ok_soft="#18301f",
    warning_soft="#352a12",
    danger_soft="#3f1f20",
    info_soft="#1a2b42",
    neutral_soft="#2b2e36",
    violet_soft="#2e2346",
    match="#7a5c00",
    on_match="#fff6dc",
    json_key="#7fb4f5",
    json_text="#7ccb9c",
    json_number="#d09cf0",
    json_word="#e6a56b",
    mark_blue="#7f9fff",
    mark_teal="#3fc4b4",
    mark_green="#86c95a",
    mark_amber="#e0b13c",
    mark_orange="#f0904a",
    mark_red="#ff7f7a",
    mark_pink="#f27bb8",
    mark_violet="#b493ff",
)


class Theme(QObject):
    """The current look of the application; `changed` is for widgets that paint themselves."""

    changed = Signal()

    def __init__(self, application: QApplication, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._application = application
        self._styled: list[QApplication | QWidget] = [application]
        self.scheme = Scheme.SYSTEM
        self.colours = LIGHT
        application.setStyle("Fusion")
        hints = application.styleHints()
        self._system_is_dark = hints.colorScheme() == Qt.ColorScheme.Dark
        hints.colorSchemeChanged.connect(self._on_color_scheme_changed)
        application.focusChanged.connect(self._on_focus_changed)

    @property
    def dark(self) -> bool:
        """True if the dark palette is in use."""
        return self.colours is DARK

    def connection_colour(self, name: str) -> QColor:
        """Return the colour of a connection's mark; grey for an unknown or empty name."""
        return QColor(getattr(self.colours, f"mark_{name}", self.colours.muted))

    def style_only(self, window: QWidget) -> None:
        """Set the style sheet of this window, whose dialogs and menus inherit it, from now on.

        It may be one of several. That of the application is not set then: Qt applies it to widgets
        without a parent as well, and again with each layout that they are placed in: it takes four
        times as long to build a pane.
        """
        self._styled = [*self._windows, window]

    def finish(self, window: QWidget) -> None:
        """Style a window that is built with the present colours; the others have them already."""
        self._style((window,))

    def leave(self, window: QWidget) -> None:
        """Forget a window that is closed."""
        self._styled = [one for one in self._windows if one is not window]

    @property
    def _windows(self) -> list[QApplication | QWidget]:
        return [one for one in self._styled if one is not self._application]

    def prepare(self, scheme: Scheme) -> None:
        """Set colours and fonts before the first widget exists; call `apply` afterwards."""
        self._set_scheme(scheme)
        self._set_fonts_and_palette()

    def apply(self, scheme: Scheme) -> None:
        """Switch all widgets to a scheme."""
        self._set_scheme(scheme)
        self._apply_style_sheet()

    def _set_scheme(self, scheme: Scheme) -> None:
        self.scheme = scheme
        hints = self._application.styleHints()
        # Title bars and native dialogs follow this hint where the platform supports it.
        match scheme:
            case Scheme.SYSTEM:
                hints.unsetColorScheme()
                # Emits no signal if the system's scheme equals the one that was set before.
                self._system_is_dark = hints.colorScheme() == Qt.ColorScheme.Dark
            case Scheme.LIGHT:
                hints.setColorScheme(Qt.ColorScheme.Light)
            case Scheme.DARK:
                hints.setColorScheme(Qt.ColorScheme.Dark)

    def _set_fonts_and_palette(self) -> None:
        self.colours = DARK if self._wants_dark() else LIGHT
        self._application.setFont(base_font())
        self._application.setPalette(palette(self.colours))

    def _apply_style_sheet(self) -> None:
        self._style(self._styled)
        self.changed.emit()

    def _style(self, windows: Sequence[QApplication | QWidget]) -> None:
        self.colours = DARK if self._wants_dark() else LIGHT
        sheet = style_sheet(self.colours)
        # A new style sheet polishes every widget again: 2 ms for each 10 of them.
        if outdated := [one for one in windows if one.styleSheet() != sheet]:
            self._set_fonts_and_palette()
        for one in outdated:
            one.setStyleSheet(sheet)

    def _wants_dark(self) -> bool:
        if self.scheme is Scheme.SYSTEM:
            return self._system_is_dark
        return self.scheme is Scheme.DARK

    def _on_color_scheme_changed(self, scheme: Qt.ColorScheme) -> None:
        # While the program has set a scheme, Qt reports that one as the system's.
        if self.scheme is Scheme.SYSTEM and scheme != Qt.ColorScheme.Unknown:
            self._system_is_dark = scheme == Qt.ColorScheme.Dark
            self._apply_style_sheet()

    def _on_focus_changed(self, left: QWidget | None, entered: QWidget | None) -> None:
        # An item view evaluates `:focus` only once, when it is polished.
        for widget, focused in ((left, ""), (entered, "true")):
            if isinstance(widget, QAbstractItemView):
                set_property(widget, "focused", focused)


def set_property(widget: QWidget, name: str, value: str) -> None:
    """Set a property that the style sheet selects by, and restyle the widget."""
    # A StrEnum would be stored as a Python object, which no selector matches.
    value = str(value)
    if (widget.property(name) or "") == value:
        return
    widget.setProperty(name, value)
    # Qt evaluates property selectors only when a widget is polished.
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def base_font() -> QFont:
    """Return the system font at 13 px, with digits of equal width."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    font.setPixelSize(BASE_PIXELS)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def mono_font() -> QFont:
    """Return the system's monospaced font at 12 px, for keys, URLs and JSON."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPixelSize(MONO_PIXELS)
    font.setStyleHint(QFont.StyleHint.Monospace)
    return font


def strong_font() -> QFont:
    """Return the base font in a heavier weight, for titles."""
    font = base_font()
    font.setWeight(QFont.Weight.DemiBold)
    return font


def small_font() -> QFont:
    """Return the base font, smaller and heavier, for badges."""
    font = strong_font()
    font.setPixelSize(BASE_PIXELS - 2)
    return font


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    rgb = QColor(colour)
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (rgb.redF(), rgb.greenF(), rgb.blueF())
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def palette(colours: Colours) -> QPalette:
    """Return the palette for what the style sheet leaves to Fusion."""
    role = QPalette.ColorRole
    roles = {
        role.Window: colours.window,
        role.WindowText: colours.text,
        role.Base: colours.surface,
        role.AlternateBase: colours.window,
        role.Text: colours.text,
        role.Button: colours.raised,
        role.ButtonText: colours.text,
        role.BrightText: colours.on_accent,
        role.ToolTipBase: colours.raised,
        role.ToolTipText: colours.text,
        role.PlaceholderText: colours.muted,
        role.Highlight: colours.selection,
        role.HighlightedText: colours.text,
        role.Accent: colours.accent,
        role.Link: colours.accent,
        role.LinkVisited: colours.accent,
        role.Light: colours.raised,
        role.Midlight: colours.hover,
        role.Mid: colours.border,
        role.Dark: colours.outline,
        role.Shadow: colours.outline,
    }
    result = QPalette()
    for name, colour in roles.items():
        result.setColor(name, QColor(colour))
    for name in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        result.setColor(QPalette.ColorGroup.Disabled, name, QColor(colours.faint))
    return result


def style_sheet(colours: Colours) -> str:
    """Return the style sheet, filled with a palette."""
    template = Template(read_resource("ibconsole.qss").decode())
    values = {name: getattr(colours, name) for name in colours.__struct_fields__}
    controls, tint = resource_folder("controls").as_posix(), "dark" if colours is DARK else "light"
    return template.substitute(values, controls=controls, tint=tint)
