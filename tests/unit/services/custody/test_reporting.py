"""The result of verifying a custody record, as users read it."""

from pathlib import Path

from msgspec.structs import replace

from ibconsole.archive.ledger.jobs import JobWriter
from ibconsole.archive.ledger.records import Decision, Outcome
from ibconsole.services.custody.exporting import make_record
from ibconsole.services.custody.record import CustodyRecord
from ibconsole.services.custody.reporting import custody_lines, custody_object, custody_sentence
from ibconsole.services.custody.verifying import verify_record
from tests.unit.services.custody.samples import URL, give_back, pulled_archive


def test_a_record_that_holds_says_what_became_of_the_message(record: CustodyRecord) -> None:
    """The report ends with the acknowledgement and the verdict."""
    lines = list(custody_lines(record, verify_record(record)))

    assert lines[0] == f"Message m1, pull 1 of archive {record.archive}"
    assert lines[1].startswith("  ok       audit row of the pull: Row 2 of the audit")
    assert lines[-2].startswith(f"Redelivery 1 to {URL}: acknowledged once at 20")
    assert lines[-2].endswith("(status 200), after 2 attempts.")
    assert lines[-1] == "Every hash was recomputed, and all hold."


def test_a_broken_link_is_named_with_what_still_holds(record: CustodyRecord) -> None:
    """The verdict says which link is broken, and which ones are not."""
    changed = replace(record, delivery=replace(record.delivery, body=b"{}"))

    found = verify_record(changed)

    assert custody_sentence(found) == (
        "Broken: body of the delivery, message in the body. Still holds: audit row of the pull,"
        " message, entries of the ledger (item 1), origin in the ledger (item 1), request that was"
        " sent (item 1)."
    )
    assert custody_object(changed, found)["holds"] is False
    assert "not proven, because a link is broken" in list(custody_lines(changed, found))[-2]


def test_the_json_has_links_and_redeliveries(record: CustodyRecord) -> None:
    """Other programs read the links, and the end of each redelivery."""
    found = custody_object(record, verify_record(record))

    assert (found["holds"], found["messageId"], len(found["links"])) == (True, "m1", 8)
    assert found["redeliveries"][0]["state"] == "acknowledged"
    assert found["redeliveries"][0]["acknowledged"] == 1


def test_what_a_user_decided_is_no_answer(path: Path) -> None:
    """A delivery that a user counts as done is not shown as acknowledged."""
    first, second = pulled_archive(path)
    give_back(path, [first], [Outcome.UNKNOWN])
    with JobWriter(path) as writer:
        writer.decide(Decision.ACCEPT, [1], by="ada", reason="seen in their log")
    record = make_record(path, first).record

    lines = list(custody_lines(record, verify_record(record)))
    other = make_record(path, second).record

    assert "skipped at" in lines[-2]
    assert ", by a decision, after 1 attempt." in lines[-2]
    assert "not sent from this archive" in custody_sentence(verify_record(other))


def test_any_time_can_be_shown(record: CustodyRecord) -> None:
    """A record says what its author wrote, which may be no time."""
    entries = record.items[0].entries
    wrong = (*entries[:-1], replace(entries[-1], at=1 << 60))
    changed = replace(record, items=(replace(record.items[0], entries=wrong),))

    assert f"{1 << 60} ms" in list(custody_lines(changed, verify_record(changed)))[-2]
