"""Records of forward tests, and those of 0.1.0."""

import msgspec

from ibconsole.archive import ForwardTestRecord
from ibconsole.services.forward_test.records import from_record, log_entry, to_record
from ibconsole.services.forward_test.rungs import Cause, Ladder

OLD = ForwardTestRecord(
    id=7,
    at=1,
    url="https://x.example/in",
    status=403,
    payload=b"{}",
    answer=b"no",
    facts='{"verdict":{"counts":"no","sentence":"No: 403."},"reason":"Forbidden"}',
)


def test_records_of_earlier_versions() -> None:
    """A record of 0.1.0 has no sender, no cause and no ladder."""
    test = from_record(OLD)

    assert (test.status, test.reason, test.sender, test.ladder) == (403, "Forbidden", "", None)
    assert test.cause is Cause.NONE
    assert log_entry(test).request_headers == (("Content-Type", "application/json"),)


def test_a_record_with_a_ladder() -> None:
    """A test comes back with its ladder; the log shows the headers that distinguish senders."""
    headers = (("Host", ""), ("User-Agent", "curl/8"), ("Content-Length", ""))
    test = msgspec.structs.replace(
        from_record(OLD),
        ladder=Ladder("https://x.example/in", 1, "from this computer", cause=Cause.STATUS_403),
        sent_headers=headers,
    )

    assert from_record(to_record(test)) == test
    assert log_entry(test).request_headers == (("User-Agent", "curl/8"),)
