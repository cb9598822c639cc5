"""Fixtures and settings for all tests."""

import gc
import os
import signal
import sys
import warnings
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings

from tests.keyrings import KeyringSession, keyring_session
from tests.postgres import MISSING, PostgresServer, TeamDatabase, TeamTemplate, private_server
from tests.team_servers import Pooler, Standby, pooler, standby_of
from tests.temporary import memory_directory

# The tests start the program hundreds of times: without compiled modules, each start takes twice
# as long (0.5 s of processor time instead of 0.2 s).
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Test machines are shared, so the duration of one example is no evidence of a problem.
settings.register_profile(
    "ibconsole", max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ibconsole")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """Use one worker more than there are processors: many tests wait for processes or the disk."""
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    return (os.cpu_count() or 1) + 1


_MANY_OBJECTS = 20_000  # new ones since the last collection


@pytest.hookimpl(tryfirst=True)
def pytest_configure() -> None:
    """Create the directories of `tmp_path` in memory, where there is room."""
    if memory := memory_directory():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))


def pytest_sessionstart() -> None:
    """Let no thread but that of the tests collect garbage.

    A collection on the thread of an engine would destroy the Qt objects that a test before has
    left in cycles, and Qt aborts the process then; see `ui.shell.gc_control`.
    """
    gc.disable()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Exempt the modules and the collected tests from every later collection of garbage."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Generator[None, object, object]:
    """Collect after a test that has left many objects, and keep the automatic collector off.

    What is left then mostly lives as long as the process: visiting it again after each of these
    tests took 6 % of the processor time of all tests.
    """
    done = yield
    gc.disable()
    if gc.get_count()[0] > _MANY_OBJECTS:
        gc.collect()
        gc.freeze()
    return done


@contextmanager
def _without_measurement() -> Iterator[None]:
    """Run the block without the measurement of coverage, which makes loops three times as slow."""
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(tracer)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Leave tests of properties out of the measurement: what random examples reach varies."""
    if not is_hypothesis_test(pyfuncitem.obj):
        return (yield)
    with _without_measurement():
        return (yield)


@pytest.fixture
def unmeasured() -> Iterator[None]:
    """Leave a test that repeats the same few lines out of the measurement of coverage."""
    with _without_measurement():
        yield


@pytest.fixture
def unmeasured_children(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave processes that a test starts out of the measurement of coverage.

    Each starts, and ends, in half of the time.
    """
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)


@pytest.fixture
def default_signals() -> Iterator[None]:
    """Give signals that were ignored when the tests were started, as by nohup, their effect."""
    names = ("SIGHUP", "SIGINT", "SIGQUIT", "SIGUSR1")  # Python itself ignores others
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    ignored = [number for number in numbers if signal.getsignal(number) is signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, signal.SIG_DFL)
    yield
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)


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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need PostgreSQL, and those that need more than a server of it."""
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if "team_server" in fixtures:
            item.add_marker("team")
        if "pgbouncer" in fixtures or "standby" in fixtures:
            item.add_marker("team_servers")
            item.add_marker("slow")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say that tests were skipped for want of PostgreSQL."""
    skipped = [one for one in terminalreporter.getreports("skipped") if MISSING in one.longreprtext]
    if skipped:
        terminalreporter.line(f"{len(skipped)} tests of a team's archive were skipped: {MISSING}.")


@pytest.fixture(scope="session")
def team_server() -> Iterator[PostgresServer]:
    """Start a PostgreSQL server for this process's tests.

    A test may leave it stopped: fixture `team` starts it again.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("PG")]:
            patch.delenv(name)
        with private_server() as server:
            yield server


@pytest.fixture(scope="session")
def team_template(team_server: PostgresServer) -> TeamTemplate:
    """Prepare an archive of a team."""
    return TeamTemplate(team_server)


@pytest.fixture
def team(team_template: TeamTemplate) -> Iterator[TeamDatabase]:
    """Create an empty archive of a team, with the accounts acme and globex."""
    with team_template.copied() as team:
        yield team


@pytest.fixture
def pgbouncer(team: TeamDatabase) -> Iterator[Pooler]:
    """Start a pooler in front of the team's database."""
    with pooler(team) as started:
        yield started


@pytest.fixture
def standby(team: TeamDatabase) -> Iterator[Standby]:
    """Start a standby of the server, which has the team's database too."""
    with standby_of(team.server) as started:
        yield started
