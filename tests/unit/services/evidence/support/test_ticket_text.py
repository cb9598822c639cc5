"""The text for Infobip's support says what they ask for, and nothing else."""

from pathlib import Path

import msgspec

from ibconsole.archive.archive import Archive
from ibconsole.archive.reader import Reader
from ibconsole.services.diagnosis import Basis, Confidence, Evidence, Finding, Level, Subject
from ibconsole.services.evidence.support.ticket_text import (
    MOST_LISTED,
    SupportChoices,
    SupportMessage,
    finding_of,
    followed_messages,
    forward_test_of,
    message_of,
    support_text,
)
from ibconsole.services.forward_test import ForwardTest
from ibconsole.services.forward_test.verdict import Delivered, Verdict
from ibconsole.services.request_log import Redactor
from ibconsole.services.threads.finding import ThreadFinder
from ibconsole.services.threads.subjects import ThreadKind, subject_of
from tests.unit.archive.deliveries import batch, pull
from tests.unit.services.threads.records import CODE, fill

API_KEY = "0123456789abcdef0123456789abcdef-01234567-89ab-cdef-0123-456789abcdef"


def test_support_reads_ids_and_times_in_utc_without_codes_and_texts(tmp_path: Path) -> None:
    """A code is masked wherever it occurs, and a text is left out, until both are chosen."""
    path = tmp_path / "archive.sqlite3"
    with Archive(path) as archive, Reader(path) as reader:
        fill(archive)
        hidden = {"messageId": "9\n- messageId: forged", "applicationCode": CODE, "to": CODE}
        pull(archive, batch({**hidden, "from": f"device {CODE}", "text": f"hello {CODE}"}))
        message = reader.message(reader.counts().newest_message)
        assert message is not None
        item = message_of(message, reader.delivery(message.delivery))
        assert message_of(message, None, "https://[no-host").host == ""
        *_, thread = ThreadFinder(reader, subject_of(message, ThreadKind.PAIR)).parts()

    text = support_text([item], SupportChoices(), 0)
    chosen = support_text([item], SupportChoices(with_codes=True, with_texts=True), 0)

    assert text.startswith("Inbound messages of mobile push, for Infobip support. All times are in")
    assert "Base URL host: x.example\n" in text
    assert "pushRegistrationId: device 2336…8b53\n" in text
    assert "\n- messageId: 9 - messageId: forged\n" in text
    assert "1970-01-01T00:00:00.000+00:00" in text
    assert CODE not in text
    assert "hello" not in text
    assert f"applicationCode: {CODE}" in chosen
    assert f"text: hello {CODE}" in chosen
    assert followed_messages(thread, {}) == [msgspec.structs.replace(item, ids=item.ids)]


def test_findings_and_tests_are_written_without_paths_and_secrets() -> None:
    """Of a URL only the host; a known secret is masked; what has no status says so."""
    raised = Finding(
        number=1001,
        level=Level.ERROR,
        subject=Subject(application=CODE, url="https://c.example/secret-path"),
        sentence=f"The URL answered 401 to App {API_KEY}.",
        confidence=Confidence(Basis.OBSERVED),
        evidence=(Evidence("POST https://c.example/secret-path?a=1 “401”", at=0),),
    )
    finding = finding_of(raised, "https://x.api.example", 0)
    tests = [
        ForwardTest(
            1,
            "https://user:pass@x.example/secret-path?key=1",
            b"{}",
            Verdict(Delivered.NO, "It does not count."),
            status=status,
            peer="192.0.2.1",
        )
        for status in (503, None)
    ]

    text = support_text(
        [finding, *map(forward_test_of, tests)], SupportChoices(), 0, Redactor().redact
    )

    assert "- IBC-1001: The URL answered 401" in text
    assert "  POST https://c.example/… “401”\n" in text
    assert "  applicationCode: 2336…8b53 (masked)\n  found: 1970-01-01T00:00:00.000+00:00" in text
    assert "x.example (192.0.2.1): HTTP status 503, after 0.00 s; It does not count." in text
    assert "no HTTP status" in text
    assert "Base URL host: x.api.example\n" in text
    for secret in (API_KEY, "secret-path", "user", "pass"):
        assert secret not in text


def test_a_long_thread_is_cut_to_its_latest_messages() -> None:
    """Support needs examples: the latest ones, with the number of all."""
    messages = [
        SupportMessage(
            message_id=f"m{number}",
            application_code="",
            sender=f"device {number}",
            text="",
            via="forward",
            received_at=None,
            arrived_at=number,
        )
        for number in range(MOST_LISTED + 5)
    ]

    text = support_text(messages, SupportChoices(), 0)

    assert f"{len(messages)} messages, of which the latest {MOST_LISTED} are listed:" in text
    assert "messageId: m4\n" not in text
    assert "messageId: m5\n" in text
    assert f", and {len(messages) - 20} more" in text
