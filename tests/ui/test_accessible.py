"""Accessibility of the whole window and every dialog: names, keyboard, visible focus."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from msgspec.structs import replace
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
    QPushButton,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from ibconsole.archive.records import Filter, RetentionPolicy
from ibconsole.model.application import ActionDraft, read_application
from ibconsole.services.connections.connection import Connection
from ibconsole.services.connections.list_choices import HighlightRule, JsonColumn
from ibconsole.services.connections.settings import Watch
from ibconsole.services.connections.vault import KeyringBackend
from ibconsole.services.console.remote_comparison import ComparableAccount
from ibconsole.services.doctor.keyring import KeyringDiagnosis
from ibconsole.services.filtering.completion import KnownValues
from ibconsole.ui.comparison.dialog import BodyComparisonDialog
from ibconsole.ui.connections.connection_dialog import ConnectionDialog
from ibconsole.ui.connections.connections_dialog import ConnectionsDialog
from ibconsole.ui.connections.keyring_doctor import KeyringDoctorDialog
from ibconsole.ui.connections.remove_dialog import RemoveConnectionDialog
from ibconsole.ui.evidence.cases_dialog import CasesDialog
from ibconsole.ui.evidence.export_dialog import CaseExportDialog
from ibconsole.ui.evidence.pin_dialog import NoteDialog, PinDialog
from ibconsole.ui.lease.catch_dialog import CatchContext, CatchDialog
from ibconsole.ui.list_display.column_dialog import ColumnDialog
from ibconsole.ui.list_display.highlight_dialog import HighlightDialog
from ibconsole.ui.messages.export_dialog import ExportDialog
from ibconsole.ui.messages.retention_dialog import RetentionDialog
from ibconsole.ui.palette.palette import Palette
from ibconsole.ui.plans.acts_dialog import ActsDialog
from ibconsole.ui.plans.plan_dialog import PlanDialog, PlanPlace
from ibconsole.ui.plans.setup_file_dialogs import (
    ApplyFileDialog,
    CloneDialog,
    ExportSetupDialog,
)
from ibconsole.ui.retries.dialog import RetriesDialog
from ibconsole.ui.sender.allow_list_dialog import AllowListDialog
from ibconsole.ui.sender.sender_dialog import SenderDialog
from ibconsole.ui.setup.action_dialog import ActionContext, NewActionDialog
from ibconsole.ui.setup.look_up_dialog import LookUpDialog
from ibconsole.ui.setup.panes import RawDialog
from ibconsole.ui.shell.about_dialog import AboutDialog
from ibconsole.ui.shell.error_dialogs import UnexpectedDialog
from ibconsole.ui.shell.failure_log import FailureLog
from ibconsole.ui.shell.failures_dialog import FailuresDialog
from ibconsole.ui.shell.main_window import MainWindow
from ibconsole.ui.shell.shortcuts_dialog import ShortcutsDialog
from ibconsole.ui.team.team_dialog import TeamDialog
from ibconsole.ui.threads.support_dialog import SupportDialog
from ibconsole.ui.timeline.compare_dialog import CompareDialog
from ibconsole.ui.toolkit.codes import CodeDisplay
from ibconsole.ui.toolkit.commands import Command, Group
from ibconsole.ui.toolkit.theme import Scheme, Theme
from ibconsole.ui.toolkit.times import TimeDisplay
from ibconsole.ui.watch.watch_dialog import WatchDialog
from ibconsole.ui.widgets.confirm import ConfirmDialog, Question
from ibconsole.ui.widgets.progress_dialog import ProgressDialog
from tests.ui.plans.plans import review
from tests.ui.team import harness as team_harness
from tests.ui.whole_window import WholeWindow

CONTROLS = (
    QAbstractButton,
    QLineEdit,
    QComboBox,
    QAbstractSpinBox,
    QAbstractItemView,
    QPlainTextEdit,
    QPushButton,
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
SHARED = replace(CONNECTION, team="service=team", team_account="acme")


@pytest.fixture
def window(whole_window: WholeWindow) -> MainWindow:
    return whole_window.window


def dialogs(theme: Theme) -> Iterator[QDialog]:
    context = ActionContext("Bora Bank", "key", listener_url="http://127.0.0.1:1/x")
    yield AboutDialog({"Data": Path("/data")}, {}, theme)
    yield AllowListDialog(theme)
    yield SenderDialog(theme)
    yield WatchDialog(Watch("c", "code", minutes=5), "Lumen", "No notifications here.", theme)
    yield BodyComparisonDialog(theme, "Compare messages", ("Message 1", "Message 2"))
    yield RetriesDialog(theme)
    yield ConfirmDialog(Question("Delete?", "It goes.", "Delete", typed="Acme"), theme)
    yield ConnectionDialog(CONNECTION, theme, new=True)
    yield ConnectionDialog(SHARED, theme, new=False)
    yield ConnectionsDialog(theme)
    compare = CompareDialog(theme)
    for side in compare.sides:
        side.show_accounts((ComparableAccount("c", "Acme"), ComparableAccount("d", "Beta")), "c")
    yield compare
    yield ExportDialog(Filter(text="x"), 3, [1], theme)
    yield FailuresDialog(FailureLog(), theme, None)
    doctor = KeyringDoctorDialog(theme)
    doctor.show_diagnosis(
        KeyringDiagnosis("linux", KeyringBackend("Secret Service", "keyring"), (), ())
    )
    yield doctor
    yield LookUpDialog(theme)
    yield CatchDialog(CatchContext("Bora Bank", "Acme", is_sandbox=True, port=8484), theme)
    yield NewActionDialog(context, theme, draft=ActionDraft(type="HTTP_FORWARD"))
    yield RawDialog("Bora Bank", {"a": 1}, theme)
    yield RemoveConnectionDialog(CONNECTION, 3, theme)
    yield RetentionDialog(RetentionPolicy(days=1), theme)
    yield from (ShortcutsDialog((), theme), SupportDialog(str, theme, CodeDisplay()))
    yield from chain(plan_dialogs(theme), list_display_dialogs(theme), case_dialogs(theme))
    yield team_dialog(theme)
    yield UnexpectedDialog("Task: load", theme, logs=Path("/logs"))
    yield ProgressDialog("Verify the archive", "It changes nothing.", theme)


def list_display_dialogs(theme: Theme) -> Iterator[QDialog]:
    yield ColumnDialog(JsonColumn("Order", "$.order"), theme)
    known = KnownValues(applications={}, keywords=())
    yield HighlightDialog([HighlightRule("stop", "danger")], lambda: known, theme)


def case_dialogs(theme: Theme) -> Iterator[QDialog]:
    cases = CasesDialog(theme, TimeDisplay())
    # Its commands refer to it: it would live until a collection, after Qt has deleted it.
    cases.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    yield cases
    yield CaseExportDialog("ZD-4711", theme)
    yield PinDialog("the message", [], "ZD-4711", theme)
    yield NoteDialog("ZD-4711", theme)


def team_dialog(theme: Theme) -> QDialog:
    dialog = TeamDialog(theme, TimeDisplay())
    dialog.show_links((team_harness.LINK, team_harness.OTHER))
    dialog.show_team(team_harness.SEEN)
    dialog.show_refused([team_harness.REFUSED])
    return dialog


def plan_dialogs(theme: Theme) -> Iterator[QDialog]:
    application = read_application({"applicationCode": "code", "name": "Shop"})
    yield ActsDialog("Acme", theme, None)
    yield ApplyFileDialog(Path("setup.yaml"), theme)
    yield CloneDialog(application, (), theme)
    yield ExportSetupDialog(application, theme)
    plan = PlanDialog("Undo", PlanPlace("Acme", "production", "Acme"), theme)
    plan.show_plan(review())
    yield plan


def controls(top: QWidget) -> Iterator[QWidget]:
    """Yield the controls below a widget, without the inner parts of Qt's own controls."""
    for widget in top.findChildren(QWidget):
        inner = widget.objectName().startswith("qt_") or isinstance(
            widget.parent(), QAbstractSpinBox | QTabBar | QLineEdit | QAbstractItemView
        )
        above = widget.parent()
        inner |= above is not None and isinstance(above.parent(), QComboBox)
        # A button without text and icon is hidden until it gets a text.
        empty = isinstance(widget, QAbstractButton) and not widget.text() and widget.icon().isNull()
        if isinstance(widget, CONTROLS) and not inner and not empty:
            yield widget


def name_and_role(widget: QWidget) -> tuple[str, QAccessible.Role]:
    interface = QAccessible.queryAccessibleInterface(widget)
    assert interface is not None
    return interface.text(QAccessible.Text.Name), interface.role()


def unnamed(top: QWidget) -> list[str]:
    """Return the controls without a name, or with a role that does not fit them."""
    found = []
    for widget in controls(top):
        name, role = name_and_role(widget)
        expected = next(roles for kind, roles in ROLES.items() if isinstance(widget, kind))
        if not name.strip() or role not in expected:
            above = type(widget.parentWidget()).__name__
            found.append(f"{type(widget).__name__} in {above}: {name!r}, {role}")
    return found


def test_enter_answers_every_dialog(theme: Theme, qtbot: QtBot) -> None:
    """Each dialog has one button that Enter presses; work in progress is not stopped by Enter."""
    for dialog in dialogs(theme):
        qtbot.addWidget(dialog)
        default = [one for one in dialog.findChildren(QPushButton) if one.isDefault()]
        assert len(default) == (not isinstance(dialog, ProgressDialog)), type(dialog)


def test_every_control_of_the_window_has_a_name(window: MainWindow) -> None:
    """Screen readers can name every control of the window."""
    assert len(list(controls(window))) > 40
    assert unnamed(window) == []


def test_every_control_of_the_dialogs_has_a_name(theme: Theme, qtbot: QtBot) -> None:
    """Screen readers can name every dialog and every control in it."""
    for dialog in dialogs(theme):
        qtbot.addWidget(dialog)
        assert dialog.windowTitle(), type(dialog)
        assert unnamed(dialog) == [], type(dialog)


def test_esc_closes_every_dialog(theme: Theme, qtbot: QtBot) -> None:
    """Esc rejects every dialog."""
    for dialog in dialogs(theme):
        results: list[int] = []
        dialog.finished.connect(results.append)
        dialog.open()
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
        assert results == [QDialog.DialogCode.Rejected.value], type(dialog)


async def test_tab_reaches_every_visible_control(window: MainWindow) -> None:
    """Tab visits every visible control exactly once before it returns to the first."""
    switch = Command("Open connection…", Group.CONNECTION, lambda: None, parent=window)
    window.bar.follow(switch, switch, switch)
    start = window.bar.find_button
    order, widget = [start], start.nextInFocusChain()
    while widget is not start:
        assert widget is not None
        order.append(widget)  # type: ignore[arg-type]
        widget = widget.nextInFocusChain()
    reached = [one for one in order if one.focusPolicy() & Qt.FocusPolicy.TabFocus]
    visible = [one for one in controls(window) if one.isVisible() and one.isEnabled()]
    mouse_only = [one for one in visible if one not in reached]

    assert len(set(map(id, order))) == len(order)
    assert [f"{type(one).__name__} {name_and_role(one)[0]}" for one in mouse_only] == []


def focusable(top: QWidget) -> list[QWidget]:
    """Return what Tab can reach now: the controls, and the tab bars."""
    bars = [bar for bar in top.findChildren(QTabBar) if bar.isVisible()]
    return [
        one
        for one in (*controls(top), *bars)
        if one.isVisible() and one.isEnabled() and one.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]


def without_focus_indicator(top: QWidget, seen: set[QWidget] | None = None) -> list[str]:
    """Return the controls that look the same with the focus as without it.

    Those in `seen` are left out; the others are added to it.
    """
    found = []
    seen = set() if seen is None else seen
    reachable = focusable(top)
    for widget in [one for one in reachable if one not in seen]:
        seen.add(widget)
        other_control = next(one for one in reachable if one is not widget)
        other_control.setFocus(Qt.FocusReason.TabFocusReason)
        before = widget.grab().toImage()
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        assert widget.hasFocus(), name_and_role(widget)
        if widget.grab().toImage() == before:
            found.append(f"{type(widget).__name__} {name_and_role(widget)[0]}")
    return found


@pytest.mark.parametrize("scheme", [Scheme.LIGHT, Scheme.DARK])
async def test_the_focus_can_be_seen(window: MainWindow, theme: Theme, scheme: Scheme) -> None:
    """Every control looks different with the focus, on every tab, in both colour schemes."""
    theme.apply(scheme)
    window.activateWindow()
    bank = read_application({"applicationCode": "code", "name": "Bora Bank"})
    window.setup.applications_pane.show_applications([bank])

    seen: set[QWidget] = set()  # the bar and the setup are there on every tab
    for tab in range(window.tabs.count()):
        window.tabs.setCurrentIndex(tab)
        assert window.setup.applications_pane.table in focusable(window)
        assert len(focusable(window)) > 6
        assert without_focus_indicator(window, seen) == []


@pytest.mark.parametrize("scheme", [Scheme.LIGHT, Scheme.DARK])
def test_the_focus_can_be_seen_in_dialogs(theme: Theme, qtbot: QtBot, scheme: Scheme) -> None:
    """Every control of every dialog looks different with the focus."""
    theme.apply(scheme)

    for dialog in dialogs(theme):
        qtbot.addWidget(dialog)
        with qtbot.waitActive(dialog):
            dialog.open()
            dialog.activateWindow()
        assert len(focusable(dialog)) < 2 or without_focus_indicator(dialog) == [], type(dialog)
        dialog.close()


async def test_shortcuts_are_unique(window: MainWindow) -> None:
    """No two commands that are available at the same time have the same shortcut."""
    everywhere = [one for one in window.actions() if isinstance(one, Command)]
    panes = (window.messages, window.listener, window.forward_test, window.activity)
    panes += (window.timeline,)  # type: ignore[assignment]
    setup = window.setup
    panes += (setup.applications_pane, setup.configuration_pane, setup.actions_pane)  # type: ignore[assignment]

    for pane in panes:
        keys = [one.shortcut_text() for one in {*everywhere, *pane.commands} if one.shortcut_text()]
        assert len(set(keys)) == len(keys), type(pane)


async def test_the_palette_has_names(whole_window: WholeWindow, theme: Theme) -> None:
    """Screen readers can name the palette and its controls."""
    palette = Palette(whole_window.commands.search_providers, theme, whole_window.window)

    assert unnamed(palette) == []
    assert palette.accessibleName() == "Find or run"
