from typing import Any

import pytest

from ibconsole.simulator.settings import SimulatorSettings, changed


@pytest.mark.parametrize(
    "wrong",
    [
        {"applications": -1},
        {"messages": -1},
        {"rate": float("nan")},
        {"rate": -0.1},
        {"clock_speed": 0},
        {"max_limit": 0},
        {"without_action": "eat"},
        {"conflict_body": "nothing"},
        {"bare_lists": 1},
        {"seed": True},
        {"max_actions": "two"},
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    """A wrong value is said at once, not when it first matters."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        SimulatorSettings(**wrong)


def test_switches_can_be_changed_in_use() -> None:
    """The open questions can be answered either way while the simulator runs."""
    settings = changed(SimulatorSettings(), {"both_actions": False, "rate": 2})

    assert (settings.both_actions, settings.rate) == (False, 2)


@pytest.mark.parametrize("name", ["seed", "messages", "api_key", "forward_anywhere", "nonsense"])
def test_what_is_fixed_stays_so(name: str) -> None:
    """Whoever reaches the control endpoint cannot make the sandbox forward into the world."""
    with pytest.raises(ValueError, match="no switch"):
        changed(SimulatorSettings(), {name: True})
