"""The selection that the presenters of the setup share."""

import pytest
from msgspec.structs import replace

from ibconsole.model.application import Action, Configuration, read_application
from ibconsole.services.connections.connection import Environment
from ibconsole.services.runtime.status import ConnectionStatus
from ibconsole.services.setup.route import NO_CONFIGURATION, UNKNOWN
from ibconsole.ui.setup.selection import SetupSelection, is_same

BANK = read_application({"applicationCode": "code-1", "applicationId": "id-1", "name": "Bora Bank"})
FIRST, SECOND = (Configuration(key=key, raw={}) for key in ("first", "second"))
FORWARD = Action(
    key="b", type="HTTP_FORWARD", forward_url="https://a.b/c", callback_data="", raw={}
)
PULL = Action(key="a", type="PULL", forward_url="", callback_data="", raw={})


@pytest.fixture
def chosen(qapp: object) -> SetupSelection:
    selection = SetupSelection()
    selection.select_application(BANK)
    return selection


def test_another_connection_forgets_the_account(chosen: SetupSelection) -> None:
    """Nothing that was read of one account is known of the next."""
    chosen.cache.store_applications([BANK], 1)
    chosen.created_keys.add("first")

    chosen.select_connection(ConnectionStatus("Test", environment=Environment.SANDBOX))

    assert chosen.cache.applications is None
    assert chosen.created_keys == set()
    assert chosen.sandbox


def test_another_application_is_not_read_yet(chosen: SetupSelection) -> None:
    """Selecting an application clears the configuration and the actions of the previous one."""
    chosen.configuration, chosen.actions = FIRST, [PULL]

    chosen.select_application(BANK)

    assert chosen.application == BANK
    assert not chosen.configuration
    assert chosen.actions is None


@pytest.mark.parametrize(
    ("before", "found", "after"),
    [
        (None, [FIRST, SECOND], FIRST),
        (SECOND, [FIRST, SECOND], SECOND),
        (SECOND, [FIRST], FIRST),
        (FIRST, [], None),
    ],
)
def test_configuration_stays_selected(
    chosen: SetupSelection,
    before: Configuration | None,
    found: list[Configuration],
    after: Configuration | None,
) -> None:
    """Reading again keeps the selected configuration if it still exists, else takes the first."""
    chosen.configuration = before

    chosen.select_configuration(found)

    assert chosen.configuration == after


def test_application_is_the_same_after_a_rename(chosen: SetupSelection) -> None:
    """An application is recognized by code and ID, whatever it is called."""
    assert chosen.shows(replace(BANK, name="Bora Savings"))
    assert not is_same(BANK, None)
    assert not is_same(None, None)


def test_route(chosen: SetupSelection) -> None:
    """The route is that of the selected application, as far as it was read."""
    assert chosen.find_route() == UNKNOWN

    chosen.cache.store_configurations("code-1", [], 1)
    assert chosen.find_route() == NO_CONFIGURATION

    chosen.cache.store_configurations("code-1", [FIRST], 1)
    chosen.actions = [PULL]
    route = chosen.find_route()
    assert route
    assert "waits on the platform" in route.sentence

    chosen.actions, chosen.borrowed_urls = [FORWARD], frozenset({FORWARD.forward_url})
    route = chosen.find_route()
    assert route
    assert "posted to this listener" in route.sentence

    chosen.select_application(None)
    assert chosen.find_route() is None


def test_change_in_progress(chosen: SetupSelection) -> None:
    """A change is reported when it begins and when it ends, even by an error."""
    reported: list[bool] = []
    chosen.change_toggled.connect(lambda _: reported.append(chosen.changing))

    with pytest.raises(ValueError, match="half-way"), chosen.change():
        raise ValueError("half-way")

    assert reported == [True, False]
