"""The whole window and every dialog, for those who do not see it or have no mouse."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from ibconsole.archive.records import Filter, RetentionPolicy
from ibconsole.model.application import ActionDraft, read_application
from ibconsole.services.connections.connection import Connection
from ibconsole.services.connections.vault import KeyringBackend
from ibconsole.services.console.console import Console
from ibconsole.services.doctor.keyring import KeyringDiagnosis
from ibconsole.services.messages.async_reader import AsyncReader
from ibconsole.services.runtime.paths import Paths
from ibconsole.services.runtime.status import ConnectionStatus, Status
from ibconsole.ui.connections.connection_dialog import ConnectionDialog
from ibconsole.ui.connections.connections_dialog import ConnectionsDialog
from ibconsole.ui.connections.keyring_doctor import KeyringDoctorDialog
from ibconsole.ui.connections.remove_dialog import RemoveConnectionDialog
from ibconsole.ui.messages.export_dialog import ExportDialog
from ibconsole.ui.messages.retention_dialog import RetentionDialog
from ibconsole.ui.palette.palette import Palette
from ibconsole.ui.setup.action_dialog import ActionPlace, NewActionDialog
from ibconsole.ui.setup.look_up_dialog import LookUpDialog
from ibconsole.ui.setup.panes import RawDialog
from ibconsole.ui.shell.about_dialog import AboutDialog
from ibconsole.ui.shell.error_dialogs import UnexpectedDialog
from ibconsole.ui.shell.failure_log import FailureLog
from ibconsole.ui.shell.failures_dialog import FailuresDialog
from ibconsole.ui.shell.main_window import MainWindow
from ibconsole.ui.shell.shortcuts_dialog import ShortcutsDialog
from ibconsole.ui.shell.window_state import WindowState
from ibconsole.ui.toolkit.commands import Command, Group
from ibconsole.ui.toolkit.theme import Scheme, Theme
from ibconsole.ui.widgets.confirm import ConfirmDialog, Question
from ibconsole.ui.widgets.progress_dialog import WorkDialog

CONTROLS = (
    QAbstractButton,
    QLineEdit,
    QComboBox,
    QAbstractSpinBox,
    QAbstractItemView,
    QPlainTextEdit,
)
ROLES = {
    QAbstractButton: {
        QAccessible.Role.Button,
        QAccessible.Role.ButtonMenu,
        QAccessible.Role.CheckBox,
        QAccessible.Role.RadioButton,
    },
    QLineEdit: {QAccessible.Role.EditableText},
    QComboBox: {QAccessible.Role.ComboBox},
    QAbstractSpinBox: {QAccessible.Role.SpinBox},
    QAbstractItemView: {
        QAccessible.Role.Table,
        QAccessible.Role.List,
        QAccessible.Role.Tree,
    },
    QPlainTextEdit: {QAccessible.Role.EditableText, QAccessible.Role.StaticText},
}
CONNECTION = Connection("", "Acme", "https://xxxxx.api.infobip.com")


@pytest.fixture
async def window(theme: Theme, qtbot: QtBot, tmp_path: Path) -> AsyncIterator[MainWindow]:
    places = Paths(tmp_path)
    async with Console(places), AsyncReader(places.archive) as browsing:
        window = MainWindow(browsing, theme, WindowState(places.window))
        qtbot.addWidget(window)
        window.show()
        yield window
        window.close()


def dialogs(theme: Theme) -> Iterator[QDialog]:
    place = ActionPlace("Bora Bank", "key", listener_url="http://127.0.0.1:1/x")
    yield AboutDialog({"Data": Path("/data")}, {}, theme)
    yield ConfirmDialog(Question("Delete?", "It goes.", "Delete", typed="Acme"), theme)
    yield ConnectionDialog(CONNECTION, theme, new=True)
    yield ConnectionsDialog(theme)
    yield ExportDialog(Filter(text="x"), 3, theme)
    yield FailuresDialog(FailureLog(), theme, None)
    doctor = KeyringDoctorDialog(theme)
    doctor.show_diagnosis(
        KeyringDiagnosis("linux", KeyringBackend("Secret Service", "keyring"), (), ())
    )
    yield doctor
    yield LookUpDialog(theme)
    yield NewActionDialog(place, theme, draft=ActionDraft(type="HTTP_FORWARD"))
    yield RawDialog("Bora Bank", {"a": 1}, theme)
    yield RemoveConnectionDialog(CONNECTION, 3, theme)
    yield RetentionDialog(RetentionPolicy(days=1), theme)
    yield ShortcutsDialog((), theme)
    yield UnexpectedDialog("Task: load", theme, logs=Path("/logs"))
    yield WorkDialog("Verify the archive", "It changes nothing.", theme)


def controls(top: QWidget) -> Iterator[QWidget]:
    """What one can act on; not the parts that Qt makes its own controls of."""
    for widget in top.findChildren(QWidget):
        inner = widget.objectName().startswith("qt_") or isinstance(
            widget.parent(), QAbstractSpinBox | QTabBar | QLineEdit | QAbstractItemView
        )
        above = widget.parent()
        inner |= above is not None and isinstance(above.parent(), QComboBox)
        # A button that waits for its words is out of sight until it has them.
        waits = isinstance(widget, QAbstractButton) and not widget.text() and widget.icon().isNull()
        if isinstance(widget, CONTROLS) and not inner and not waits:
            yield widget


def name_and_role(widget: QWidget) -> tuple[str, QAccessible.Role]:
    interface = QAccessible.queryAccessibleInterface(widget)
    assert interface is not None
    return interface.text(QAccessible.Text.Name), interface.role()


def unnamed(top: QWidget) -> list[str]:
    """The controls without a name, or with a role that says something else."""
    found = []
    for widget in controls(top):
        name, role = name_and_role(widget)
        expected = next(roles for kind, roles in ROLES.items() if isinstance(widget, kind))
        if not name.strip() or role not in expected:
            above = type(widget.parentWidget()).__name__
            found.append(f"{type(widget).__name__} in {above}: {name!r}, {role}")
    return found


async def test_every_control_of_the_window_has_a_name(window: MainWindow) -> None:
    """A screen reader can say what each of them is."""
    assert len(list(controls(window))) > 40
    assert unnamed(window) == []


def test_every_control_of_the_dialogs_has_a_name(theme: Theme, qtbot: QtBot) -> None:
    """So it is in every dialog; each has a title."""
    for dialog in dialogs(theme):
        qtbot.addWidget(dialog)
        assert dialog.windowTitle(), type(dialog)
        assert unnamed(dialog) == [], type(dialog)


def test_dialogs_can_be_left_by_the_keyboard(theme: Theme, qtbot: QtBot) -> None:
    """Escape leaves every one of them, and leaves everything as it was."""
    for dialog in dialogs(theme):
        left: list[int] = []
        dialog.finished.connect(left.append)
        dialog.open()
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
        assert left == [QDialog.DialogCode.Rejected.value], type(dialog)


async def test_tab_reaches_every_control_in_sight(window: MainWindow) -> None:
    """From the first to the last and round again, and nothing takes the focus twice."""
    switch = Command("Open connection…", Group.CONNECTION, lambda: None, parent=window)
    window.bar.follow(switch, switch, switch)
    start = window.bar.finder
    order, widget = [start], start.nextInFocusChain()
    while widget is not start:
        assert widget is not None
        order.append(widget)  # type: ignore[arg-type]
        widget = widget.nextInFocusChain()
    reached = [one for one in order if one.focusPolicy() & Qt.FocusPolicy.TabFocus]
    seen = [one for one in controls(window) if one.isVisible() and one.isEnabled()]
    mouse_only = [one for one in seen if one not in reached]

    assert len(set(map(id, order))) == len(order)
    assert [f"{type(one).__name__} {name_and_role(one)[0]}" for one in mouse_only] == []


def focusable(top: QWidget) -> list[QWidget]:
    """What Tab can go to now: the controls, and the tabs of tab widgets."""
    bars = [bar for bar in top.findChildren(QTabBar) if bar.isVisible()]
    return [
        one
        for one in (*controls(top), *bars)
        if one.isVisible() and one.isEnabled() and one.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]


def unlit(top: QWidget) -> list[str]:
    """What looks the same with the focus as without it."""
    found = []
    shown = focusable(top)
    for widget in shown:
        elsewhere = next(one for one in shown if one is not widget)
        elsewhere.setFocus(Qt.FocusReason.TabFocusReason)
        before = widget.grab().toImage()
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        assert widget.hasFocus(), name_and_role(widget)
        if widget.grab().toImage() == before:
            found.append(f"{type(widget).__name__} {name_and_role(widget)[0]}")
    return found


@pytest.mark.parametrize("scheme", [Scheme.LIGHT, Scheme.DARK])
async def test_the_focus_can_be_seen(window: MainWindow, theme: Theme, scheme: Scheme) -> None:
    """Whatever has the focus looks otherwise than without it, on every tab, in both themes."""
    theme.apply(scheme)
    window.activateWindow()
    bank = read_application({"applicationCode": "code", "name": "Bora Bank"})
    window.setup.applications_pane.show_applications([bank])

    for tab in range(window.tabs.count()):
        window.tabs.setCurrentIndex(tab)
        assert window.setup.applications_pane.table in focusable(window)
        assert len(focusable(window)) > 6
        assert unlit(window) == []


@pytest.mark.parametrize("scheme", [Scheme.LIGHT, Scheme.DARK])
def test_the_focus_can_be_seen_in_dialogs(theme: Theme, qtbot: QtBot, scheme: Scheme) -> None:
    """So it is in every dialog."""
    theme.apply(scheme)

    for dialog in dialogs(theme):
        qtbot.addWidget(dialog)
        with qtbot.waitActive(dialog):
            dialog.open()
            dialog.activateWindow()
        assert len(focusable(dialog)) < 2 or unlit(dialog) == [], type(dialog)
        dialog.close()


async def test_shortcuts_mean_one_thing(window: MainWindow) -> None:
    """No two commands that are in reach together have the same keys."""
    everywhere = [one for one in window.actions() if isinstance(one, Command)]
    panes = (window.messages, window.listener, window.forward_test, window.activity)
    setup = window.setup
    panes += (setup.applications_pane, setup.configuration_pane, setup.actions_pane)  # type: ignore[assignment]

    for pane in panes:
        keys = [one.shortcut_text() for one in {*everywhere, *pane.commands} if one.shortcut_text()]
        assert len(set(keys)) == len(keys), type(pane)


async def test_the_palette_has_names(window: MainWindow, theme: Theme) -> None:
    """It is a dialog like the others, to those who hear it."""
    palette = Palette(window.search_providers, theme, window)

    assert unnamed(palette) == []
    assert palette.accessibleName() == "Find or run"


@pytest.mark.parametrize("environment", ["production", "test"])
async def test_production_is_loud(window: MainWindow, theme: Theme, environment: str) -> None:
    """A frame surrounds the whole window, also after a switch and a new size; no other has one."""
    for name in ("test", environment):
        window.show_status(Status(connection=ConnectionStatus("Bank", "https://x", "", name)))
    window.resize(1200, 700)
    picture = window.grab().toImage()
    edges = [(1, 350), (1198, 350), (600, 1), (600, 698)]

    found = {picture.pixelColor(*edge).name() for edge in edges}

    assert (found == {theme.colours.danger}) is (environment == "production")
    inside = picture.pixelColor(8, 350).name()
    assert inside != theme.colours.danger


def command(window: MainWindow, name: str) -> Command:
    return next(one for one in window.menus.commands if one.name == name)


async def test_what_is_shown_is_remembered(
    window: MainWindow, theme: Theme, qtbot: QtBot, tmp_path: Path
) -> None:
    """Every pane can be hidden, times can be in UTC, and both are so the next day."""
    command(window, "Show inspector").trigger()
    command(window, "Show route").trigger()
    command(window, "Times in UTC").trigger()
    assert not window.inspector.isVisible()
    window.close()

    places = Paths(tmp_path)
    async with AsyncReader(places.archive) as browsing:
        again = MainWindow(browsing, theme, WindowState(places.window))
        qtbot.addWidget(again)
        again.show()
        assert not again.inspector.isVisible()
        assert not command(again, "Show inspector").isChecked()
        assert again.clock.utc
        command(again, "Show inspector").trigger()
        assert again.inspector.isVisible()
        again.close()


async def test_tabs_by_number(window: MainWindow) -> None:
    """Ctrl+1 to Ctrl+4 go to the tabs, from wherever one is; a hidden half comes back."""
    command(window, "Show messages and the other tabs").trigger()
    assert not window.traffic.isVisible()

    for number, tab in enumerate(
        (window.messages, window.listener, window.forward_test, window.activity), start=1
    ):
        going = command(window, f"Go to {window.tabs.tabText(number - 1)}")
        assert going.shortcut().toString() == f"Ctrl+{number}"
        going.trigger()
        assert window.tabs.currentWidget() is tab
        assert window.traffic.isVisible()
        # The last two show details of their own.
        assert window.inspector.isVisible() is (number < 3)
