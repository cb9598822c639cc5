"""Shipping to a team, compared with bare psycopg, and after the database was away; for `team.py`.

The baseline gets the same batches, ready in memory, and copies each in one transaction into the
same tables, as the superuser: it reads no archive, folds no text, and would not notice a row that
is there already.
"""

import asyncio
import shutil
import time
from collections.abc import Sequence
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from ibconsole.archive import Archive
from ibconsole.archive.outbox import Outbox, Shipment, ShipmentLimits
from ibconsole.services.runtime import Paths
from ibconsole.services.team.backlogs import target_of
from ibconsole.team_archive import TeamAddress, open_session, register_source, searched_text
from measure import Report, ratios, scratch
from team_database import count_messages
from team_members import CONNECTION, Member, Messages, store
from tests.postgres import TeamDatabase, TeamTemplate

_BATCH = 1_000  # messages that are stored at once
_DELIVERY = (
    "arrived_at origin via state base_url began_at ended_at limit_asked method target peer status"
    " headers sha256 complete problem interrupted message_count announced pending salvaged"
    " decoding_problem body_size answer epoch"
)
_CONTENT = "arrived_at body_start raw body"
_MESSAGE = "position message_id application_code sender keyword text"
_SPAN = "received_at flags start size body"
_Db = psycopg.Connection[tuple[Any, ...]]


class ReadyBatch(NamedTuple):
    """The rows of one batch, without ids: deliveries, contents, and messages with their delivery.

    The place of a delivery in the first list names it in the others.
    """

    deliveries: Sequence[tuple[Any, ...]]
    contents: Sequence[tuple[int, tuple[Any, ...]]]
    messages: Sequence[tuple[int, tuple[Any, ...]]]


def compare_shipping(template: TeamTemplate, messages: int, runs: int, report: Report) -> None:
    """Ship the same messages with this program and with bare psycopg, in turns."""
    ours, bare = [], []
    with scratch() as directory:
        with template.copied() as team:
            _fill(directory / "filled", team.address("collector"), messages)
        batches, rows = _read_batches(directory / "filled", team.address("collector"))
        for number in range(runs):
            with template.copied() as team:
                shutil.copytree(directory / "filled", directory / str(number))
                ours.append(messages / asyncio.run(_ship(directory / str(number), team, rows)))
                _check(team, messages)
            with template.copied() as team:
                bare.append(messages / _copy(team, batches))
                _check(team, messages)
            shutil.rmtree(directory / str(number))
    report.add("shipping", ours, "messages/s")
    report.add("the same batches, bare psycopg", bare, "messages/s")
    report.add("shipping / bare psycopg", ratios(ours, bare), "x", at_least=0.5)


def drain_after_outage(template: TeamTemplate, messages: int, report: Report) -> None:
    """Store messages while the database is away, start it, and drain."""
    with template.copied() as team, scratch() as directory:
        figures = asyncio.run(_store_and_drain(directory, team, messages))
        count, twice = count_messages(team)
    report.add(f"away: {messages:,} stored", [messages / figures[0]], "messages/s")
    report.add("away: drained", [messages / figures[1]], "messages/s", at_least=5_000)
    report.add("away: lost", [messages - count], at_most=0)
    report.add("away: twice", [twice], at_most=0)


async def _store_and_drain(
    directory: Path, team: TeamDatabase, messages: int
) -> tuple[float, float]:
    """Return the seconds that the storing and the draining took."""
    collector = Member(directory, team.address("collector"), is_collector=True)
    async with collector as member:
        await member.until(state="shipping", waiting=0)
        team.server.stop()
        await member.until(state="away")
        began = time.perf_counter()
        rows = await asyncio.to_thread(_fill, directory, None, messages)
        storing = time.perf_counter() - began
        await member.until(waiting=rows)
        began = time.perf_counter()
        await asyncio.to_thread(team.server.start)
        await member.until(state="shipping", waiting=0)
        return storing, time.perf_counter() - began


async def _ship(directory: Path, team: TeamDatabase, rows: int) -> float:
    """Return the seconds until all rows of an archive were shipped."""
    began = time.perf_counter()
    async with Member(directory, team.address("collector")) as member:
        await member.until(shipped=rows)
        return time.perf_counter() - began


def _fill(directory: Path, address: TeamAddress | None, messages: int) -> int:
    """Store messages in an archive, which wait for an address: a new one, or that it has.

    Returns the number of deliveries.
    """
    supply, rows = Messages(seed=3), 0
    with Archive(Paths(directory).archive) as archive:
        if address:
            with Outbox(Paths(directory).archive) as outbox:
                outbox.set_targets({CONNECTION: target_of(address)})
        for start in range(0, messages, _BATCH):
            rows += store(archive, supply.take(min(_BATCH, messages - start)))
    return rows


def _read_batches(directory: Path, address: TeamAddress) -> tuple[list[ReadyBatch], int]:
    """Return what waits in batches as they are shipped, and the number of their rows."""
    batches, rows, limits = [], 0, ShipmentLimits()
    with Outbox(Paths(directory).archive) as outbox:
        while (shipment := outbox.read(target_of(address), limits)).rows:
            limits = limits._replace(after=shipment.rows[-1].id)
            batches.append(_ready(shipment))
            rows += len(shipment.rows)
    return batches, rows


def _ready(shipment: Shipment) -> ReadyBatch:
    delivery, content = attrgetter(*_DELIVERY.split()), attrgetter(*_CONTENT.split())
    message, span = attrgetter(*_MESSAGE.split()), attrgetter(*_SPAN.split())
    places = {one.key: place for place, one in enumerate(shipment.deliveries)}
    messages = []
    for one in shipment.messages:
        place = places[one.delivery]
        parent = shipment.deliveries[place]
        searched = searched_text(one.text, one.sender, one.keyword, one.message_id)
        row = (parent.arrived_at, parent.via, *message(one), searched, *span(one))
        messages.append((place, row))
    return ReadyBatch(
        [delivery(one) for one in shipment.deliveries],
        [(place, content(one)) for place, one in enumerate(shipment.deliveries)],
        messages,
    )


def _copy(team: TeamDatabase, batches: Sequence[ReadyBatch]) -> float:
    """Return the seconds for copying all batches with bare psycopg."""
    with open_session(team.address("collector"), None, "benchmark") as session:
        own = (
            session.account,
            register_source(session, "benchmark", "benchmark", is_collector=True),
        )
        session.db.execute(
            "SELECT ibconsole.create_partitions(%s::bigint, %s::bigint)",
            (batches[0].deliveries[0][0], batches[-1].deliveries[-1][0]),
        )
    began = time.perf_counter()
    with team.server.connect(database=team.name) as db:
        for batch in batches:
            with db.transaction():
                _copy_batch(db, own, batch)
    return time.perf_counter() - began


def _copy_batch(db: _Db, own: tuple[int, int], batch: ReadyBatch) -> None:
    query = "SELECT nextval('ibconsole.delivery_id') FROM generate_series(1, %s)"
    ids = [number for (number,) in db.execute(query, [len(batch.deliveries)])]
    with db.cursor() as cursor:
        columns = ", ".join(_DELIVERY.split())
        with cursor.copy(
            f"COPY ibconsole.delivery (id, account, source, {columns}) FROM STDIN"
        ) as copy:
            for number, row in zip(ids, batch.deliveries, strict=True):
                copy.write_row((number, *own, *row))
        columns = ", ".join(_CONTENT.split())
        with cursor.copy(
            f"COPY ibconsole.content (delivery, account, {columns}) FROM STDIN"
        ) as copy:
            for place, row in batch.contents:
                copy.write_row((ids[place], own[0], *row))
        columns = ", ".join(["arrived_at", "via", *_MESSAGE.split(), "searched", *_SPAN.split()])
        with cursor.copy(
            f"COPY ibconsole.message (delivery, account, source, {columns}) FROM STDIN"
        ) as copy:
            for place, row in batch.messages:
                copy.write_row((ids[place], *own, *row))


def _check(team: TeamDatabase, messages: int) -> None:
    """Raise RuntimeError unless a database has these messages once each."""
    if (found := count_messages(team)) != (messages, 0):
        raise RuntimeError(f"{found} messages in place of {messages} were shipped.")
