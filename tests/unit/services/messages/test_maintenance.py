"""Looking after the archive."""

import asyncio
import os
from pathlib import Path

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.records import DeliveryCondition, Progress, RedecodingResult
from ibconsole.services.messages.maintenance import (
    Maintenance,
    describe_redecoding,
    describe_verification,
    verification_report,
)
from tests.unit.archive.deliveries import BODY, arrival, batch, pull, tamper


@pytest.fixture
def caring(tmp_path: Path) -> Maintenance:
    path = tmp_path / "data" / "archive.sqlite3"
    with Archive(path) as archive:
        pull(archive, BODY)
        pull(archive, BODY[:60], complete=False)
        archive.decode(archive.add_forwards([arrival(b"<html>")]))
    return Maintenance(path)


async def test_an_undamaged_archive(caring: Maintenance) -> None:
    """What was found is told in words, with what was cut named."""
    told: list[Progress] = []

    found = await caring.verify(told.append)

    assert found.damaged == 0
    assert describe_verification(found) == (
        "The archive is undamaged: 3 deliveries and 3 messages were looked at, and all are as"
        " they were stored."
    )
    assert "what arrived is kept: 2" in verification_report(found)
    assert "no message could be read; it is kept: 3" in verification_report(found)
    assert told[0].stage == "Looking at the file's structure"


async def test_a_damaged_archive(caring: Maintenance) -> None:
    """Damage is told with what it means and what to do, and each one is named."""
    with Archive(caring.path) as archive:
        tamper(archive, "UPDATE content SET body = x'31' WHERE delivery = 1")

    found = await caring.verify(lambda _: None)

    assert "What is not named is as it was stored" in describe_verification(found)
    assert "copy the whole data directory" in describe_verification(found)
    assert "- The body of delivery 1 is not what was received: its SHA-256" in verification_report(
        found
    )


async def test_more_damages_than_anybody_reads(caring: Maintenance) -> None:
    """A report has an end, and says what it left out."""
    with Archive(caring.path) as archive:
        pull(archive, batch(*({"messageId": str(number)} for number in range(1_200))))
        tamper(archive, "UPDATE element SET body = x'31' WHERE message > 3")

    assert verification_report(await caring.verify(lambda _: None)).endswith("\n- and 200 more")


async def test_a_backup(caring: Maintenance, tmp_path: Path) -> None:
    """The copy is verified, and verifies by itself."""
    found = await caring.back_up(tmp_path / "copy.sqlite3", lambda _: None)

    assert found.deliveries[DeliveryCondition.WHOLE] == 1
    assert await Maintenance(tmp_path / "copy.sqlite3").verify(lambda _: None) == found


async def test_a_backup_that_is_cancelled(caring: Maintenance, tmp_path: Path) -> None:
    """Who cancels it waits until it has cleaned up behind itself."""
    begun = asyncio.Event()
    with Archive(caring.path) as archive:
        for _ in range(300):
            pull(archive, batch({"text": "x" * 20_000}))
    working = asyncio.get_running_loop().create_task(
        caring.back_up(tmp_path / "copy.sqlite3", lambda _: begun.set())
    )
    await begun.wait()

    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working

    assert os.listdir(tmp_path) == ["data"]  # noqa: PTH208


async def test_redecoding(caring: Maintenance) -> None:
    """All bodies are read again, in as many transactions as it takes."""
    with Archive(caring.path) as archive:
        for _ in range(100):
            pull(archive, BODY)
        tamper(archive, "UPDATE message SET text = ''")
    told: list[Progress] = []

    learnt = await caring.redecode(told.append)

    assert (learnt.deliveries, learnt.changed, learnt.added) == (103, 203, 0)
    assert told[0].total == 103


def test_redecoding_in_words() -> None:
    """What it brought is told, and what it left alone."""
    told = RedecodingResult(9, 7, changed=1, added=2, without_body=1, fewer=(3, 5))

    assert describe_redecoding(told) == (
        "7 bodies read again: 1 message changed, 2 new. 1 imported delivery without a body passed"
        " over. Fewer messages than are stored were found in 2 deliveries, which stay as they"
        " are: 3, 5."
    )
    assert (
        describe_redecoding(RedecodingResult(1, 1))
        == "1 body read again: 0 messages changed, 0 new."
    )
