from typing import Any

import pytest

from ibconsole.simulator.settings import SimulatorSettings, with_changes


@pytest.mark.parametrize(
    "invalid",
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
        {"retry_delays": [1, "two"]},
        {"retry_delays": [-1.0]},
        {"retry_delays": 3},
        {"forward_timeout": 0},
    ],
)
def test_invalid_settings_are_refused(invalid: dict[str, Any]) -> None:
    """An invalid value is reported at once, by the name of the setting."""
    with pytest.raises(ValueError, match=next(iter(invalid))):
        SimulatorSettings(**invalid)


def test_settings_change_at_run_time() -> None:
    """Undocumented behaviour can be changed while the simulator runs."""
    changes = {"both_actions": False, "rate": 2, "retry_delays": [1, 2.5]}
    settings = with_changes(SimulatorSettings(), changes)

    assert (settings.both_actions, settings.rate) == (False, 2)
    assert settings.retry_delays == (1.0, 2.5)


@pytest.mark.parametrize(
    "name", ["seed", "messages", "api_key", "forward_anywhere", "forward_connections", "nonsense"]
)
def test_fixed_settings_cannot_change(name: str) -> None:
    """The control endpoint cannot make the sandbox forward to other computers."""
    with pytest.raises(ValueError, match="no switch"):
        with_changes(SimulatorSettings(), {name: True})
