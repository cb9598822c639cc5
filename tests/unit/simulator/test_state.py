import pytest

from ibconsole.simulator.settings import Settings
from ibconsole.simulator.state import SimulatorState


def code_with(world: SimulatorState, *kinds: str) -> str:
    return next(
        one.code
        for one in world.account.applications
        if one.configuration and sorted(action["type"] for action in one.actions) == sorted(kinds)
    )


def test_exactly_so_many_messages_wait_at_the_start() -> None:
    """The number that was asked for, for applications that have a PULL action."""
    world = SimulatorState(Settings(messages=25))
    pulling = {one.code for one in world.account.applications if one.pulls}

    assert world.counters["pending"] == 25
    assert {message["applicationCode"] for message in world.mailbox.take(25)} <= pulling


@pytest.mark.parametrize(("both", "waiting", "forwards"), [(True, 1, 1), (False, 1, 0)])
def test_whether_both_actions_get_a_message_is_a_switch(
    both: bool, waiting: int, forwards: int
) -> None:
    """Nobody knows, so either can be played."""
    world = SimulatorState(Settings(both_actions=both))
    world.arrive(1, code_with(world, "HTTP_FORWARD", "PULL"), {})

    assert world.counters["pending"] == waiting
    assert world.counters["forward_waiting"] == forwards


@pytest.mark.parametrize(("without", "pending", "dropped"), [("pull", 1, 0), ("drop", 0, 1)])
def test_what_becomes_of_messages_without_action_is_a_switch(
    without: str, pending: int, dropped: int
) -> None:
    """They wait, or they are dropped and counted."""
    world = SimulatorState(Settings(without_action=without))
    world.arrive(1, code_with(world), {})

    assert (world.counters["pending"], world.counters["dropped"]) == (pending, dropped)


def test_callback_data_is_echoed() -> None:
    """What an action carries comes back in each of its messages, unless given on purpose."""
    world = SimulatorState(Settings())
    code = code_with(world, "PULL")
    application = world.account.application(code)
    assert application is not None
    application.actions[0]["callbackData"] = "echo"

    world.arrive(1, code, {})
    world.arrive(1, code, {"callbackData": None})

    assert [one["callbackData"] for one in world.mailbox.take(2)] == ["echo", None]


def test_fields_are_taken_as_given() -> None:
    """A test can plant any value in any field."""
    world = SimulatorState(Settings())
    [message] = world.arrive(1, None, {"text": {"odd": 1}, "new": [1]})

    assert (message["text"], message["new"]) == ({"odd": 1}, [1])
    with pytest.raises(ValueError, match="no application"):
        world.arrive(1, "unknown", {})
