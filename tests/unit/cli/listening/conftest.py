"""Borrowed routes that a process has left behind."""

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from ibconsole.archive.leases import StoredLease, add_lease
from ibconsole.secret import Secret
from ibconsole.services.connections.account import Account, account_of
from ibconsole.services.runtime.paths import Paths
from ibconsole.services.setup.lease.creation import draft_of_lease
from ibconsole.services.setup.lease.values import LeaseDetails, LeaseRequest, new_lease
from ibconsole.simulator.running import RunningSimulator


@pytest.fixture
def left_behind(tmp_path: Path, running: RunningSimulator) -> Callable[[], str]:
    """Leave a lease behind, with its action and its configuration; return its id."""

    def leave() -> str:
        account = account_of(running.base_url, Secret(running.api_key))
        platform = running.simulator.state.account
        free = next(one for one in platform.applications if one.configuration is None)
        lease = stored(account, free.code)
        configuration = platform.create_configuration(free)
        platform.add_action(configuration, dict(draft_of_lease(lease).raw))
        add_lease(Paths(tmp_path / "data").archive, lease)
        return lease.id

    return leave


def stored(account: Account, code: str) -> StoredLease:
    """Return a lease whose creation was interrupted when everything existed."""
    url = "http://127.0.0.1:9"
    details = LeaseDetails(url, "Shop", account.name, account.base_url, account.credential.label)
    lease = new_lease(LeaseRequest(code, url), account, details)
    return replace(lease, owns_configuration=True, sent_at=lease.made_at)
