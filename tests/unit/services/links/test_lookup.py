"""What links lead to: messages on this disk and of a team, and findings."""

import asyncio
from pathlib import Path

from msgspec.structs import replace

from ibconsole.archive.archive import Archive
from ibconsole.services.connections import TeamAccess
from ibconsole.services.diagnosis import Basis, Confidence, Finding, Level, Subject
from ibconsole.services.links.links import FindingLink, MessageLink, code_digest
from ibconsole.services.links.lookup import LinkLookup, choose_finding
from ibconsole.services.messages import AsyncReader
from ibconsole.services.team.reading import RecordReader, is_team_id
from tests.postgres import TeamDatabase
from tests.unit.archive.deliveries import arrival, batch
from tests.unit.team_archive.team_rows import ShippedMessage, TeamRows

OTHER = "f" * 32


async def test_a_message_is_found_by_its_number_or_its_id(tmp_path: Path) -> None:
    """A number counts in its own archive, with the id that was copied; else the id counts."""
    path = tmp_path / "archive.sqlite3"
    with Archive(path) as archive:
        messages = [
            {"messageId": "a", "applicationCode": "one"},
            {"messageId": "a", "applicationCode": "two"},
            {"text": "without an id"},
        ]
        archive.decode(archive.add_forwards([arrival(batch(*messages))]))
    async with AsyncReader(path) as disk, RecordReader(disk) as record:
        lookup = LinkLookup(disk, record)
        names = await lookup.names(3)
        own = names.archive
        expected = {
            MessageLink(archive=own, number=1, message_id="a"): 1,
            MessageLink(archive=own, number=3): 3,
            MessageLink(archive=own, number=9): None,
            MessageLink(archive=own, number=3, message_id="gone"): None,
            MessageLink(archive=OTHER, number=1): None,
            MessageLink(archive=OTHER, number=3, message_id="a"): 2,
            MessageLink(message_id="a"): 2,
            MessageLink(message_id="a", application=code_digest("one")): 1,
            MessageLink(message_id="a", application=code_digest("none")): 2,
        }
        assert names.message is not None
        assert names.message.text == "without an id"
        assert (await lookup.names(9)).message is None
        assert {link: await lookup.find_message(link) for link in expected} == expected


async def test_a_message_of_a_team(team: TeamDatabase, tmp_path: Path) -> None:
    """While a team's record is shown, its message is meant, and its numbers are in no link."""
    path = tmp_path / "archive.sqlite3"
    with Archive(path) as archive:
        archive.decode(archive.add_forwards([arrival(batch({"messageId": "mine"}))]))
    TeamRows(team.db()).ship(1, ShippedMessage(message_id="ours"))
    async with AsyncReader(path) as disk, RecordReader(disk) as record:
        record.use(TeamAccess(team.address("reader")), "uuid")
        async with asyncio.timeout(10):
            while not record.source.is_shared:
                await asyncio.sleep(0.01)
        lookup = LinkLookup(disk, record)
        own = await disk.identity()
        ours = await lookup.find_message(MessageLink(archive=OTHER, number=1, message_id="ours"))
        mine = await lookup.find_message(MessageLink(archive=own, number=1, message_id="mine"))

        assert ours is not None
        assert is_team_id(ours)
        assert mine == 1
        assert (await lookup.names(ours)).archive == ""


def test_the_finding_of_a_link() -> None:
    """The fingerprint decides on this computer; elsewhere number and application do."""
    confidence = Confidence(Basis.OBSERVED)
    finding = Finding(1001, Level.ERROR, Subject("c", "code", action="1"), "It is so.", confidence)
    second = replace(finding, subject=Subject("c", "code", action="2"))
    account = replace(finding, subject=Subject("c"))
    link = FindingLink(number=1001, fingerprint=second.id, application=code_digest("code"))
    abroad = replace(link, fingerprint="0" * 20)

    found = [finding, second, account]
    assert choose_finding(link, found) is second
    assert choose_finding(abroad, found) is finding
    assert choose_finding(replace(abroad, application=""), found) is account
    assert choose_finding(replace(abroad, number=1002), found) is None
