"""Nothing that can be clicked moves when a message appears, changes or goes, anywhere."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QCoreApplication, QPoint
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QHeaderView,
    QLineEdit,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from ibconsole.archive.records import RetentionPolicy
from ibconsole.errors import Severity
from ibconsole.model.application import Action, ActionDraft
from ibconsole.services.connections.connection import Connection
from ibconsole.ui.connections.connection_dialog import ConnectionDialog
from ibconsole.ui.connections.connections_dialog import ConnectionsDialog
from ibconsole.ui.connections.keyring_doctor import KeyringDoctorDialog
from ibconsole.ui.messages.retention_dialog import RetentionDialog
from ibconsole.ui.setup.action_dialog import ActionContext, NewActionDialog
from ibconsole.ui.setup.look_up_dialog import LookUpDialog
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.viewers.summary_view import SummaryView
from ibconsole.ui.widgets.banner import Banner
from ibconsole.ui.widgets.copy_field import CopyField
from tests.ui.whole_window import WholeWindow

CLICKABLE = (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QTabBar,
    CopyField,
)
LONG = "The platform did not answer within 30 s. Nothing was changed, and all shown is old. " * 2
CONNECTION = Connection("", "Acme", "https://xxxxx.api.infobip.com")


def positions(top: QWidget) -> dict[QWidget, QPoint]:
    """Return where the visible controls begin; those of messages belong to the messages."""
    for _ in range(3):  # a layout may ask for another
        QCoreApplication.sendPostedEvents()
    banners = top.findChildren(Banner)
    of_messages = {part for banner in banners for part in banner.findChildren(QWidget)}
    return {
        widget: widget.mapTo(top, QPoint())
        for widget in top.findChildren(QWidget)
        if isinstance(widget, CLICKABLE) and widget.isVisible() and widget not in of_messages
    }


def moved(top: QWidget, banner: Banner) -> list[str]:
    """Return what moved while a short message appeared, grew, was unfolded, and went."""
    steps: tuple[Callable[[], object], ...] = (
        lambda: banner.show_notice(Severity.INFO, "Asking the platform."),
        lambda: banner.show_notice(Severity.DANGER, LONG, action="Retry", details="GET /\n" * 9),
        banner.details_button.click,
        banner.clear,
    )
    banner.clear()
    before = positions(top)
    assert before
    found: list[str] = []
    for number, step in enumerate(steps):
        step()
        now = positions(top)
        found += [
            f"step {number}: {type(widget).__name__} {widget.accessibleName()}"
            for widget, place in before.items()
            if now.get(widget) != place
        ]
    return found


@pytest.mark.parametrize("size", [(1024, 640), (1440, 900)], ids=str)
async def test_the_window_is_steady(whole_window: WholeWindow, size: tuple[int, int]) -> None:
    """The panes, the tabs and the failure of a connection, on the smallest window too."""
    window = whole_window.window
    window.resize(*size)
    window.upper.setCurrentWidget(window.setup)
    actions = [
        Action(key=f"{n}", type="PULL", forward_url="", callback_data="", raw={}) for n in range(40)
    ]
    window.setup.actions_pane.show_actions(actions, 0)
    remarks = window.findChildren(SummaryView)  # parts of a record: they change with the selection
    found = []
    for tab in range(window.tabs.count()):
        window.tabs.setCurrentIndex(tab)
        for banner in window.findChildren(Banner):
            above = banner.parentWidget()
            shown = above is not None and above.isVisible()
            if shown and not any(view.isAncestorOf(banner) for view in remarks):
                found.append(moved(window, banner))
    assert len(found) > 4 * 3
    assert not any(found), [one for one in found if one]


async def test_the_forward_test_is_steady(whole_window: WholeWindow) -> None:
    """Remarks on the URL and a running test move neither the field nor the payload."""
    pane = whole_window.window.forward_test
    whole_window.window.tabs.setCurrentWidget(pane)
    before = positions(pane)
    for url in ("htp:/x", "http://localhost/in", "https://ex\u0430mple.com/ "):
        pane.test_url(url)
        now = positions(pane)
        assert {widget: now.get(widget) for widget in before} == before
    pane.show_busy()
    now = positions(pane)
    assert {widget: now.get(widget) for widget in before} == before


def dialogs(theme: Theme) -> list[QDialog]:
    """Return the dialogs that show messages."""
    context = ActionContext("Bora Bank", "key", listener_url="http://127.0.0.1:1/x")
    doctor = KeyringDoctorDialog(theme)
    doctor.show_stopped()
    return [
        ConnectionDialog(CONNECTION, theme, new=True),
        ConnectionsDialog(theme),
        doctor,
        LookUpDialog(theme),
        NewActionDialog(context, theme, draft=ActionDraft(type="HTTP_FORWARD")),
        RetentionDialog(RetentionPolicy(days=1), theme),
    ]


@pytest.mark.parametrize("number", range(6))
def test_dialogs_are_steady(theme: Theme, qtbot: QtBot, number: int) -> None:
    """The result of a test or a refusal moves no button that is being aimed at."""
    dialog = dialogs(theme)[number]
    qtbot.addWidget(dialog)
    dialog.show()
    banners = dialog.findChildren(Banner)
    assert banners
    assert [moved(dialog, banner) for banner in banners] == [[]] * len(banners)


def test_a_form_is_steady(theme: Theme, qtbot: QtBot) -> None:
    """A line under a field, such as how an address is read, has its room from the beginning."""
    dialog = ConnectionDialog(CONNECTION, theme, new=True)
    qtbot.addWidget(dialog)
    dialog.show()
    before = positions(dialog)
    for field in ("name", "base_url", "secret"):
        dialog.form.show_message(field, "This is missing.", focus=False)
    assert positions(dialog) == before
    dialog.form.base_url.setText("xxxxx.api.infobip.com/")
    assert positions(dialog) == before
