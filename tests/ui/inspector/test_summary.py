import pytest
from msgspec.structs import replace

from ibconsole.archive.records import Flags, Via
from ibconsole.errors import Severity
from ibconsole.model.application import read_applications
from ibconsole.ui.inspector.summary import delivery_summary, message_summary, related_ids
from ibconsole.ui.toolkit.text import ApplicationNames
from ibconsole.ui.viewers.facts import Fact, RecordKind, Summary
from tests.ui.sample_records import CODE, RECEIVED, delivery, message

NOW = RECEIVED + 3 * 3_600_000


@pytest.fixture
def names() -> ApplicationNames:
    return ApplicationNames()


def facts(summary: Summary) -> dict[str, Fact]:
    return {fact.label: fact for _, found in summary.sections for fact in found}


def values(summary: Summary, *labels: str) -> list[str]:
    return [facts(summary)[label].value for label in labels]


def test_summary_of_a_message(names: ApplicationNames) -> None:
    """A summary says who, when and how; times are exact, and codes are secrets."""
    names.add(read_applications([{"applicationCode": CODE, "name": "Shop"}]))
    forwarded = message(7, via=Via.FORWARD)
    summary = message_summary(forwarded, delivery(1), names, NOW)

    assert values(summary, "Keyword", "Without keyword", "Application", "Callback data") == [
        "KEYWORD",
        "text",
        "Shop",
        "ticket 7",
    ]
    assert values(summary, "Lag", "Age") == ["3 min 12 s", "3 h ago"]
    assert values(summary, "Via", "Request", "Answered") == [
        "Forwarded to the listener, message 2 of 3",
        "POST /inbound/secret",
        "200",
    ]
    assert "12:47:56.221+00:00" in facts(summary)["Received"].tooltip
    assert facts(summary)["Application code"].is_secret
    assert facts(summary)["To"].is_secret
    assert summary.remarks == ()


def test_repeated_codes_are_masked(names: ApplicationNames) -> None:
    """A code that the message's other fields repeat is masked there; its own field has an eye."""
    repeating = message(7, text=f"my code is {CODE}", keyword=CODE, sender=f"{CODE}-1")
    summary = message_summary(repeating, delivery(1), names, NOW)

    assert summary.lead == "my code is 2336…8b53"
    assert values(summary, "Keyword", "From") == ["2336…8b53", "2336…8b53-1"]
    assert facts(summary)["Application code"].value == CODE


def test_remarks(names: ApplicationNames) -> None:
    """Each oddity of a message is a sentence, which names the field."""
    odd = message(
        7,
        flags=Flags.DUPLICATE | Flags.SALVAGED | Flags.ODD | Flags.NOT_A_MESSAGE,
        duplicate_of=3,
        arrived_at=RECEIVED - 1,
        body=b'{"text": 5}',
    )
    remarks = message_summary(odd, None, names, NOW).remarks

    assert [(remark.severity, remark.sentence) for remark in remarks] == [
        (Severity.INFO, "Duplicate: this message ID arrived before, as message 3."),
        (
            Severity.WARNING,
            "Salvaged: taken from a body that was cut or broken and may have contained more.",
        ),
        (Severity.WARNING, "This is not a message as the platform documents it."),
        (Severity.WARNING, "Unusual: text is not a text."),
        (Severity.INFO, "It arrived before it was received: one of the two clocks is wrong."),
    ]


def test_incomplete_message(names: ApplicationNames) -> None:
    """A message without a time, a sender or a readable body is still shown."""
    incomplete = message(
        7, sender="", application_code="", received_at=None, flags=Flags.ODD, body=b"\xff{"
    )
    summary = message_summary(incomplete, None, names, NOW)

    assert "Application" not in facts(summary)
    assert values(summary, "Received", "Via") == [
        "Not known: the platform gave no readable time",
        "Pulled, delivery 1",
    ]


def test_long_text(names: ApplicationNames) -> None:
    """A text that is too long for a label is shortened; the JSON has all of it."""
    summary = message_summary(message(7, text="x" * 100_000), None, names, NOW)

    assert len(summary.lead) < 5000
    assert summary.lead.endswith("…")


def test_summary_of_a_pull() -> None:
    """A pull shows the limit, and the numbers announced and still waiting."""
    pull = delivery(
        4, via=Via.PULL, limit_asked=10, announced=10, pending=37, problem="It was cut.",
        complete=False, base_url="https://x.api.infobip.com", method="GET", target="/reports",
    )  # fmt: skip
    summary = delivery_summary(pull, NOW)

    assert summary.title == "Pull 4"
    assert [remark.sentence for remark in summary.remarks] == ["It was cut."]
    assert values(summary, "Limit", "Announced", "Still waiting", "Body") == [
        "10",
        "10",
        "37",
        "1,432 bytes, cut",
    ]


def test_provenance(names: ApplicationNames) -> None:
    """The position of a message in its body is exact to the byte, and its import is named."""
    imported = replace(delivery(1), origin="a:7", headers=(("Content-Encoding", "gzip"),))
    summary = message_summary(message(1, start=12, size=3_456), imported, names, NOW)

    assert values(summary, "Position", "Imported from") == [
        "3,456 bytes from byte 12 of the decompressed body",
        "a:7",
    ]


def test_related_messages(names: ApplicationNames) -> None:
    """Messages that this one answers are links if they are in the archive."""
    body = b'{"messageId":"m","initialMessageId":"first","pairedMessageId":"gone"}'
    answer = message(1, body=body)

    summary = message_summary(answer, None, names, NOW, related={"first": 2})

    assert related_ids(answer) == ("first", "gone")
    [section] = [found for title, found in summary.sections if title == "Answers"]
    assert [(fact.value, fact.link) for fact in section if not fact.is_code] == [
        ("Message 2", (RecordKind.MESSAGE, 2)),
        ("Not in this archive", None),
    ]
    assert related_ids(message(1, body=b"\xff{")) == ()


def test_the_received_part_of_a_message_hides_its_code() -> None:
    """The end of a cut body is shown without the application's code."""
    cut = f'{{"applicationCode":"{CODE}","text":"lost in'.encode()

    [part] = values(delivery_summary(delivery(1), NOW, trailing=cut), "Received part")

    assert CODE not in part
    assert "lost in" in part
