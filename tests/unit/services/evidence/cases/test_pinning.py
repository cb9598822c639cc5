"""Pinning of everything that the program has."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from ibconsole.archive import Archive, Reader
from ibconsole.archive.records import Filter, ForwardTestRecord, Via
from ibconsole.model.answers import PlannedAnswer
from ibconsole.services.diagnosis import Basis, Confidence, Finding, Level, Subject, diagnose
from ibconsole.services.evidence.cases.pinning import NotPinned, Pins
from ibconsole.services.evidence.cases.store import CaseStore
from ibconsole.services.evidence.cases.values import (
    Case,
    FindingContent,
    ForwardContent,
    ForwardTestContent,
    MessageContent,
    PullContent,
)
from ibconsole.services.forward_test import Cause
from ibconsole.services.request_log import Entry
from ibconsole.services.setup.history import Timeline
from tests.unit.archive.deliveries import arrival, batch, forward, pull
from tests.unit.services.diagnosis.samples import CODE, NOW, OWN, probed
from tests.unit.services.evidence.cases.samples import PNG


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    path = tmp_path / "archive.sqlite3"
    with Archive(path) as archive:
        pull(archive, batch({"messageId": "1", "applicationCode": CODE, "text": "eins"}))
        forward(archive, {"messageId": "2", "applicationCode": CODE, "text": "zwei", "from": "F"})
        archive.decode(archive.add_forwards([arrival(b"\xff\x00", status=404)]))
    with Reader(path) as reader:
        yield reader


@pytest.fixture
def store(tmp_path: Path) -> CaseStore:
    return CaseStore(tmp_path)


@pytest.fixture
def case(store: CaseStore) -> Case:
    return store.create("A case")


def test_messages_and_deliveries(reader: Reader, store: CaseStore, case: Case) -> None:
    """A message is kept with its bytes and its request: the archive may be emptied afterwards."""
    pins = Pins(store, case.id, comment="Look.")
    [pulled], [forwarded] = (list(reader.search(Filter(text=t)).ids) for t in ("eins", "zwei"))
    pins.message(reader, pulled, "Acme")
    pins.message(reader, forwarded)
    for number in reader.find_deliveries(Via.FORWARD):
        pins.delivery(reader, number)
    pins.delivery(reader, reader.find_deliveries(Via.PULL)[0])
    items = store.read(case.id).items
    first, second, third, fourth, fifth = (one.content for one in items)

    assert isinstance(first, MessageContent)
    assert isinstance(first.exchange, PullContent)
    assert (first.text, first.account_name, first.application_code) == ("eins", "Acme", CODE)
    assert b'"eins"' in store.read_blob(case.id, first.body)
    assert isinstance(second, MessageContent)
    assert isinstance(second.exchange, ForwardContent)
    assert second.exchange == third
    assert second.exchange.request
    assert b'"zwei"' in store.read_blob(case.id, second.exchange.request)
    assert isinstance(fourth, ForwardContent)
    assert fourth.status == 404
    assert isinstance(fifth, PullContent)
    assert items[0].comment == "Look."
    assert [one.title for one in items[2:]] == [
        "Forward of 1 message, status 200",
        "Forward of 0 messages, status 404",
        "Pull of 1 message, status 200",
    ]


def test_tests_and_requests(store: CaseStore, case: Case) -> None:
    """A forward test has its whole report; a request of the program has both bodies."""
    pins = Pins(store, case.id)
    facts = '{"verdict":{"counts":"no","sentence":"No."},"headers":[["Content-Type","text/html"]]}'
    record = ForwardTestRecord(1, NOW, "https://u:p@x.example/in", 500, b"{}", b"<p>", facts)
    tested = pins.forward_test(record)
    requested = pins.request(
        Entry(
            started_at=NOW,
            method="GET",
            url="https://x.example/push/1/applications",
            duration=0.5,
            answer_body=b"[]",
            answer_size=2,
        )
    )

    assert isinstance(tested.content, ForwardTestContent)
    assert tested.title == "Forward test of x.example, status 500"
    assert tested.content.answer
    assert tested.content.answer.media_type == "text/html"
    assert isinstance(requested.content, ForwardContent)
    assert requested.content.answer
    assert requested.content.ended_at == NOW + 500
    assert requested.title == "Request: GET, no answer"
    assert store.read(case.id).items == (tested, requested)


def test_findings_and_setups_share_their_facts(store: CaseStore, case: Case) -> None:
    """The facts behind findings and a setup are kept once, and lead to the same numbers."""
    pins, facts = Pins(store, case.id), probed(Cause.NO_SUCH_NAME)
    findings = diagnose(facts)
    pins.findings(facts, findings)
    pins.setup(facts, CODE)
    everything = pins.setup(facts)
    stored = store.read(case.id)

    [recording] = stored.recordings
    assert diagnose(recording.facts) == findings
    content = stored.items[0].content
    assert isinstance(content, FindingContent)
    assert content.finding == findings[0]
    assert stored.items[0].title.startswith(f"{findings[0].name}: ")
    assert everything.title == "Setup of all applications of Kestrel"
    with pytest.raises(NotPinned, match="not in these facts"):
        pins.setup(facts, "unknown")


def test_notes_pictures_and_timelines(store: CaseStore, case: Case) -> None:
    """A note and a timeline are kept as they are, and a picture if it is PNG."""
    pins = Pins(store, case.id)
    pins.note("It **began** on Monday.")
    pins.picture(PNG, "Health")
    pins.timeline(Timeline(connection=OWN, application=CODE, until=NOW), "Kestrel Go")

    stored = store.read(case.id)
    assert [one.title for one in stored.items] == [
        "Note",
        "Picture of Health",
        "Timeline of Kestrel Go",
    ]
    [blob] = stored.blobs
    assert blob.sha256 == hashlib.sha256(PNG).hexdigest()
    with pytest.raises(NotPinned, match="no PNG"):
        pins.picture(b"GIF89a")


def test_what_is_gone(reader: Reader, store: CaseStore, case: Case) -> None:
    """What was deleted meanwhile is one sentence, and the case stays as it was."""
    pins = Pins(store, case.id)
    for attempt in (lambda: pins.message(reader, 99), lambda: pins.delivery(reader, 99)):
        with pytest.raises(NotPinned, match="not changed"):
            attempt()

    assert store.read(case.id) == case


def test_an_answer_of_a_rule(tmp_path: Path, store: CaseStore, case: Case) -> None:
    """What a rule planned for a forward is kept with its body, before and after it was sent."""
    path = tmp_path / "archive.sqlite3"
    planned = PlannedAnswer("outage", "down", 503, (("X", "y"),), b"no", 2, delay=1.5)
    with Archive(path) as archive:
        arrived = replace(arrival(b"{}"), answer=planned)
        [number] = archive.add_forwards([arrived])
    with Reader(path) as reader:
        content = Pins(store, case.id).delivery(reader, number).content

    assert isinstance(content, ForwardContent)
    assert (content.answered_by, content.planned) == ("down", "status 503 after 1.5 s")
    assert (content.answer_delay, content.answer_end, content.answer_outcome) == (1.5, "normal", "")
    assert content.answer
    assert store.read_blob(case.id, content.answer) == b"no"


def test_titles_of_what_is_not_known(store: CaseStore, case: Case) -> None:
    """A finding of a newer version and a URL that is none have titles as well."""
    newer = Finding(9999, Level.NOTE, Subject(), "It is new.", Confidence(Basis.OBSERVED))
    pins = Pins(store, case.id)
    [found] = pins.findings(probed(), [newer])
    tested = pins.forward_test(ForwardTestRecord(1, NOW, "http://[", None, b"", b"", "{}"))

    assert found.title == "IBC-9999"
    assert tested.title == "Forward test of a URL, no answer"
