"""Tools about what was received."""

import pytest
from msgspec.structs import replace

from ibconsole.services.agents.tools import ToolFailed
from ibconsole.services.connections.account import Account, TeamAccess
from ibconsole.services.connections.connection import Connection
from ibconsole.services.connections.settings import Settings
from ibconsole.services.connections.store import Connections, NoSecret
from ibconsole.services.evidence.redaction.rules import RedactionRules, TextChoice
from ibconsole.services.runtime.paths import Paths
from tests.postgres import TeamDatabase
from tests.unit.services.agents.conftest import Session, SessionMaker, store
from tests.unit.team_archive.team_rows import ShippedMessage, TeamRows

CODE = "233623e3c860b49ec69a464834343481-8bj4el4a-256d-23fd-56ad-b5bc3d568b53"
KEPT = RedactionRules(texts=TextChoice.KEPT)


def message(number: int, sender: str = "A") -> dict[str, str]:
    return {
        "messageId": f"id-{number}",
        "applicationCode": CODE,
        "from": f"69827EDB-A806-4AF6-A7F6-98298EAA4F1{sender}",
        "text": f"text {number}",
    }


async def walk(session: Session, limit: int, **criteria: str) -> list[str]:
    """Return the ids of all pages, in their order."""
    seen: list[str] = []
    before: str | None = ""
    while before is not None:
        page = await session.ask("search_messages", limit=limit, before=before, **criteria)
        seen += [one["messageId"] for one in page["items"]]
        before = page["nextBefore"]
    return seen


@pytest.mark.parametrize("limit", [1, 7, 40])
async def test_pages(
    saved: Connections, paths: Paths, make_session: SessionMaker, limit: int
) -> None:
    """Pages have each message once, the newest first, also where texts are searched."""
    store(paths.archive, (await saved.find("Acme")).id, *map(message, range(40)))
    session = make_session(saved, rules=KEPT)

    assert await walk(session, limit) == [f"id-{number}" for number in reversed(range(40))]
    assert await walk(session, limit, text="text 3") == [
        "id-39", "id-38", "id-37", "id-36", "id-35", "id-34", "id-33", "id-32", "id-31", "id-30",
        "id-3",
    ]  # fmt: skip


async def test_criteria(saved: Connections, paths: Paths, make_session: SessionMaker) -> None:
    """Messages are found by what lists have called their sender and application."""
    acme, other = (await saved.find("Acme")).id, (await saved.find("Other")).id
    store(paths.archive, acme, message(1, "A"), message(2, "B"))
    store(paths.archive, other, message(3, "A"))
    session = make_session(saved)
    every = await session.ask("search_messages")
    sender, application = every["items"][-1]["from"], every["items"][-1]["applicationCode"]

    assert [one["connection"] for one in every["items"]] == ["Other", "Acme", "Acme"]
    assert [one["text"] for one in every["items"]] == ["••••"] * 3
    assert await walk(session, 5, sender=sender) == ["id-3", "id-1"]
    assert await walk(session, 5, sender=sender, connection="Acme") == ["id-1"]
    assert len(await walk(session, 5, application=application, via="pull")) == 3
    assert await walk(session, 5, until="2001-01-01", since="2000-01-01", flag="odd") == []
    with pytest.raises(ToolFailed, match="knows no application"):
        await session.ask("search_messages", application="nothing")


async def test_one_connection(saved: Connections, paths: Paths, make_session: SessionMaker) -> None:
    """A server for one connection shows no message of another one."""
    acme, other = (await saved.find("Acme")).id, (await saved.find("Other")).id
    store(paths.archive, acme, message(1))
    store(paths.archive, other, message(2))
    session = make_session(saved, only=acme, rules=KEPT)
    shown = (await session.ask("show_message", id=1))["message"]

    assert await walk(session, 5) == ["id-1"]
    assert (shown["text"], shown["applicationCode"], shown["id"]) == ("text 1", "app-1", 1)
    for unknown in (2, 99):
        with pytest.raises(ToolFailed, match="no message"):
            await session.ask("show_message", id=unknown)


async def test_nothing_was_received(saved: Connections, make_session: SessionMaker) -> None:
    """Without an archive nothing is created, and the answer says that nothing was received."""
    session = make_session(saved)

    assert (await session.ask("search_messages"))["remarks"] == ["Nothing was received yet."]
    with pytest.raises(ToolFailed, match="no message"):
        await session.ask("show_message", id=1)


async def test_the_timeline(saved: Connections, paths: Paths, make_session: SessionMaker) -> None:
    """The timeline of an application has its messages by hour, and its events, newest first."""
    store(paths.archive, (await saved.find("Acme")).id, message(1), message(2))
    session = make_session(saved)
    token = (await session.ask("search_messages"))["items"][0]["applicationCode"]
    found = await session.ask("show_timeline", connection="Acme", application=token)

    assert [one["pulled"] for one in found["messages"]] == [2]
    assert found["events"][-1]["title"]
    assert (found["application"], found["nextOffset"]) == (token, None)
    with pytest.raises(ToolFailed, match="knows no application"):
        await session.ask("show_timeline", connection="Acme", application="nothing")


async def test_a_team(team: TeamDatabase, make_session: SessionMaker) -> None:
    """The messages of a connection with a team are those of the team, page by page."""
    anna = TeamRows(team.db())
    for number in range(5):
        pair = (f"id-{number}-{at}" for at in range(2))
        anna.ship(number, *(ShippedMessage(message_id=one, application_code=CODE) for one in pair))

    class Shared:
        async def load(self) -> Settings:
            one = Connection("8f14e45f-ceea-467f-9b0e-4bcd4ea1a2c0", "Acme", "https://a.example")
            return Settings(connections=(replace(one, team="service=team", team_account="acme"),))

        async def load_account(self, _: str) -> Account:
            raise NoSecret("There is no key.")

        async def team_accesses(self) -> dict[str, TeamAccess]:
            return {}

        async def team_access(self, _: str) -> TeamAccess:
            return TeamAccess(team.address("reader"))

    session = make_session(Shared())
    seen = await walk(session, 3)
    [first, *_] = (await session.ask("search_messages", limit=1))["items"]
    shown = await session.ask("show_message", id=first["id"])

    assert seen == [f"id-{number}-{at}" for number in reversed(range(5)) for at in (1, 0)]
    assert first["receivedBy"] == "anna@desk"
    assert shown["message"]["id"] == first["id"]
    assert (await session.ask("list_connections"))["items"][0]["messages"] == "of a team"
