"""`ibconsole leases`, as a user of the terminal borrows a route."""

import json
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from ibconsole.simulator.account import SimulatedApplication
from ibconsole.simulator.running import RunningSimulator
from tests.unit.cli.conftest import Command
from tests.unit.cli.server_processes import post, start, stop


@pytest.fixture
def free(running: RunningSimulator) -> SimulatedApplication:
    """An application without a configuration."""
    applications = running.simulator.state.account.applications
    return next(one for one in applications if one.configuration is None)


@pytest.fixture
def borrow(on_account: Command, free: SimulatedApplication) -> Command:
    """Borrow the route of the application for a moment."""
    return lambda *arguments: on_account(
        *("leases", "borrow", free.code, "--port", "0", "--minutes", "0.002", *arguments)
    )


def test_a_route_is_borrowed_until_its_time_is_over(
    borrow: Command, on_account: Command, free: SimulatedApplication
) -> None:
    lent = borrow("--json")
    lease = json.loads(lent.out.splitlines()[0])

    assert (lent.code, lease["state"], lease["application"]) == (0, "active", free.code)
    assert "nothing of it is left" in lent.err
    assert not free.configuration
    assert on_account("leases").err == "No route is borrowed, and none is left behind.\n"


def test_a_route_is_lent_until_the_command_is_stopped(
    tmp_path: Path,
    ibconsole: Command,
    running: RunningSimulator,
    free: SimulatedApplication,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A message to the lease's path is stored and shown; others see who holds it."""
    monkeypatch.setenv("IBCONSOLE_API_KEY", running.api_key)
    account = ("--base-url", running.base_url, "--json")
    with start("leases", "borrow", free.code, "--port", "0", *account, data=tmp_path / "data") as (
        process,
        lease,
    ):
        assert post(lease["url"], b'{"results": []}') == 200
        [listed] = ibconsole("leases", "--json").json
        assert (listed["id"], listed["holder"]) == (lease["id"], f"process {process.pid}")
        code, rest, _ = stop(process, signal.SIGTERM)

    assert code == 0
    assert json.loads(rest)["_ibconsole"]["status"] == 200
    assert not free.configuration


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--minutes", "500"), "up to 240 minutes"),
        (("--public-url", "ftp://x.example"), "ftp"),
        (("--read-only",), "--read-only"),
        (("--no-listen",), "give the address of the listener"),
    ],
)
def test_what_cannot_be_borrowed_is_explained(
    borrow: Command, free: SimulatedApplication, arguments: tuple[str, ...], sentence: str
) -> None:
    refused = borrow(*arguments)

    assert refused.code
    assert sentence in refused.err
    assert not free.configuration


def test_a_platform_needs_an_address_that_it_reaches(
    ibconsole: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IBCONSOLE_API_KEY", "k" * 20)
    url = ("--base-url", "https://x.api.infobip.com")
    refused = ibconsole("leases", "borrow", "Shop", *url)

    assert refused.code == 2
    assert "no tunnel to port 8484 runs here" in refused.err


def test_an_address_is_checked_before_it_is_used(
    borrow: Command, free: SimulatedApplication
) -> None:
    """A request that does not arrive is said; the platform may still reach what we do not."""
    lent = borrow("--public-url", "http://127.0.0.1:9")

    assert lent.code == 0
    assert "Nothing has arrived here." in lent.err
    assert not free.configuration


def test_a_lease_is_removed_by_another_process(
    tmp_path: Path,
    on_account: Command,
    running: RunningSimulator,
    free: SimulatedApplication,
    left_behind: Callable[[], str],
) -> None:
    lease = left_behind()
    refused = on_account("leases", "remove", lease, "--read-only")
    assert (refused.code, "--read-only" in refused.err) == (1, True)
    assert free.actions

    removed = on_account("leases", "remove", lease)
    assert (removed.code, free.configuration) == (0, None)
    unknown = on_account("leases", "remove", lease)
    assert (unknown.code, f"no borrowed route {lease}" in unknown.err) == (1, True)


def test_a_lease_is_forgotten_without_a_request(
    ibconsole: Command, free: SimulatedApplication, left_behind: Callable[[], str]
) -> None:
    """For what its user removed by hand."""
    lease = left_behind()
    assert ibconsole("leases", "remove", lease, "--forget").code == 0
    assert free.actions
    assert ibconsole("leases", "list", "--json").json == []
