from collections.abc import Sequence

import pytest

from ibconsole.model import Action, Application, read_action, read_application
from ibconsole.secret import Secret
from ibconsole.services.protection import ShownCodes
from ibconsole.services.setup import ConfigurationState, InboundRoute
from ibconsole.services.setup.files import (
    CannotExport,
    SetupExportOptions,
    WantedApplication,
    wanted_setup,
    write_setup_file,
)

CODE = "233623e3c860b49ec69a464834343481"
SHOP = read_application({"applicationCode": CODE, "applicationId": "1", "name": "Shop"})
OTHER_SHOP = read_application({"applicationCode": "D", "applicationId": "2", "name": "Shop"})
BANK = read_application({"applicationCode": "E", "name": "Bank"})
OTHER_BANK = read_application({"applicationCode": "F", "name": "Bank"})
ACCOUNT = [SHOP, OTHER_SHOP, BANK]


def action(**fields: str) -> Action:
    return read_action(fields)


def route(*actions: Action) -> InboundRoute:
    return InboundRoute((ConfigurationState("K", actions, {"key": "K"}),))


def exported(
    application: Application,
    found: InboundRoute,
    options: SetupExportOptions | None = None,
    account: Sequence[Application] = ACCOUNT,
) -> WantedApplication:
    return wanted_setup([(application, found)], account, options or SetupExportOptions())[0]


def test_an_id_is_added_where_the_name_is_not_enough() -> None:
    """Applications are named by people; an ID, and a code even more, belongs to one account."""
    assert exported(BANK, InboundRoute()) == WantedApplication("Bank")
    assert exported(SHOP, InboundRoute()) == WantedApplication("Shop", id="1")
    assert exported(SHOP, InboundRoute(), account=[SHOP, SHOP]) == WantedApplication("Shop")
    with_codes = exported(BANK, InboundRoute(), SetupExportOptions(with_codes=True))
    assert with_codes == WantedApplication("Bank", code="E")


def test_keys_are_left_out_unless_they_are_asked_for() -> None:
    """Keys are other ones after each creation, so they would make each export differ."""
    found = route(action(key="A", type="PULL"))

    wanted, with_keys = (
        exported(BANK, found),
        exported(BANK, found, SetupExportOptions(with_keys=True)),
    )

    assert b"key" not in write_setup_file([wanted])
    assert with_keys.configuration
    assert (with_keys.configuration.key, with_keys.actions[0].key) == ("K", "A")


def test_no_secret_gets_out() -> None:
    """The credential, users of URLs, and codes that were not asked for are masked everywhere."""
    found = route(
        action(type="HTTP_FORWARD", forwardUrl=f"https://u:p@h/{CODE}?key=App-Key-1&x=1"),
        action(type="PULL", callbackData=f"App-Key-1 {CODE}"),
    )

    url, data = exported(SHOP, found, SetupExportOptions(Secret("App-Key-1"))).actions
    masked, _ = exported(
        SHOP, found, SetupExportOptions(with_codes=True, masks_queries=True)
    ).actions

    assert url.draft.forward_url == "https://••••@h/••••?key=••••&x=1"
    assert data.draft.callback_data == "•••• ••••"
    assert masked.draft.forward_url == f"https://••••@h/{CODE}?key=••••&x=••••"


def test_a_policy_masks_what_looks_like_a_code() -> None:
    """Where codes stay masked, those of other accounts do not get out either."""
    found = route(action(type="PULL", callbackData=f"{CODE}-8bj4el4a"))
    options = SetupExportOptions(shown_codes=ShownCodes("By a policy."))

    assert exported(BANK, found, options, [BANK]).actions[0].draft.callback_data == "••••"


def test_a_setup_that_no_file_can_describe() -> None:
    """An export that would leave something out is none."""
    one = ConfigurationState("K", (), {"key": "K"})
    with pytest.raises(CannotExport, match="“Bank” has 2 configurations"):
        exported(BANK, InboundRoute((one, one)))
    with pytest.raises(CannotExport, match="“Bank” belongs to several"):
        exported(BANK, InboundRoute(), account=[BANK, OTHER_BANK])
