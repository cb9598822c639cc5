"""Reading the archive: recovery, committed messages, cancelled searches."""

import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from ibconsole.archive.archive import Archive
from ibconsole.archive.records import Filter, Order, Via
from ibconsole.services.console.console import Console
from ibconsole.services.messages.async_reader import AsyncReader, open_reader
from ibconsole.services.protection import NotPermitted, Policy, PolicyInForce
from ibconsole.services.runtime.paths import Paths
from tests.unit.archive.deliveries import arrival, batch


def test_recovery_after_a_crash(tmp_path: Path) -> None:
    """Opening a reader after a crash recovers the messages whose bytes are on disk."""
    paths = Paths(tmp_path / "data")
    crashed = Archive(paths.archive)
    delivery = crashed.begin_pull(connection=None, base_url="https://a", limit=None)
    crashed.append_answer(delivery, b'{"results":[{"messageId":"1"},{"mess')
    crashed.close()

    reports: list[str] = []
    with open_reader(paths.data, reports.append) as reader:
        assert reader.counts().messages == 1
    [sentence] = reports
    assert re.fullmatch(
        r"1 pull was interrupted at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \w+;"
        r" 1 message was recovered from the bytes on disk\.",
        sentence,
    )


def test_several_interruptions(tmp_path: Path) -> None:
    """Several interrupted pulls are counted, with the time of the last one."""
    paths = Paths(tmp_path / "data")
    for _ in range(2):
        crashed = Archive(paths.archive)
        crashed.begin_pull(connection=None, base_url="https://a", limit=None)
        crashed.close()

    reports: list[str] = []
    with open_reader(paths.data, reports.append):
        pass
    assert reports[0].startswith("2 pulls were interrupted, the last one at ")


def test_new_archive(tmp_path: Path) -> None:
    """Opening a reader creates the archive if there is none."""
    with open_reader(tmp_path / "new", pytest.fail) as reader:
        assert reader.counts().messages == 0


async def test_window_reads_committed_messages(console: Console, paths: Paths) -> None:
    """Searches, pages and bodies show what the engine has committed."""
    async with AsyncReader(paths.archive) as reader:
        before = reader.version()
        report = await console.pulls.pull(4)

        ids = (await reader.search(Filter())).ids
        assert tuple(ids) == report.message_ids
        assert [row.id for row in reader.rows(ids)] == list(ids)
        assert reader.version() != before
        message = await reader.message(ids[0])
        assert message is not None
        assert message.delivery == report.delivery
        [pull] = await reader.find_deliveries(Via.PULL)
        found = await reader.delivery(pull)
        assert found is not None
        assert [found] == reader.deliveries([pull])
        part = await reader.slice(pull, 1, 9)
        assert (part.data, part.start, part.total) == (b'"results"', 1, found.size)
        assert (await reader.slice(pull, 0, 9, raw=True)).total == 0
        assert await reader.trailing_bytes(pull) == b""
        assert await reader.find_message(message.message_id, message.application_code) == ids[0]
        assert await reader.find_message("unknown", "") is None
        target = paths.data / "body"
        assert await reader.save_body(pull, target, lambda _: None) == found.size
        assert target.stat().st_size == found.size
        status = await reader.status(console.status.connection)
        assert status.messages == 4
        assert status.pull is not None
        assert status.pull.sentence == "4 messages pulled."


async def test_older_messages(console: Console, paths: Paths) -> None:
    """The messages before the newest ones are found from their place on."""
    await console.pulls.pull(4)
    async with AsyncReader(paths.archive) as reader:
        last = await reader.search(Filter(), limit=1)
        older = await reader.search_older(
            Filter(), last.place, order=Order.ARRIVAL, newest=last.newest
        )

        assert (older.ids + last.ids, older.rest) == ((await reader.search(Filter())).ids, None)


CODE = "233623e3c860b49ec69a464834343481-8bj4el4a"


async def test_a_policy_masks_codes_in_all_that_is_read(tmp_path: Path) -> None:
    """Nothing that the window reads has a code, except the field that names the application."""
    path = tmp_path / "archive.sqlite3"
    message = {"applicationCode": CODE, "from": CODE, "text": f"of {CODE}", "messageId": "m"}
    body = batch(message)
    request = replace(
        arrival(body),
        target=f"/in?applicationCode={CODE}",
        headers=(("X", f"applicationCode={CODE}"),),
    )
    with Archive(path) as archive:
        [delivery] = archive.add_forwards([request])
        archive.decode([delivery])
    found = PolicyInForce(Policy(forbid_revealed_codes=True), "/etc/policy.toml")
    async with AsyncReader(path, lambda: found) as reader:
        [number] = (await reader.search(Filter())).ids
        part = await reader.slice(delivery, 20, 10_000)
        read = [
            replace(row, application_code="")
            for row in (*reader.rows([number]), *await reader.messages([number]))
        ]
        one = await reader.message(number)
        assert one is not None
        seen = (
            *read,
            replace(one, application_code=""),
            await reader.delivery(delivery),
            *reader.deliveries([delivery]),
            part.data,
            (await reader.slice(delivery, 0, 10_000, raw=True)).data,
        )
        assert CODE not in str(seen)
        assert one.application_code == CODE
        assert (len(part.data), part.start, part.total) == (len(body) - 20, 20, len(body))
        assert CODE[:4].encode() + b"*" * (len(CODE) - 8) + CODE[-4:].encode() in part.data
        with pytest.raises(NotPermitted, match="administrator"):
            await reader.save_body(delivery, tmp_path / "body", lambda _: None)
