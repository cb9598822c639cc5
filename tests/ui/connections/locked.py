"""Statuses of locked connections."""

from ibconsole.services.runtime.status import (
    ConnectionStatus,
    Lock,
    LockCause,
    ProtectionStatus,
    Status,
)

LOCK = Lock(LockCause.PRODUCTION, "It is a production account.")
POLICY = Lock(LockCause.POLICY, "No messages may be pulled here: set by your administrator.")
PRODUCTION = Status(
    ConnectionStatus("Acme", "https://a.example", "key …", "production", id="8d1b"),
    protection=ProtectionStatus(LOCK, LOCK),
)
TEST = Status(
    ConnectionStatus("Acme", "https://a.example", "key …", "test", id="8d1b"),
    protection=ProtectionStatus(LOCK, POLICY),
)
