import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ibconsole.api.errors import Unauthorized
from ibconsole.errors import UserError
from ibconsole.ui.setup.failure_banner import FailureBanner, SetupSource
from ibconsole.ui.toolkit.commands import Command, Group
from ibconsole.ui.toolkit.theme import Theme


@pytest.fixture
def banner(theme: Theme, qtbot: QtBot) -> FailureBanner:
    banner = FailureBanner(theme)
    qtbot.addWidget(banner)
    return banner


def test_one_failure_at_a_time(banner: FailureBanner, qtbot: QtBot) -> None:
    """The list's failure is shown first; each ends with its own source."""
    banner.show_failure(SetupSource.SETUP, UserError("The setup failed."), None)
    banner.show_failure(
        SetupSource.APPLICATIONS,
        UserError("The list failed. Nothing was changed.", details="status 500"),
        None,
    )
    assert banner.text.text() == "The list failed."
    assert banner.details.toPlainText() == "Nothing was changed.\nstatus 500"
    with qtbot.waitSignal(banner.retry_requested):
        banner.action.click()

    banner.clear_failure(SetupSource.APPLICATIONS)
    assert banner.text.text() == "The setup failed."
    banner.clear_failure(*SetupSource)
    assert banner.isHidden()


def test_another_credential_is_offered(banner: FailureBanner, qtbot: QtBot) -> None:
    """After a 401 the action is to edit the connection, where it is a saved one."""
    edited: list[bool] = []
    owner = QWidget()
    qtbot.addWidget(owner)
    edit = Command("Edit…", Group.CONNECTION, lambda: edited.append(True), parent=owner)
    error = Unauthorized()
    banner.show_failure(SetupSource.APPLICATIONS, error, 1_800_000_000_000)
    assert banner.action.text() == "Retry"
    assert banner.text.text().startswith("Refresh failed; showing data from ")
    assert "does not say why" in banner.details.toPlainText()

    banner.follow(edit)
    banner.show_failure(SetupSource.APPLICATIONS, error, None)
    assert banner.action.text() == "Edit connection…"
    with qtbot.assertNotEmitted(banner.retry_requested):
        banner.action.click()

    assert edited == [True]
