"""The arrivals of a connection are those of this disk and of its team, each counted once."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from ibconsole.archive import Archive
from ibconsole.services.connections.account import TeamAccess
from ibconsole.services.runtime import PullState, PullStatus
from ibconsole.services.watch.facts import (
    ArrivalHistory,
    ListenerAnswer,
    PendingFigure,
    StoredArrivals,
    WatchFacts,
    WatchPlan,
)
from ibconsole.services.watch.shared_arrivals import SharedArrivals, joined
from tests.postgres import TeamDatabase
from tests.unit.archive.deliveries import arrival, batch
from tests.unit.team_archive.team_rows import AT, ShippedMessage, TeamRows

LUMEN = "code-of-lumen-0001"
PLAN = WatchPlan("c", name="Kestrel")
FACTS = WatchFacts(AT + 60_000, 0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "archive.sqlite3"


def receive(path: Path, *times: int) -> None:
    """Store forwards on this disk that arrived at these times, in milliseconds after AT."""
    body = batch({"applicationCode": LUMEN})
    found = [replace(arrival(body, arrived_at=AT + at), connection="c") for at in times]
    with Archive(path) as archive:
        archive.decode(archive.add_forwards(found))


async def test_both_records_count(path: Path, team: TeamDatabase) -> None:
    """What a collector received is there, and so is what was not shipped yet; nothing twice."""
    receive(path, 1, 3, 9)
    bert = TeamRows(team.db(), label="bert@collector")
    for at, status in ((1, 200), (5, 503)):
        bert.ship(at, ShippedMessage(application_code=LUMEN), status=status)
    access: TeamAccess | None = TeamAccess(team.address("reader"))
    arrivals = SharedArrivals(path, "c", lambda: access)
    found, away = await arrivals.read([PLAN], {LUMEN: "Lumen"}, FACTS)

    assert away == ""
    assert [(one.name, one.times) for one in found.histories] == [
        ("", tuple(AT + at for at in (1, 3, 5, 9))),
        ("Lumen", tuple(AT + at for at in (1, 3, 5, 9))),
    ]
    assert [one.at - AT for one in found.answers] == [9, 5, 3, 1]
    assert [one.at - AT for one in found.own_answers] == [9, 3, 1]
    bert.ship(7, ShippedMessage(application_code=LUMEN), pending=4, via="pull")
    found, _ = await arrivals.read([PLAN], {}, FACTS)
    assert found.histories[1].times == tuple(AT + at for at in (1, 3, 5, 7, 9))
    assert found.figures == (PendingFigure(AT + 7, 4),)
    assert found.pull
    assert found.pull.sentence == "1 message pulled. Pulled by bert@collector."
    access = None
    found, _ = await arrivals.read([PLAN], {}, FACTS)
    assert found.answers == found.own_answers


async def test_a_record_that_is_away(path: Path, team: TeamDatabase) -> None:
    """A server that is down or hangs, or a keyring without the password, leaves this disk's."""
    receive(path, 1)
    access = TeamAccess(team.address("reader"))
    locked = replace(access, problem="The keyring is locked.")
    arrivals = SharedArrivals(path, "c", lambda: access, patience=2)
    assert (await arrivals.read([PLAN], {}, FACTS))[1] == ""
    own = (await SharedArrivals(path, "c", lambda: None).read([PLAN], {}, FACTS))[0]

    with team.server.frozen():
        found, away = await arrivals.read([PLAN], {}, FACTS)
    assert (found, "has not answered for 2 s" in away) == (own, True)
    team.server.stop()
    found, away = await arrivals.read([PLAN], {}, FACTS)
    assert (found, bool(away)) == (own, True)
    assert (await SharedArrivals(path, "c", lambda: locked).read([PLAN], {}, FACTS))[1] == (
        "The keyring is locked."
    )
    team.server.start()
    assert (await arrivals.read([PLAN], {}, FACTS))[1] == ""


def test_what_is_in_both() -> None:
    """The newer history decides about the spans, and a pull is described as the team has it."""
    answer, pull = ListenerAnswer(5, 200), PullStatus(PullState.IDLE, 7, None, "here")
    own = StoredArrivals(
        (ArrivalHistory((1, 2), 1, counts=(9,)), ArrivalHistory((2,), 2, "b")),
        (answer,),
        (answer,),
        pull=pull,
        pulls=(7, 6),
    )
    team = StoredArrivals(
        (ArrivalHistory((2, 4), 2), ArrivalHistory((4,), 4, "a")),
        (ListenerAnswer(6, 200), answer),
        pull=replace(pull, sentence="by bert"),
        pulls=(8, 7),
    )

    assert joined(own, team) == StoredArrivals(
        (
            ArrivalHistory((1, 2, 4), 1, counts=(9,)),
            ArrivalHistory((4,), 4, "a"),
            ArrivalHistory((2,), 2, "b"),
        ),
        (ListenerAnswer(6, 200), answer),
        (answer,),
        pull=replace(pull, sentence="by bert"),
        pulls=(8, 7, 6),
    )
    assert joined(StoredArrivals(), StoredArrivals()) == StoredArrivals()
