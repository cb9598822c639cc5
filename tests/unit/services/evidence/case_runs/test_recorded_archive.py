"""What was received, stored again from a case."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter, Flags, Via
from ibconsole.services.evidence.case_runs.recorded_archive import store_case
from ibconsole.services.evidence.cases.documents import CaseDamaged
from ibconsole.services.evidence.cases.store import CaseStore
from ibconsole.services.evidence.cases.values import (
    AnyContent,
    Case,
    ForwardContent,
    ForwardTestContent,
    MessageContent,
    PullContent,
)
from ibconsole.services.forward_test.records import ForwardTest, from_record, to_record
from ibconsole.services.forward_test.verdict import Delivered, Verdict
from tests.unit.services.diagnosis.samples import CODE, HOUR, NOW, OWN, URL
from tests.unit.services.evidence.cases.samples import (
    BODY,
    ENVELOPE,
    MESSAGE_ID,
    SENDER,
    case_of,
    full_case,
    item,
)

SECOND = BODY.replace(MESSAGE_ID.encode(), b"m-2")
HERE = "9f0e1d2c-0000-4000-8000-000000000000"


def received(store: CaseStore, case: Case) -> Case:
    """Return a case with two pulled messages of one pull, and with a message on its own."""
    pull = PullContent(
        connection=OWN, base_url="https://x1.api.infobip.com", began_at=NOW - HOUR,
        ended_at=NOW - HOUR + 80, status=200, messages=5, announced=5, pending=7, origin="a:1",
    )  # fmt: skip

    def message(body: bytes, **fields: object) -> MessageContent:
        blob = store.add_blob(case.id, body, "application/json")
        known = {"via": "pull", "connection": OWN, "arrived_at": NOW - HOUR + 80, "exchange": pull}
        return MessageContent(**{**known, **fields, "body": blob})  # type: ignore[arg-type]

    alone = message(SECOND, via="forward", exchange=None, arrived_at=NOW + 5, connection="")
    own = ForwardContent(via="request", method="GET", target="https://x", began_at=NOW)
    contents: list[AnyContent] = [message(BODY), message(SECOND), message(BODY), pull, alone, own]
    return case.with_items(*(item(one, f"r-{at}") for at, one in enumerate(contents)))


def test_what_was_received_is_stored_as_it_came(tmp_path: Path) -> None:
    """Messages arrive at their times and by their ways, with the requests that brought them."""
    store, case = full_case(tmp_path)
    case = received(store, case)
    archive = tmp_path / "run" / "archive.sqlite3"

    stored = store_case(archive, case, lambda one: store.read_blob(case.id, one), {OWN: HERE})

    with Reader(archive) as reader:
        found = list(reader.messages(Filter()))
        deliveries = [reader.delivery(one.delivery) for one in found]
        forward = next(one for one in deliveries if one and one.method)
        body = reader.delivery_body(forward.id)
    assert [(one.message_id, one.via, one.arrived_at, one.connection) for one in found] == [
        (MESSAGE_ID, Via.PULL, NOW - HOUR + 80, HERE),
        ("m-2", Via.PULL, NOW - HOUR + 80, HERE),
        ("m-2", Via.FORWARD, NOW + 5, None),
        (MESSAGE_ID, Via.FORWARD, NOW + 12, HERE),
        (MESSAGE_ID, Via.FORWARD, NOW + 12, HERE),
    ]
    assert [one.body for one in found if one.via is Via.PULL] == [BODY, SECOND]
    assert (body, forward.status, forward.peer) == (ENVELOPE, 503, "203.0.113.7:5000")
    assert forward.answer
    assert (forward.answer.planned.rule, forward.answer.planned.body) == ("busy", b"busy")
    assert [Flags.DUPLICATE in one.flags for one in found] == [False, False, True, True, True]
    pulls = [one for one in deliveries if one and one.via is Via.PULL]
    assert {(one.announced, one.pending, one.base_url) for one in pulls} == {
        (5, 7, "https://x1.api.infobip.com")
    }
    assert stored.pulled == (BODY, SECOND, BODY)


def test_messages_without_their_bytes_are_listed(tmp_path: Path) -> None:
    """Of messages whose JSON was left out of a bundle, what the case says of them is stored."""
    store, case = full_case(tmp_path)
    archive = tmp_path / "run" / "archive.sqlite3"

    store_case(archive, received(store, case), lambda _: None, {OWN: HERE})

    with Reader(archive) as reader:
        found = list(reader.messages(Filter()))
    assert [one.message_id for one in found].count(MESSAGE_ID) == 1
    named = next(one for one in found if one.message_id)
    assert (named.sender, named.keyword, named.text) == (SENDER, "WHERE", "Where is my parcel?")
    assert (named.application_code, named.received_at) == (CODE, NOW - 1000)


def test_a_time_that_no_archive_can_store_is_refused(tmp_path: Path) -> None:
    """A number beyond all bounds ends in a sentence."""
    store, case = full_case(tmp_path)
    late = PullContent(began_at=1 << 70, origin="a:1")

    with pytest.raises(CaseDamaged, match="too large"):
        store_case(
            tmp_path / "run" / "archive.sqlite3",
            case.with_items(item(late, "late")),
            lambda one: store.read_blob(case.id, one),
            {OWN: HERE},
        )


@pytest.mark.parametrize(
    ("fields", "rule", "sent"),
    [
        ({"answer_outcome": "sent", "answer_sent": 9, "answer_end": "half-body"}, "busy", 9),
        ({"answer_outcome": ""}, "busy", None),
        ({"answer_outcome": "eaten by a newer version"}, None, None),
    ],
)
def test_answers_on_purpose_are_kept(
    tmp_path: Path, fields: Mapping[str, Any], rule: str | None, sent: int | None
) -> None:
    """What a rule answered is stored with the forward, if this version knows what became of it."""
    forward = ForwardContent(
        method="POST", began_at=NOW, status=503, answered_by="busy", origin="a:1", **fields
    )
    archive = tmp_path / "archive.sqlite3"

    store_case(archive, case_of(item(forward)), lambda _: None, {OWN: HERE})

    with Reader(archive) as reader:
        [number] = reader.find_deliveries(Via.FORWARD)
        found = reader.delivery(number)
    assert found
    given = found.answer
    assert (given.planned.rule if given else None) == rule
    assert (given.sent.size if given and given.sent else None) == sent


def test_forward_tests_are_listed_again(tmp_path: Path) -> None:
    """Tests are in the history of the archive; one whose report cannot be read is named."""
    store, case = full_case(tmp_path)
    made = ForwardTest(
        at=NOW, url=URL, payload=b"{}", verdict=Verdict(Delivered.NO, "No."), status=503
    )
    content = ForwardTestContent(
        at=made.at,
        url=made.url,
        status=made.status,
        payload=store.add_blob(case.id, made.payload),
        report=msgspec.json.decode(to_record(made).facts),
    )
    case = case.with_items(item(content, "good"))
    archive = tmp_path / "run" / "archive.sqlite3"

    stored = store_case(archive, case, lambda one: store.read_blob(case.id, one), {OWN: HERE})

    with Reader(archive) as reader:
        [record] = reader.latest_forward_tests([URL])
    assert stored.tests == (made,)
    assert from_record(record) == replace(made, id=1)
    assert stored.problems == ("“A test” has no report that can be read, and is not listed.",)
