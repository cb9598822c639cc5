from ibconsole.simulator.account import (
    GivenApplication,
    GivenConfiguration,
    Population,
    SimulatedAccount,
)
from ibconsole.simulator.random_ids import RandomIds


def test_the_account_shows_every_state_of_a_setup() -> None:
    """Forward, pull, both, a configuration without actions, and none at all."""
    states = {
        (one.configuration is not None, tuple(action["type"] for action in one.actions))
        for one in SimulatedAccount(1, 6).applications
    }

    assert (False, ()) in states
    assert (True, ()) in states
    assert (True, ("PULL",)) in states
    assert (True, ("HTTP_FORWARD",)) in states
    assert any(set(kinds) == {"PULL", "HTTP_FORWARD"} for _, kinds in states)


def test_applications_are_found_by_code_and_by_id() -> None:
    """The code and the ID find the same application; unknown ones find none."""
    account = SimulatedAccount(1, 3)
    first = account.applications[0]

    assert account.application(first.code) is first
    assert account.application_with_id(first.raw["applicationId"]) is first
    assert account.application("unknown") is account.application_with_id("unknown") is None


def test_actions_outlive_their_configuration_only_if_kept() -> None:
    """A setting decides whether actions are deleted with their configuration."""
    account = SimulatedAccount(1, 6)
    with_actions = next(one for one in account.applications if one.actions)
    before = list(with_actions.actions)

    account.delete_configuration(with_actions, keep_actions=True)
    assert with_actions.actions == []
    assert account.create_configuration(with_actions).actions == before

    account.delete_configuration(with_actions, keep_actions=False)
    assert account.create_configuration(with_actions).actions == []


def test_an_account_without_applications_still_has_a_recipient() -> None:
    """Messages can wait in an account that has no application (any more)."""
    account = SimulatedAccount(1, 0)

    assert account.applications == []
    assert [one.code for one in account.pull_applications()] == [
        account.choose_application(RandomIds(1, "x")).code
    ]


def test_new_messages_go_to_applications_with_actions() -> None:
    """An application without actions gets messages only if none has actions."""
    account = SimulatedAccount(1, 6)
    source = RandomIds(2, "x")

    assert all(account.choose_application(source).actions for _ in range(50))


def test_a_given_account_may_be_what_the_contract_forbids() -> None:
    """A population has shared and missing codes, many configurations, objects of any form."""
    twice = GivenApplication(
        {"applicationCode": "a", "applicationId": 1, "odd": []},
        (
            GivenConfiguration({"key": "1", "more": True}, ({"type": "EMAIL"}, {"forwardUrl": 7})),
            GivenConfiguration({}, ()),
        ),
    )
    account = SimulatedAccount(
        1, 6, Population((twice, GivenApplication({"applicationCode": "a"}), GivenApplication({})))
    )

    assert [one.code for one in account.applications] == ["a", "a", ""]
    found = account.application("a")
    assert found
    assert found is account.applications[0]
    assert [one.raw for one in found.configurations] == [{"key": "1", "more": True}, {}]
    assert [one.get("type") for one in found.actions] == ["EMAIL", None]
    assert account.pull_applications()[0].code not in {"a", ""}
