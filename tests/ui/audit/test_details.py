"""The details of a call, in tabs."""

import json

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ibconsole.archive import AuditRow
from ibconsole.services.audit.reports import describe_row
from ibconsole.ui.audit.details import AuditDetails
from ibconsole.ui.audit.model import describe_call
from ibconsole.ui.toolkit.commands import Command, Group
from ibconsole.ui.toolkit.theme import Theme
from tests.ui.audit.conftest import CODE, CREATE


def test_the_open_tab_stays_open(theme: Theme, qtbot: QtBot) -> None:
    """The reader compares what several calls sent; what is copied is the call that is shown."""
    owner = QWidget()
    qtbot.addWidget(owner)
    copy = Command("Copy call as JSON", Group.ACTIVITY, lambda: None, parent=owner)
    details = AuditDetails(theme, copy)
    qtbot.addWidget(details)
    QGuiApplication.clipboard().setText("before")
    details.copy_as_json()
    assert QGuiApplication.clipboard().text() == "before"

    shown = describe_call(describe_row(AuditRow(7, 0, "a", CODE, CREATE)), "", 0, None)
    details.show_details(shown)
    details.tabs.setCurrentWidget(details.after)
    details.show_details(shown)
    assert details.tabs.currentWidget() is details.after
    assert '"type": "PULL"' in details.after.text.toPlainText()
    details.copy_as_json()
    assert json.loads(QGuiApplication.clipboard().text())["row"] == 7

    details.show_nothing()
    assert not details.tabs.isVisibleTo(details)
