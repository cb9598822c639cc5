"""IBC-18xx: rules about forwards that lead to this program's listener."""

import pytest

from ibconsole.services.runtime import ListenerState, ListenerStatus
from tests.unit.services.diagnosis.rules.cases import LISTENER_URL
from tests.unit.services.diagnosis.samples import OWN, configured, forward, numbers, with_console


def test_an_unknown_listener() -> None:
    """Outside of the window it is not known whether a listener runs: nothing is said."""
    owned = configured(forward(LISTENER_URL))

    assert numbers(with_console(owned, listener=None, owners={LISTENER_URL: OWN})) == []


def test_a_listener_that_runs() -> None:
    """A forward to the own listener, which runs, is what is wanted."""
    status = ListenerStatus(state=ListenerState.LISTENING)
    owned = configured(forward(LISTENER_URL))

    assert numbers(with_console(owned, listener=status, owners={LISTENER_URL: OWN})) == []


def test_a_stopped_listener_that_is_not_used() -> None:
    """A listener that no action forwards to may be off."""
    assert numbers(with_console(listener=ListenerStatus())) == []


@pytest.mark.parametrize(
    "path", ["/inbound/short", "/inbound/AbCdEfGhIjKlMnOp/more", "/outbound/AbCdEfGhIjKlMnOp"]
)
def test_other_paths(path: str) -> None:
    """A path that only resembles those of the listener is another program's."""
    assert numbers(with_console(configured(forward(f"https://abc.kestrel.aero{path}")))) == []
