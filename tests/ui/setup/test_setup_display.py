"""The panes of the setup, after something was read, was found in the cache or failed."""

import pytest

from ibconsole.errors import UserError
from ibconsole.model.application import Action, Application, Configuration, read_application
from ibconsole.ui.setup.panes import SetupPanes
from ibconsole.ui.setup.selection import SetupSelection
from ibconsole.ui.setup.setup_display import SetupDisplay, is_pull_only
from tests.ui.setup.steps import banner, cells

APPLICATION: Application = read_application({"applicationCode": "a", "name": "Bank"})
CONFIGURATION = Configuration(key="c", raw={})
ACTION = Action(key="x", type="PULL", forward_url="", callback_data="", raw={})


class Refused(UserError):
    """An error of the platform with a status."""

    def __init__(self, status: int) -> None:
        super().__init__("The platform refused this.", details=f"status {status}")
        self.status = status


@pytest.fixture
def display(panes: SetupPanes, selection: SetupSelection) -> SetupDisplay:
    """The display with an application selected."""
    selection.select_application(APPLICATION)
    panes.configuration_pane.show_application(APPLICATION)
    return SetupDisplay(panes, selection)


def test_a_pull_only_credential_is_no_failure(display: SetupDisplay, panes: SetupPanes) -> None:
    """A credential that may only pull is explained in all panes; any other refusal is an error."""
    assert is_pull_only(Refused(403))
    display.show_not_listed(Refused(403))
    assert "still pull messages" in panes.applications_pane.notice.sentence.text()
    assert "see Applications" in panes.actions_pane.notice.sentence.text()

    assert not is_pull_only(Refused(401))
    display.show_not_listed(Refused(401))
    assert panes.failure.text.text() == "The platform refused this."
    assert panes.failure.details.toPlainText() == "status 401"


def test_content_stays_when_its_credential_is_refused(
    display: SetupDisplay, panes: SetupPanes
) -> None:
    """A refused refresh keeps what was read before, under one banner that says why."""
    panes.applications_pane.show_applications([APPLICATION], 1)
    display.show_not_listed(Refused(403))

    assert panes.applications_pane.table.total == 1
    assert "Refresh failed" in panes.failure.text.text()


def test_a_pull_only_credential_replaces_an_earlier_failure(
    display: SetupDisplay, panes: SetupPanes
) -> None:
    """No banner of an earlier attempt contradicts the panes."""
    display.show_not_listed(Refused(401))
    display.show_not_listed(Refused(403))

    assert panes.failure.isHidden()


def test_nothing_can_be_chosen_after_a_failed_first_load(
    display: SetupDisplay, panes: SetupPanes, selection: SetupSelection
) -> None:
    """No pane asks for the choice of an application while there is none to choose."""
    selection.select_application(None)
    display.show_nothing_selected(choice=True)
    display.show_not_listed(Refused(500))
    for pane in (panes.applications_pane, panes.configuration_pane, panes.actions_pane):
        assert pane.notice.sentence.text() == "Not loaded: see below."
    assert "not known" in panes.route.sentence.text()

    panes.applications_pane.show_applications([APPLICATION], 1)
    display.show_nothing_selected(choice=True)
    display.show_not_listed(Refused(500))
    assert "Choose an application" in panes.actions_pane.notice.sentence.text()


def test_actions_that_were_read_are_cached(
    display: SetupDisplay, panes: SetupPanes, selection: SetupSelection
) -> None:
    """What was read is shown again from the cache when its application is selected again."""
    selection.cache.store_configurations("a", [CONFIGURATION], 1)
    display.show_configurations([CONFIGURATION], 1)
    display.show_actions(APPLICATION, CONFIGURATION, [ACTION])
    selection.select_application(APPLICATION)
    panes.actions_pane.show_none("")

    display.show_cached(APPLICATION)

    assert panes.configuration_pane.key.value == "c"
    assert cells(panes.actions_pane, 3) == ["x"]
    assert list(selection.actions or ()) == [ACTION]


def test_a_failure_is_shown_once_with_its_details(display: SetupDisplay, panes: SetupPanes) -> None:
    """If neither configuration nor actions can be read, one banner says why, with details."""
    display.show_configurations([CONFIGURATION], 1)
    display.show_actions(APPLICATION, CONFIGURATION, [ACTION])

    display.show_not_loaded(Refused(500), Refused(502))

    assert cells(panes.actions_pane, 3) == ["x"]
    assert banner(panes.actions_pane) == banner(panes.configuration_pane) == ""
    assert "The platform refused this." in panes.failure.text.text()
    assert panes.failure.details.toPlainText() == "status 500"


def test_without_actions_no_change_is_offered(display: SetupDisplay, panes: SetupPanes) -> None:
    """Actions can be changed only once they are known, and not while a change is in progress."""
    display.show_no_configuration()
    display.update_locks()
    assert not panes.actions_pane.new.isEnabled()

    display.show_actions(APPLICATION, CONFIGURATION, [])
    display.update_locks()
    assert panes.actions_pane.new.isEnabled()
