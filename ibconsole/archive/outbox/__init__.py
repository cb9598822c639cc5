"""The outbox to a team: noted by triggers, read as copies, and removed once it has arrived.

A row is ready when its transaction commits, and stays until it was shipped. Retention deletes
nothing that waits.
"""

from ibconsole.archive.outbox.records import (
    Backlog,
    DeliveryCopy,
    MessageCopy,
    OutboxRow,
    ShippedKind,
)

__all__ = ["Backlog", "DeliveryCopy", "MessageCopy", "OutboxRow", "ShippedKind"]
