"""A borrowed route for the tests of the window."""

from ibconsole.clock import now_ms
from ibconsole.services.connections.connection import Environment
from ibconsole.services.runtime.status import ConnectionStatus, LeaseState, LeaseStatus, Status

CODE = "f0e1d2c3b4a5-kestrel"
CONNECTION = ConnectionStatus(
    "Sandbox", "http://127.0.0.1:1", "key abcd…", Environment.SANDBOX, id="c-1"
)
NOW = now_ms()
LEASE = LeaseStatus(
    id="1f2e3d4c",
    connection="c-1",
    application=CODE,
    url="https://a.trycloudflare.com/inbound/lease-1",
    path="/inbound/lease-1",
    state=LeaseState.ACTIVE,
    since=NOW,
    ends_at=NOW + 900_000,
    name="Kestrel Go",
    account="Sandbox",
    is_own=True,
)


def status_with(*leases: LeaseStatus) -> Status:
    """Return a status with these borrowed routes."""
    return Status(connection=CONNECTION, leases=leases)
