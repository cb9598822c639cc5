"""The outbox to a team: noted by triggers, read as copies, and removed once it has arrived.

A row is ready when its transaction commits, and stays until it was shipped. Retention deletes
nothing that waits.
"""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.archive.outbox.copies import ShipmentLimits, part_of
    from ibconsole.archive.outbox.outbox import Outbox
    from ibconsole.archive.outbox.records import (
        AnswerCopy,
        AuditCopy,
        Backlog,
        DeliveryCopy,
        ForwardTestCopy,
        LedgerEntryCopy,
        LedgerItemCopy,
        ListCopy,
        MessageCopy,
        OutboxRow,
        PointCopy,
        SetAsideRow,
        Shipment,
        ShippedKind,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "copies": "ShipmentLimits part_of",
            "outbox": "Outbox",
            "records": (
                "AnswerCopy AuditCopy Backlog DeliveryCopy ForwardTestCopy LedgerEntryCopy"
                " LedgerItemCopy ListCopy MessageCopy OutboxRow PointCopy SetAsideRow Shipment"
                " ShippedKind"
            ),
        },
    )

__all__ = [
    "AnswerCopy",
    "AuditCopy",
    "Backlog",
    "DeliveryCopy",
    "ForwardTestCopy",
    "LedgerEntryCopy",
    "LedgerItemCopy",
    "ListCopy",
    "MessageCopy",
    "Outbox",
    "OutboxRow",
    "PointCopy",
    "SetAsideRow",
    "Shipment",
    "ShipmentLimits",
    "ShippedKind",
    "part_of",
]
