"""Fixtures and settings for all tests."""

import gc
import os
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.keyrings import KeyringSession, keyring_session

# The tests start the program hundreds of times: without compiled modules, each start takes twice
# as long (0.5 s of processor time instead of 0.2 s).
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Test machines are shared, so the duration of one example is no evidence of a problem.
settings.register_profile("ibconsole", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ibconsole")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """Use one worker more than there are processors: many tests wait for processes or the disk."""
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    return (os.cpu_count() or 1) + 1


@pytest.fixture(autouse=True, scope="session")
def own_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give the tests their own pull locks, which all programs of a user share."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture
def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KeyringSession]:
    """Start a private D-Bus session for the test and this process; no keyring runs on it yet."""
    with keyring_session(tmp_path / "session") as session:
        for name in ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"):
            monkeypatch.setenv(name, session.environment[name])
        yield session
    with warnings.catch_warnings():
        # keyring leaves its connection to the bus open when it raises an exception.
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
