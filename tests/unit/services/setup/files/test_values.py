from ibconsole.model import ActionDraft
from ibconsole.secret import MASK
from ibconsole.services.setup.files import WantedAction, WantedApplication, WantedConfiguration


def test_an_action_knows_that_it_is_masked() -> None:
    """A mask in its URL or in its callback data makes an action one that cannot be created."""
    masked = ActionDraft(type="PULL", callback_data=f"a{MASK}")

    assert WantedAction(masked).is_masked
    assert WantedAction(ActionDraft(type="X", forward_url=f"https://{MASK}@h")).is_masked
    assert not WantedAction(ActionDraft(type="PULL")).is_masked


def test_an_application_is_named_as_far_as_needed() -> None:
    """A sentence names an application by its name, and by its ID if the file does."""
    action = WantedAction(ActionDraft(type="PULL"))
    shop = WantedApplication("Shop", WantedConfiguration((action,)), id="7\u202e")

    assert (shop.label, shop.actions) == ("“Shop” with the ID 7\\u202e", (action,))
    assert (WantedApplication("Shop").label, WantedApplication("Shop").actions) == ("“Shop”", ())
    assert WantedApplication("x" * 5_000_000).label == f"“{'x' * 80}…”"
