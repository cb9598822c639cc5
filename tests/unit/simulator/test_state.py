import pytest

from ibconsole.simulator.settings import SimulatorSettings
from ibconsole.simulator.state import SimulatorState


def code_with(state: SimulatorState, *kinds: str) -> str:
    return next(
        one.code
        for one in state.account.applications
        if one.configuration and sorted(action["type"] for action in one.actions) == sorted(kinds)
    )


def test_exactly_so_many_messages_wait_at_the_start() -> None:
    """The number that was asked for, for applications that have a PULL action."""
    state = SimulatorState(SimulatorSettings(messages=25))
    pulling = {one.code for one in state.account.applications if one.pulls}

    assert state.counters["pending"] == 25
    assert {message["applicationCode"] for message in state.mailbox.take(25)} <= pulling


@pytest.mark.parametrize(("both", "waiting", "forwards"), [(True, 1, 1), (False, 1, 0)])
def test_whether_both_actions_get_a_message_is_a_switch(
    both: bool, waiting: int, forwards: int
) -> None:
    """Nobody knows, so either can be played."""
    state = SimulatorState(SimulatorSettings(both_actions=both))
    state.generate_messages(1, code_with(state, "HTTP_FORWARD", "PULL"), {})

    assert state.counters["pending"] == waiting
    assert state.counters["forward_waiting"] == forwards


@pytest.mark.parametrize(("without", "pending", "dropped"), [("pull", 1, 0), ("drop", 0, 1)])
def test_what_becomes_of_messages_without_action_is_a_switch(
    without: str, pending: int, dropped: int
) -> None:
    """They wait, or they are dropped and counted."""
    state = SimulatorState(SimulatorSettings(without_action=without))
    state.generate_messages(1, code_with(state), {})

    assert (state.counters["pending"], state.counters["dropped"]) == (pending, dropped)


def test_callback_data_is_echoed() -> None:
    """What an action carries comes back in each of its messages, unless given on purpose."""
    state = SimulatorState(SimulatorSettings())
    code = code_with(state, "PULL")
    application = state.account.application(code)
    assert application is not None
    application.actions[0]["callbackData"] = "echo"

    state.generate_messages(1, code, {})
    state.generate_messages(1, code, {"callbackData": None})

    assert [one["callbackData"] for one in state.mailbox.take(2)] == ["echo", None]


def test_fields_are_taken_as_given() -> None:
    """A test can plant any value in any field."""
    state = SimulatorState(SimulatorSettings())
    [message] = state.generate_messages(1, None, {"text": {"odd": 1}, "new": [1]})

    assert (message["text"], message["new"]) == ({"odd": 1}, [1])
    with pytest.raises(ValueError, match="no application"):
        state.generate_messages(1, "unknown", {})
