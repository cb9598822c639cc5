"""The texts of a forward test: columns, summary and answer."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import tzinfo
from urllib.parse import urlsplit

from ibconsole.errors import Severity
from ibconsole.services.forward_test import Delivered, ForwardTest
from ibconsole.services.request_log import mask_body_codes
from ibconsole.ui.tables import Column
from ibconsole.ui.toolkit import byte_size, one_line, times
from ibconsole.ui.viewers import BoundedText, Fact, Remark, Summary, format_json

SEVERITIES = {
    Delivered.YES: Severity.OK,
    Delivered.PERHAPS: Severity.WARNING,
    Delivered.NO: Severity.DANGER,
}
_WORDS = {
    Delivered.YES: "delivered",
    Delivered.PERHAPS: "perhaps",
    Delivered.NO: "not delivered",
}
_PHASES = {
    "dns": "DNS",
    "tcp": "TCP",
    "tls": "TLS",
    "first_byte": "First byte",
    "rest": "Rest",
}


def status_of(test: ForwardTest) -> str:
    """Return the status with its reason; a dash if there was no answer."""
    if test.status is None:
        return "\N{EN DASH}"
    return one_line(f"{test.status} {test.reason}".rstrip())


def columns(time_display: times.TimeDisplay) -> Sequence[Column[ForwardTest]]:
    """Return the columns of the list of previous tests, times in the zone that is shown."""
    return (
        Column(
            "When",
            lambda test: times.column_time(test.at, time_display.zone),
            sort_key=lambda test: -test.at,
            tooltip=lambda test: times.iso(test.at),
        ),
        Column("URL", lambda test: one_line(test.url), tooltip=lambda test: one_line(test.url)),
        Column("Answer", status_of),
        Column("Verdict", lambda test: _WORDS[test.verdict.counts]),
        Column("Duration", lambda test: times.duration(test.seconds), right=True),
    )


def summary_of(test: ForwardTest, zone: tzinfo | None) -> Summary:
    """Return everything about a test except the bodies."""
    verdict = test.verdict
    remarks = [Remark(SEVERITIES[verdict.counts], verdict.sentence)]
    remarks += [Remark(Severity.INFO, sentence) for sentence in verdict.remarks]
    sections = (
        ("", _facts(test, zone)),
        ("Time per phase", _phases(test)),
        ("Documented", tuple(Fact("", sentence) for sentence in verdict.documented)),
        ("Inferred, not documented", tuple(Fact("", sentence) for sentence in verdict.inferred)),
        *_certificates(test),
        ("Headers of the answer", _headers(test)),
    )
    return Summary(
        title=f"POST {one_line(test.url)}",
        lead="No answer" if test.status is None else f"Answered {status_of(test)}",
        remarks=tuple(remarks),
        sections=tuple(section for section in sections if section[1]),
    )


def answer_text(test: ForwardTest) -> BoundedText:
    """Return the body of the answer, or a note that there is none."""
    if not test.answer:
        return BoundedText(
            note="The answer has no body." if test.status else "There was no answer."
        )
    return format_json(mask_body_codes(test.answer))  # it may echo the payload


def _facts(test: ForwardTest, zone: tzinfo | None) -> tuple[Fact, ...]:
    facts = (
        Fact("When", times.exact(test.at, zone), times.iso(test.at)),
        *_connection(test),
        Fact("Sent", byte_size(len(test.payload))),
        Fact("Received", byte_size(test.answer_size) + (", cut" if test.truncated else "")),
        Fact("Problem", one_line(test.problem)),
    )
    return tuple(fact for fact in facts if fact.value)


def _connection(test: ForwardTest) -> tuple[Fact, ...]:
    """Return what the test connected to; through a proxy, its target apart from that."""
    if not test.proxy:
        return (Fact("Connected to", test.peer, is_code=bool(test.peer)),)
    address = f" at {test.peer}" if test.peer else ""
    return (
        Fact("Target", one_line(urlsplit(test.url).netloc.rpartition("@")[2]), is_code=True),
        Fact("Through the proxy", f"{one_line(test.proxy)}{address}", is_code=True),
    )


def _phases(test: ForwardTest) -> tuple[Fact, ...]:
    durations = asdict(test.phases)
    facts = [
        Fact(label, _time(seconds))
        for name, label in _PHASES.items()
        if (seconds := durations[name]) is not None
    ]
    return (*facts, Fact("Total", _time(test.seconds))) if facts else ()


def _time(seconds: float) -> str:
    """Return a duration, below 0.1 s with a tenth of a millisecond."""
    return f"{seconds * 1000:.1f} ms" if seconds < 0.1 else times.duration(seconds)


def _certificates(test: ForwardTest) -> list[tuple[str, tuple[Fact, ...]]]:
    sections = []
    for number, one in enumerate(test.certificates):
        title = "Certificate" if number == 0 else f"Certificate {number + 1} of the chain"
        facts = (
            Fact("Subject", one_line(one.subject)),
            Fact("Issuer", one_line(one.issuer) + (" (self-signed)" if one.is_self_signed else "")),
            Fact("Days left", f"{one.days_left:,}", times.iso(int(one.valid_until * 1000))),
            Fact("For", one_line(", ".join(one.names))),
        )
        sections.append((title, tuple(fact for fact in facts if fact.value)))
    if test.certificates:
        trusted = "no, not by this computer's certificates" if test.untrusted else "yes"
        sections[0] = (sections[0][0], (*sections[0][1], Fact("Trusted", trusted)))
    return sections


def _headers(test: ForwardTest) -> tuple[Fact, ...]:
    return tuple(
        Fact(one_line(name), one_line(value), is_code=True) for name, value in test.headers
    )
