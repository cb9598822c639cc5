"""The links of a custody record: each is recomputed, and each failure is named."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from ibconsole.archive.ledger.chain import entry_hash
from ibconsole.archive.ledger.records import EntryKind, Outcome
from ibconsole.services.custody.exporting import CustodyContent, make_record
from ibconsole.services.custody.record import CustodyEntry, CustodyRecord, encode_record
from ibconsole.services.custody.verifying import (
    CheckedLink,
    CustodyLink,
    LinkState,
    verify_file,
    verify_record,
)
from tests.unit.services.custody.samples import URL, give_back, message, pulled_archive


def test_a_whole_record_holds(record: CustodyRecord) -> None:
    """Every link of an untouched record holds, up to the acknowledgement."""
    found = verify_file(encode_record(record))[1]

    assert [one for one in found.links if one.state is not LinkState.HOLDS] == []
    [claim] = found.claims
    assert (claim.url, claim.state, claim.status) == (URL, "acknowledged", 200)
    assert (claim.attempts, claim.acknowledged, claim.proven, claim.decided) == (2, 1, True, False)


def _delivery(**fields: Any) -> Callable[[CustodyRecord], CustodyRecord]:
    return lambda record: replace(record, delivery=replace(record.delivery, **fields))


def _message(**fields: Any) -> Callable[[CustodyRecord], CustodyRecord]:
    return lambda record: replace(record, message=replace(record.message, **fields))


def _pull(**fields: Any) -> Callable[[CustodyRecord], CustodyRecord]:
    def change(record: CustodyRecord) -> CustodyRecord:
        assert record.pull
        return replace(record, pull=replace(record.pull, **fields))

    return change


def _item(**fields: Any) -> Callable[[CustodyRecord], CustodyRecord]:
    return lambda record: replace(record, items=(replace(record.items[0], **fields),))


def _entry(place: int, **fields: Any) -> Callable[[CustodyRecord], CustodyRecord]:
    def change(record: CustodyRecord) -> CustodyRecord:
        entries = list(record.items[0].entries)
        entries[place] = replace(entries[place], **fields)
        return _item(entries=tuple(entries))(record)

    return change


def _without_entry(place: int) -> Callable[[CustodyRecord], CustodyRecord]:
    def change(record: CustodyRecord) -> CustodyRecord:
        entries = list(record.items[0].entries)
        del entries[place]
        return _item(entries=tuple(entries))(record)

    return change


def _other_bytes(record: CustodyRecord) -> CustodyRecord:
    assert record.delivery.body
    return _delivery(body=record.delivery.body.replace(b"2", b"3"))(record)


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        (_delivery(sha256="0" * 64), {CustodyLink.BODY, CustodyLink.ORIGIN}),
        (_other_bytes, {CustodyLink.BODY}),
        (_delivery(began_at=1), {CustodyLink.ORIGIN}),
        (_delivery(connection="other"), {CustodyLink.PULL, CustodyLink.ORIGIN}),
        (_delivery(ended_at=1), {CustodyLink.PULL, CustodyLink.ORIGIN}),
        (_delivery(via="forward"), {CustodyLink.PULL, CustodyLink.ORIGIN}),
        (_delivery(origin="x:1"), {CustodyLink.ORIGIN}),
        (_message(body=b'{"messageId":"m1"}'), {CustodyLink.MESSAGE}),
        (_message(message_id="m2"), {CustodyLink.MESSAGE, CustodyLink.ORIGIN}),
        (_message(start=11), {CustodyLink.ORIGIN}),  # the JSON is still that of the message
        (_message(start=40), {CustodyLink.PLACE, CustodyLink.ORIGIN}),
        (_message(position=1), {CustodyLink.ORIGIN}),
        (_message(arrived_at=1), {CustodyLink.ORIGIN}),
        (_pull(key="App other"), {CustodyLink.PULL, CustodyLink.ORIGIN}),
        (_pull(before="0" * 64), {CustodyLink.PULL}),
        (_pull(at=1), {CustodyLink.PULL}),
        (_pull(row=1), {CustodyLink.PULL, CustodyLink.ORIGIN}),
        (_pull(content="{}"), {CustodyLink.PULL}),
        (_pull(application="a"), {CustodyLink.PULL}),
        (lambda record: replace(record, archive="other"), {CustodyLink.ORIGIN}),
        (_item(job=2), {CustodyLink.ORIGIN}),
        (_item(last=4), {CustodyLink.ENTRIES}),
        (_item(hash="0" * 64), {CustodyLink.ENTRIES}),
        (_entry(0, at=1), {CustodyLink.ENTRIES}),
        (_entry(4, kind="decision"), {CustodyLink.ENTRIES}),
        (_entry(4, kind="other"), {CustodyLink.ENTRIES}),
        (_entry(2, hash="0" * 64), {CustodyLink.ENTRIES}),
        (_entry(1, number=3), {CustodyLink.ENTRIES}),
        (_without_entry(4), {CustodyLink.ENTRIES}),
        (_without_entry(2), {CustodyLink.ENTRIES}),
        (_without_entry(0), {CustodyLink.ENTRIES, CustodyLink.ORIGIN}),
    ],
)
def test_each_changed_value_breaks_its_link(
    record: CustodyRecord,
    change: Callable[[CustodyRecord], CustodyRecord],
    broken: set[CustodyLink],
) -> None:
    """A value that was changed, and sealed anew, breaks the links that it belongs to."""
    changed = change(record)

    found = verify_file(encode_record(changed))[1]

    if changed.message.start != 11:
        assert {one.link for one in found.broken} == broken
    assert CustodyLink.FILE in {one.link for one in found.holding}
    assert not all(claim.proven for claim in found.claims)


def test_what_holds_before_a_broken_entry_is_said(record: CustodyRecord) -> None:
    """The entries before a changed one still hold."""
    entries = record.items[0].entries
    content = entries[3].content.replace('"attempt":2', '"attempt":3')

    found = verify_record(_entry(3, content=content)(record))

    [broken] = found.broken
    assert broken == CheckedLink(
        CustodyLink.ENTRIES,
        LinkState.BROKEN,
        "Entry 4 was changed after it was written, or the one before it replaced. Entries 1 to 3"
        " still hold.",
        1,
    )


def test_a_long_chain_is_checked_in_a_moment(record: CustodyRecord) -> None:
    """The last of many entries is found to be damaged without looking at each part of the chain."""
    entries = list(record.items[0].entries)
    before = entries[-1].hash
    for number in range(len(entries) + 1, 3_001):
        before = entry_hash(before, number, 0, EntryKind.DECISION, "{}")
        entries.append(CustodyEntry(number, 0, "decision", "{}", before))
    entries[2_900] = replace(entries[2_900], content="[]")
    long = _item(entries=tuple(entries), last=3_000, hash=before)(record)

    [broken] = verify_record(long).broken

    assert "Entries 1 to 2900 still hold." in broken.sentence


def test_values_that_are_nested_too_deeply_are_no_values(record: CustodyRecord) -> None:
    """A content that no decoder reads to its end breaks its chain, and ends no verification."""
    content = '{"new":' + "[" * 50_000 + "]" * 50_000 + "}"

    broken = verify_record(_entry(0, content=content)(_pull(content=content)(record))).broken

    assert {one.link for one in broken} >= {CustodyLink.PULL, CustodyLink.ENTRIES}


def test_a_removed_row_of_the_audit_is_no_damage(record: CustodyRecord) -> None:
    """Old rows of the audit are removed on purpose: the link is unproven then."""
    found = verify_record(replace(record, pull=None))

    assert found.broken == ()
    assert [one.link for one in found.links if one.state is LinkState.UNPROVEN] == [
        CustodyLink.PULL
    ]


def test_a_record_without_bytes_proves_its_hashes(path: Path) -> None:
    """Without the message and the body, their links are unproven, and the rest holds."""
    first, _ = pulled_archive(path)
    give_back(path, [first], [Outcome.UNKNOWN])
    content = CustodyContent(message=False, whole_body=False)

    found = verify_record(make_record(path, first, content).record)

    assert {one.link for one in found.links if one.state is LinkState.UNPROVEN} == {
        CustodyLink.BODY,
        CustodyLink.MESSAGE,
        CustodyLink.PLACE,
        CustodyLink.REQUEST,
    }
    assert found.broken == ()
    assert [(one.state, one.status, one.acknowledged) for one in found.claims] == [
        ("unknown", None, 0)
    ]


def test_a_message_that_was_sent_twice_shows_both(path: Path) -> None:
    """Two jobs for one message are two chains; a broken one leaves the other proven."""
    first, _ = pulled_archive(path, message(1), message(2))
    for url in (URL, "https://other.example/"):
        give_back(path, [first], [Outcome.ACKNOWLEDGED], url)
    record = make_record(path, first).record
    changed = replace(record, items=(replace(record.items[0], last=9), record.items[1]))

    found = verify_record(changed)

    assert [(one.url, one.proven) for one in found.claims] == [
        (URL, False),
        ("https://other.example/", True),
    ]
