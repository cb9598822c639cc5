"""Verification, backup and decoding again."""

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
from ibconsole.services.protection import NotPermitted, Policy, PolicyInForce
from tests.unit.archive.deliveries import BODY, arrival, batch, pull, tamper


@pytest.fixture
def maintenance(tmp_path: Path) -> Maintenance:
    path = tmp_path / "data" / "archive.sqlite3"
    with Archive(path) as archive:
        pull(archive, BODY)
        pull(archive, BODY[:60], complete=False)
        archive.decode(archive.add_forwards([arrival(b"<html>")]))
    return Maintenance(path)


async def test_undamaged_archive(maintenance: Maintenance) -> None:
    """The report of an undamaged archive lists cut and undecodable deliveries."""
    reports: list[Progress] = []

    found = await maintenance.verify(reports.append)

    assert found.damaged == 0
    assert describe_verification(found) == (
        "The archive is undamaged: 3 deliveries and 3 messages were looked at, and all are as"
        " they were stored. So is the audit, with 0 rows."
    )
    assert "what arrived is kept: 2" in verification_report(found)
    assert "no message could be read; it is kept: 3" in verification_report(found)
    assert reports[0].stage == "Looking at the file's structure"


async def test_damaged_archive(maintenance: Maintenance) -> None:
    """The report of a damaged archive lists each damage, and says what to do."""
    with Archive(maintenance.path) as archive:
        tamper(archive, "UPDATE chunk SET bytes = x'31' WHERE delivery = 1")

    found = await maintenance.verify(lambda _: None)

    assert "What is not named is as it was stored" in describe_verification(found)
    assert "copy the whole data directory" in describe_verification(found)
    assert "- The body of delivery 1 is not what was received: its SHA-256" in verification_report(
        found
    )


async def test_many_damages(maintenance: Maintenance) -> None:
    """A report lists at most 1,000 damages and counts the others."""
    with Archive(maintenance.path) as archive:
        pull(archive, batch(*({"messageId": str(number)} for number in range(1_200))))
        tamper(archive, "UPDATE message SET start = start + 1 WHERE id > 3")

    assert verification_report(await maintenance.verify(lambda _: None)).endswith(
        "\n- and 200 more"
    )


async def test_backup(maintenance: Maintenance, tmp_path: Path) -> None:
    """A backup is verified, and is an archive that can be verified itself."""
    found = await maintenance.back_up(tmp_path / "copy.sqlite3", lambda _: None)

    assert found.deliveries[DeliveryCondition.WHOLE] == 1
    assert await Maintenance(tmp_path / "copy.sqlite3").verify(lambda _: None) == found


@pytest.mark.slow
async def test_cancelled_backup(maintenance: Maintenance, tmp_path: Path) -> None:
    """A cancelled backup leaves no file."""
    started = asyncio.Event()
    with Archive(maintenance.path) as archive:
        for _ in range(60):
            pull(archive, batch({"text": "x" * 100_000}))
    task = asyncio.get_running_loop().create_task(
        maintenance.back_up(tmp_path / "copy.sqlite3", lambda _: started.set())
    )
    await started.wait()

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert os.listdir(tmp_path) == ["data"]  # noqa: PTH208


async def test_redecoding(maintenance: Maintenance) -> None:
    """All bodies are decoded again, in several transactions, with progress."""
    with Archive(maintenance.path) as archive:
        for _ in range(100):
            pull(archive, BODY)
        tamper(archive, "UPDATE message SET text = ''")
    reports: list[Progress] = []

    result = await maintenance.redecode(reports.append)

    assert (result.deliveries, result.changed, result.added) == (103, 203, 0)
    assert reports[0].total == 103


def test_description_of_redecoding() -> None:
    """The description names the changes and the deliveries that were not changed."""
    result = RedecodingResult(9, 7, changed=1, added=2, without_body=1, fewer=(3, 5))

    assert describe_redecoding(result) == (
        "7 bodies read again: 1 message changed, 2 new. 1 imported delivery skipped,"
        " because they have no body. Fewer messages than are stored were found in 2 deliveries,"
        " which are not changed: 3, 5."
    )
    assert (
        describe_redecoding(RedecodingResult(1, 1))
        == "1 body read again: 0 messages changed, 0 new."
    )


async def test_a_policy_against_raw_exports_forbids_a_backup(
    maintenance: Maintenance, tmp_path: Path
) -> None:
    """A copy of the archive contains every raw body; verification goes on."""
    forbidden = PolicyInForce(Policy(forbid_raw_exports=True), "/etc/policy.toml")
    pinned = Maintenance(maintenance.path, lambda: forbidden)
    target = tmp_path / "copy.sqlite3"

    with pytest.raises(NotPermitted, match="set by your administrator"):
        await pinned.back_up(target, lambda _: None)

    assert not target.exists()
    assert not (await pinned.verify(lambda _: None)).damaged
