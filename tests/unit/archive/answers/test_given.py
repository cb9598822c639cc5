"""Answers of rules in the archive."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from ibconsole.archive.answers.given import BODY_KEPT, read_given
from ibconsole.archive.archive import Archive
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter, RetentionPolicy, Via
from ibconsole.archive.statistics import answered_forwards, forwarded_messages, recent_messages
from ibconsole.model import AnswerEnd, AnswerOutcome, GivenAnswer, PlannedAnswer, SentAnswer
from ibconsole.services.messages.export import Export, ExportOptions, Format
from ibconsole.services.messages.import_file import FileImport
from tests.unit.archive.deliveries import BODY, arrival, batch

DOWN = PlannedAnswer(
    "s", "down", 503, (("Retry-After", "60"),), b"Service Unavailable", 19, delay=2.0
)
SILENT = PlannedAnswer("s", "hang", None, end=AnswerEnd.HANG, seconds=3600.0)
LEFT = SentAnswer(AnswerOutcome.LEFT, 0, 2.1, 3_100)


def store(archive: Archive, *planned: PlannedAnswer | None, body: bytes = BODY) -> list[int]:
    """Store a forward for each answer, and decode them."""
    arrivals = [replace(arrival(body), answer=each) for each in planned]
    deliveries = archive.add_forwards(arrivals)
    archive.decode(deliveries)
    return deliveries


def test_planned_and_sent(archive: Archive, reader: Reader) -> None:
    """The plan is stored with the request, and what was sent when it is known."""
    deliveries = store(archive, DOWN, None, SILENT)
    archive.set_sent_answers([(deliveries[2], LEFT), (99, LEFT)])

    found = reader.deliveries(deliveries)

    assert [one.answer for one in found] == [GivenAnswer(DOWN), None, GivenAnswer(SILENT, LEFT)]
    assert [one.status for one in found] == [503, 200, None]


def test_a_large_body_is_stored_in_part(archive: Archive, reader: Reader) -> None:
    """The same large answer to many requests does not fill the disk; its size is known."""
    [delivery] = store(archive, replace(DOWN, body=b"x" * (BODY_KEPT + 1), size=BODY_KEPT + 1))

    found = reader.delivery(delivery)

    assert found
    assert found.answer
    assert len(found.answer.planned.body) == BODY_KEPT
    assert found.answer.planned.size == BODY_KEPT + 1


def test_messages_are_decoded_whatever_was_answered(archive: Archive, reader: Reader) -> None:
    """A refusal on purpose does not make a request with an odd head a rejected one."""
    odd = replace(arrival(BODY, problem="There is no Host."), answer=DOWN)
    archive.decode(archive.add_forwards([odd]))
    archive.redecode(0)

    assert len(reader.find(Filter())) == 2


def test_answers_on_purpose_are_no_refusals(archive: Archive, reader: Reader) -> None:
    """Neither the banner about refused requests nor the alarms blame a rule."""
    store(archive, DOWN, SILENT)

    activity = reader.source_activity("", "")

    assert (activity.refused, activity.forwarded_at) == (0, 1_000)
    assert [one.status for one in reader.ask(answered_forwards)] == [200, 200]


@pytest.mark.parametrize(
    ("planned", "provoked"),
    [
        (None, False),
        (DOWN, True),
        (SILENT, True),
        (PlannedAnswer("s", "fine", 200), False),
        (PlannedAnswer("s", "late", 200, delay=1.0), True),
        (PlannedAnswer("s", "cut", 200, end=AnswerEnd.HALF_BODY), True),
    ],
)
def test_repetitions_that_a_rule_provoked(
    archive: Archive, reader: Reader, planned: PlannedAnswer | None, *, provoked: bool
) -> None:
    """A message that comes again because a rule refused it says nothing of its sender."""
    body = batch({"messageId": "1", "applicationCode": "A", "text": "x"})
    store(archive, planned, body=body)
    store(archive, None, body=body)

    assert [one.provoked for one in reader.ask(recent_messages, "A", 9)] == [provoked, False]


def test_the_time_that_a_sender_waited(archive: Archive, reader: Reader) -> None:
    """What is learned of the sender knows how long a rule kept it waiting."""
    deliveries = store(archive, SILENT, DOWN, None, body=batch({"messageId": "1", "text": "x"}))
    archive.set_sent_answers([(deliveries[0], LEFT)])

    found = reader.ask(forwarded_messages, deliveries)

    assert [(one.arrived_at, one.waited) for one in found] == [
        (1_000, 2_100),
        (1_000, 0),
        (1_000, 0),
    ]


def test_answers_count_for_the_limit_of_size(archive: Archive) -> None:
    """A retention by size knows how much an answer takes."""
    store(archive, DOWN, None, body=b"")

    assert archive.preview_retention(RetentionPolicy(size=0)).size == 2 * 26 + len(DOWN.body)


def test_an_answer_is_deleted_with_its_delivery(path: Path, archive: Archive) -> None:
    """The retention leaves nothing of an answer behind."""
    deliveries = store(archive, DOWN, SILENT, body=b"")
    assert archive.delete_batch_below(deliveries[-1] + 1) == (2, 0)

    with Reader(path) as reader:
        assert reader.ask(read_given, deliveries) == {}
        assert reader.verify(lambda _: None).damaged == 0


@pytest.mark.parametrize("format_", [Format.JSONL, Format.RAW])
def test_answers_survive_an_export(
    path: Path, archive: Archive, tmp_path: Path, format_: Format
) -> None:
    """An import gives back which rule answered, and still takes the request for accepted."""
    deliveries = store(archive, DOWN, None, body=batch({"messageId": "1", "text": "x"}))
    archive.set_sent_answers([(deliveries[0], LEFT)])
    exported = tmp_path / "export"
    with Reader(path) as reader, exported.open("wb") as file:
        Export(reader, ExportOptions(format_, reveal_codes=True)).write(file, lambda _: None)

    copy = tmp_path / "copy" / "archive.sqlite3"
    with Archive(copy) as other:
        FileImport(exported, other).run(lambda _: None)

    # In a line of each message the bytes of the answer are left out.
    planned = DOWN if format_ is Format.RAW else replace(DOWN, headers=(), body=b"")
    with Reader(copy) as reader:
        found = reader.deliveries(reader.find_deliveries(Via.FORWARD))
        assert [one.answer for one in found] == [GivenAnswer(planned, LEFT), None]
        assert reader.source_activity("", "").refused == 0
