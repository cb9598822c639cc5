"""The statistics of a team are those of the archive on this disk, asked in the same way."""

import inspect

from ibconsole.archive import Flags, recent_messages, recent_pulls, statistics
from ibconsole.model import AnswerEnd, AnswerOutcome, GivenAnswer, PlannedAnswer, SentAnswer, encode
from ibconsole.team_archive import TeamReader
from ibconsole.team_archive.reading import statistics as twins
from tests.unit.team_archive.team_rows import AT, ShippedMessage, TeamRows


def test_every_query_has_its_twin() -> None:
    """What is asked of this disk can be asked of a team, with the same arguments."""
    queries = {
        name: list(inspect.signature(query).parameters)[1:]
        for name in statistics.__all__
        if inspect.isfunction(query := getattr(statistics, name)) and name != "latest_test_ids"
    }

    assert {
        name: list(inspect.signature(getattr(twins, name)).parameters)[1:] for name in queries
    } == queries


def test_repeated_messages(anna: TeamRows, reader: TeamReader) -> None:
    """A message that another member received first is a repetition, provoked by a rule perhaps."""
    bob = TeamRows(anna.db, label="bob@desk")
    planned = PlannedAnswer("a", "b", 503, end=AnswerEnd.NORMAL)
    sent = SentAnswer(AnswerOutcome.SENT, 0, 1.0, AT + 1_500)
    answer = encode(GivenAnswer(planned, sent)).decode()
    one, other = ShippedMessage(message_id="one"), ShippedMessage(message_id="other")
    refused = bob.ship(1_000, one, answer=answer, status=200)
    bob.ship(1_000, other)
    anna.ship(2_000, one, via="pull")
    anna.ship(3_000, other, ShippedMessage(message_id="", flags=Flags.ODD))

    found = reader.ask(recent_messages, "app", 3)

    assert [(row.arrived_at - AT, row.duplicate_of is not None, row.provoked) for row in found] == [
        (3_000, False, False),
        (3_000, True, False),
        (2_000, True, True),
    ]
    [forwarded] = reader.ask(statistics.forwarded_messages, [refused])
    assert (forwarded.message_id, forwarded.waited) == ("one", 500)
    seen = reader.ask(statistics.platform_observations, 100)
    assert (seen.both_ways, seen.pulled, seen.pulls, seen.largest_pull) == (1, 1, 1, 1)


def test_pulls_and_rhythm(anna: TeamRows, reader: TeamReader) -> None:
    """Pulls of all members count, and times of arrival are those of the period."""
    bob = TeamRows(anna.db, label="bob@desk")
    bob.ship(1_000, via="pull", pending=3, problem="One.", interrupted=True)
    anna.ship(2_000, ShippedMessage(), via="pull")
    anna.ship(3_000, ShippedMessage(), method="POST")
    anna.ship(4_000, status=None)

    first, second = reader.ask(recent_pulls, "uuid", 5)
    newest = dict(reader.ask(statistics.newest_of_applications))
    arrived = reader.ask(statistics.arrived_messages, "app", 0, 5)

    assert (first.at, second.pending, second.problem) == (AT + 2_000, 3, "One.")
    assert [one.at - AT for one in arrived] == [3_000, 2_000]
    assert newest == {"app": arrived[0].id}
    assert reader.ask(statistics.first_arrival, "app") == AT + 2_000
    assert reader.ask(statistics.first_filled, "uuid") == AT + 2_000
    assert len(reader.ask(statistics.filled_deliveries, "uuid", 5)) == 2
    span = (AT + 2_500, AT + 9_000)
    assert list(reader.ask(statistics.arrivals_between, "app", span, 5)) == [AT + 3_000]
    assert list(reader.ask(statistics.deliveries_between, "uuid", span, 5)) == [AT + 3_000]
    assert len(reader.ask(statistics.recent_forwards, 5)) == 1
    [answered] = reader.ask(statistics.answered_forwards)
    assert (answered.connection, answered.method) == ("uuid", "POST")
    assert list(reader.ask(statistics.sent_payloads, 5)) == []
