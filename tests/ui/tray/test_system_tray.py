"""The icon in the tray, which is drawn here without a tray."""

from PySide6.QtWidgets import QSystemTrayIcon
from pytestqt.qtbot import QtBot

from ibconsole.ui.toolkit.status_text import Indicator, StatusText
from ibconsole.ui.toolkit.theme import Scheme, Theme
from ibconsole.ui.tray.system_tray import SystemTray


def states(indicator: Indicator) -> list[StatusText]:
    return [StatusText(Indicator.OFF, "A & B."), StatusText(indicator, f"It is {indicator}.")]


def test_states_differ_by_shape(theme: Theme) -> None:
    """In each scheme each state has a mark of its own, also for those who see no colours."""
    tray = SystemTray(theme)
    for scheme in (Scheme.LIGHT, Scheme.DARK):
        theme.apply(scheme)
        shapes = set()
        for indicator in Indicator:
            tray.show_states(states(indicator))
            image = tray.icon.icon().pixmap(22, 22).toImage()
            ground = theme.colours.surface
            pixels = ((x, y) for x in range(11, 22) for y in range(11, 22))
            shapes.add(frozenset(p for p in pixels if image.pixelColor(*p).name() == ground))
        assert len(shapes) == len(Indicator)


def test_the_menu_shows_and_quits(theme: Theme, qtbot: QtBot) -> None:
    """Between its two commands it has a line for each state, which cannot be chosen."""
    tray = SystemTray(theme)
    tray.show_states(states(Indicator.OK))
    first = tray.menu.actions()
    tray.show_states(states(Indicator.DANGER))

    texts = [one.text() for one in tray.menu.actions()]
    assert texts == ["Show ibconsole", "", "A && B.", "It is danger.", "", "Quit"]
    assert [one.isEnabled() for one in tray.menu.actions()][2:4] == [False, False]
    assert tray.menu.actions() == first  # it may be open while a line changes
    assert tray.icon.toolTip() == "It is danger.\nA & B."
    with qtbot.waitSignals([tray.show_requested, tray.quit_requested]):
        first[0].trigger()
        first[-1].trigger()
    with qtbot.waitSignal(tray.show_requested):
        tray.icon.activated.emit(QSystemTrayIcon.ActivationReason.Trigger)
    with qtbot.assertNotEmitted(tray.show_requested):
        tray.icon.activated.emit(QSystemTrayIcon.ActivationReason.Context)

    tray.show_states([*states(Indicator.OK), *states(Indicator.OK)])
    assert len(tray.menu.actions()) == 8
    if not tray.is_available:  # as off screen
        assert not tray.icon.isVisible()
        assert tray.notify("Title", "Text") is QSystemTrayIcon.supportsMessages()
    tray.hide()
