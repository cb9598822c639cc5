"""What every test stands on."""

import gc
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.keyrings import Session, session

# The machines that run this are shared: how long one example takes says nothing.
settings.register_profile("ibconsole", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ibconsole")


@pytest.fixture(autouse=True, scope="session")
def own_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The locks of pulls, which are for all of a user's programs, are the tests' own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture
def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """A D-Bus session of this test's own, on which this process is; no keyring runs on it yet."""
    with session(tmp_path / "session") as made:
        for name in ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"):
            monkeypatch.setenv(name, made.environment[name])
        yield made
    with warnings.catch_warnings():
        # keyring leaves its connection to the bus open where it raises.
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
