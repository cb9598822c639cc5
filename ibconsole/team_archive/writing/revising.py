"""Corrections of deliveries that the team's archive has already, as far as they are newer.

A source counts the changes of what it has stored, so that the comparison of two numbers leaves out
whatever was shipped before. Of a delivery that another source has stored, such as the one that
received what this one imported, messages may be missing: all are compared.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from ibconsole.archive.outbox import DeliveryCopy, MessageCopy
from ibconsole.team_archive.writing.arrays import Booleans, Integers, Texts
from ibconsole.team_archive.writing.statements import Columns, message_columns

FIND_STORED = """
    SELECT delivery.id, origin, arrived_at, source, revision
    FROM unnest(%s, %s) AS shipped (origin, arrived_at)
    JOIN ibconsole.delivery USING (origin, arrived_at) WHERE account = %s
"""
REVISE_MESSAGES = f"SELECT ibconsole.revise_messages({', '.join(['%s'] * 20)})"
REVISE_DELIVERIES = f"SELECT ibconsole.revise_deliveries({', '.join(['%s'] * 12)})"


class OutdatedDelivery(NamedTuple):
    """A delivery of which the team's archive may lack something, with its id there."""

    id: int
    shipped: DeliveryCopy


def stored_columns(rows: Sequence[DeliveryCopy]) -> list[Columns]:
    """Return the columns of FIND_STORED."""
    return [Texts(row.origin for row in rows), Integers(row.arrived_at for row in rows)]


def find_outdated(
    rows: Sequence[DeliveryCopy], stored: Iterable[tuple[Any, ...]], own: int
) -> list[OutdatedDelivery]:
    """Return what is newer than in the rows of FIND_STORED, for the source `own`."""
    shipped = {(one.origin, one.arrived_at): one for one in rows}
    return [
        OutdatedDelivery(number, one)
        for number, origin, at, source, revision in sorted(stored)
        if (one := shipped.get((origin, at))) and (source != own or revision < one.revision)
    ]


def revised_message_columns(
    deliveries: Sequence[OutdatedDelivery], messages: Sequence[MessageCopy]
) -> list[Columns]:
    """Return the columns of REVISE_MESSAGES: of the deliveries, then of some of their messages."""
    places = {
        one.shipped.key: (one.id, one.shipped.arrived_at, one.shipped.via) for one in deliveries
    }
    return [
        *_revision_columns(deliveries),
        *message_columns(messages, [places[one.delivery] for one in messages]),
    ]


def revised_delivery_columns(deliveries: Sequence[OutdatedDelivery]) -> list[Columns]:
    """Return the columns of REVISE_DELIVERIES."""
    rows = [one.shipped for one in deliveries]
    return [
        *_revision_columns(deliveries),
        Texts(row.headers for row in rows),
        Texts(row.sha256 for row in rows),
        Integers(row.announced for row in rows),
        Integers(row.pending for row in rows),
        Booleans(row.salvaged for row in rows),
        Texts(row.decoding_problem for row in rows),
        Integers(row.body_size for row in rows),
    ]


def _revision_columns(deliveries: Sequence[OutdatedDelivery]) -> list[Columns]:
    return [
        Integers(one.id for one in deliveries),
        Integers(one.shipped.arrived_at for one in deliveries),
        Integers(one.shipped.revision for one in deliveries),
    ]
