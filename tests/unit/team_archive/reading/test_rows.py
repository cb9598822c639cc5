"""Columns become the values of the archive."""

from ibconsole.archive import Flags, Via
from ibconsole.model import AnswerEnd, GivenAnswer, PlannedAnswer, encode
from ibconsole.team_archive import TeamReader
from ibconsole.team_archive.reading.rows import message_of, values_of
from tests.unit.team_archive.team_rows import TeamRows


def test_a_message() -> None:
    """A repetition is marked as one, whatever its member of the team knew."""
    row = (1, 2, "pull", "app", "s", "k", "t", 3, 4, 2, 5, "id", None, 6, 7, "anna")
    message = message_of(values_of(row, b"{}", "uuid", 9), "anna")

    assert (message.via, message.flags) == (Via.PULL, Flags.SALVAGED | Flags.DUPLICATE)
    assert (message.position, message.message_id, message.start, message.size) == (5, "id", 6, 7)
    assert (message.duplicate_of, message.source, message.body) == (9, "anna", b"{}")


def test_an_answer_on_purpose(anna: TeamRows, reader: TeamReader) -> None:
    """The status of a delivery is the planned one, and exports leave out what was answered."""
    planned = PlannedAnswer("s", "r", 503, (("a", "b"),), b"body", 4, 0.0, AnswerEnd.NORMAL, 0.0)
    number = anna.ship(1_000, answer=encode(GivenAnswer(planned)).decode())

    delivery = reader.delivery(number)
    [facts] = reader.facts([number])

    assert delivery
    assert delivery.answer == GivenAnswer(planned)
    assert (delivery.status, facts.status) == (503, 503)
    assert facts.answer
    assert (facts.answer.planned.body, facts.answer.planned.headers) == (b"", ())
