import pytest

from ibconsole.simulator.settings import SimulatorSettings, WithoutAction
from ibconsole.simulator.state import SimulatorState


def code_of_application_with(state: SimulatorState, *kinds: str) -> str:
    return next(
        one.code
        for one in state.account.applications
        if one.configuration and sorted(action["type"] for action in one.actions) == sorted(kinds)
    )


def test_the_set_number_of_messages_waits_at_the_start() -> None:
    """Initial messages are for applications that have a PULL action."""
    state = SimulatorState(SimulatorSettings(messages=25))
    with_pull_action = {one.code for one in state.account.applications if one.has_pull_action}

    assert state.counters["pending"] == 25
    assert {message["applicationCode"] for message in state.inbox.take(25)} <= with_pull_action


@pytest.mark.parametrize(("both", "waiting", "forwards"), [(True, 1, 1), (False, 1, 0)])
def test_a_setting_decides_whether_both_actions_get_a_message(
    both: bool, waiting: int, forwards: int
) -> None:
    """The real behaviour is not documented, so both can be simulated."""
    state = SimulatorState(SimulatorSettings(both_actions=both))
    state.generate_messages(1, code_of_application_with(state, "HTTP_FORWARD", "PULL"), {})

    assert state.counters["pending"] == waiting
    assert state.counters["forward_waiting"] == forwards


@pytest.mark.parametrize(
    ("without", "pending", "dropped"), [(WithoutAction.PULL, 1, 0), (WithoutAction.DROP, 0, 1)]
)
def test_a_setting_decides_the_fate_of_messages_without_action(
    without: WithoutAction, pending: int, dropped: int
) -> None:
    """They wait in the inbox, or they are dropped and counted."""
    state = SimulatorState(SimulatorSettings(without_action=without))
    state.generate_messages(1, code_of_application_with(state), {})

    assert (state.counters["pending"], state.counters["dropped"]) == (pending, dropped)


def test_callback_data_is_echoed() -> None:
    """An action's callbackData is in each of its messages, unless the caller sets it."""
    state = SimulatorState(SimulatorSettings())
    code = code_of_application_with(state, "PULL")
    application = state.account.application(code)
    assert application is not None
    application.actions[0]["callbackData"] = "echo"

    state.generate_messages(1, code, {})
    state.generate_messages(1, code, {"callbackData": None})

    assert [one["callbackData"] for one in state.inbox.take(2)] == ["echo", None]


def test_fields_of_a_message_can_be_set() -> None:
    """A test can set any field to any value."""
    state = SimulatorState(SimulatorSettings())
    [message] = state.generate_messages(1, None, {"text": {"odd": 1}, "new": [1]})

    assert (message["text"], message["new"]) == ({"odd": 1}, [1])
    with pytest.raises(ValueError, match="no application"):
        state.generate_messages(1, "unknown", {})
