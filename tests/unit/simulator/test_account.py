from ibconsole.simulator.account import Account
from ibconsole.simulator.random_ids import chance


def test_the_account_shows_every_state_of_a_setup() -> None:
    """Forward, pull, both, a configuration without actions, and none at all."""
    states = {
        (one.configuration is not None, tuple(action["type"] for action in one.actions))
        for one in Account(1, 6).applications
    }

    assert (False, ()) in states
    assert (True, ()) in states
    assert (True, ("PULL",)) in states
    assert (True, ("HTTP_FORWARD",)) in states
    assert any(set(kinds) == {"PULL", "HTTP_FORWARD"} for _, kinds in states)


def test_applications_are_found_by_code_and_by_id() -> None:
    """Both names lead to the same application; unknown ones to none."""
    account = Account(1, 3)
    first = account.applications[0]

    assert account.application(first.code) is first
    assert account.application_with_id(first.raw["applicationId"]) is first
    assert account.application("unknown") is account.application_with_id("unknown") is None


def test_actions_outlive_their_configuration_only_if_kept() -> None:
    """What deleting a configuration does to its actions is a switch: nobody knows."""
    account = Account(1, 6)
    acting = next(one for one in account.applications if one.actions)
    before = list(acting.actions)

    account.unconfigure(acting, keep_actions=True)
    assert acting.actions == []
    assert account.configure(acting).actions == before

    account.unconfigure(acting, keep_actions=False)
    assert account.configure(acting).actions == []


def test_an_account_without_applications_still_has_an_addressee() -> None:
    """Messages can wait although nobody is there (any more)."""
    account = Account(1, 0)

    assert account.applications == []
    assert [one.code for one in account.pulled()] == [account.anyone(chance(1, "x")).code]


def test_messages_arrive_where_something_happens_with_them() -> None:
    """An application with actions is chosen as long as there is one."""
    account = Account(1, 6)
    source = chance(2, "x")

    assert all(account.anyone(source).actions for _ in range(50))
