"""The report on a forward test: as text, as an object for JSON, and as a curl command."""

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path

import msgspec

from ibconsole.errors import UserError
from ibconsole.files import save
from ibconsole.services.forward_test.records import ForwardTest, log_entry
from ibconsole.services.forward_test.rungs import Ladder, RungState
from ibconsole.services.request_log import curl_command, mask_body_codes

_ANSWER_LIMIT = 2_000  # bytes of the answer in the text
_MARKS = {
    RungState.PASSED: "ok     ",
    RungState.WARNING: "WARNING",
    RungState.FAILED: "FAILED ",
    RungState.SKIPPED: "skipped",
    RungState.NOT_KNOWN: "unknown",
}
_INDENT = " " * 23


class ReportNotSaved(UserError):
    """The report could not be written to its file."""


class ReportFormat(StrEnum):
    """The formats of a report; the values are the suffixes of their files."""

    TEXT = "txt"
    JSON = "json"
    CURL = "sh"


def describe_ladder(ladder: Ladder) -> list[str]:
    """Return the rungs as lines: state, kind and sentence, with remedy and details below."""
    lines = [f"Tested {ladder.vantage}, {ladder.seconds:.1f} s:"]
    for rung in ladder.rungs:
        took = "" if rung.seconds is None else f" ({rung.seconds * 1000:.0f} ms)"
        lines.append(f"  {_MARKS[rung.state]} {rung.kind:12} {rung.sentence}{took}")
        lines += [f"{_INDENT}{one}" for one in rung.details]
        if rung.remedy:
            lines.append(f"{_INDENT}What to do: {rung.remedy}")
    return lines


def describe_test(test: ForwardTest) -> list[str]:
    """Return the lines of the report, without the sentence of the verdict."""
    status = "no answer" if test.status is None else f"{test.status} {test.reason}".rstrip()
    lines = [f"POST {test.url}: {status}"]
    if test.sender:
        lines.append(f"Sent as {test.sender}.")
    if test.ladder:
        lines += describe_ladder(test.ladder)
    for name, seconds in asdict(test.phases).items():
        if seconds is not None:
            lines.append(f"  {name.replace('_', ' '):10} {seconds * 1000:8.1f} ms")
    lines += _certificate_lines(test)
    if test.problem and not test.ladder:
        lines.append(f"  {test.problem}")
    if test.answer:
        shown = test.answer[:_ANSWER_LIMIT].decode(errors="replace")
        lines += ["Answer:", *(f"  {line}" for line in shown.splitlines())]
    verdict = test.verdict
    if not test.ladder:  # else they are with the rung of the answer
        lines += [f"- {sentence}" for sentence in (*verdict.inferred, *verdict.remarks)]
    return lines


def _certificate_lines(test: ForwardTest) -> list[str]:
    labels = ("certificate", *["issued by"] * len(test.certificates))
    return [
        f"  {label}: {certificate.subject} ({certificate.remaining})"
        for label, certificate in zip(labels, test.certificates, strict=False)
    ]


def ladder_object(ladder: Ladder) -> dict[str, object]:
    """Return a ladder for JSON."""
    return {
        "url": ladder.url,
        "at": ladder.at,
        "vantage": ladder.vantage,
        "proxy": ladder.proxy,
        "cause": str(ladder.cause),
        "delivered": str(ladder.counts),
        "seconds": ladder.seconds,
        "stopped": ladder.stopped,
        "rungs": [_camel(rung) for rung in ladder.rungs],
        "names": _camel(ladder.names) if ladder.names else None,
        "addresses": [_camel(probe) for probe in ladder.probes],
        "requests": [_camel(sent) for sent in ladder.sent],
    }


def _camel(value: object) -> object:
    """Convert a value to plain objects for JSON, with names in camel case."""
    plain = msgspec.to_builtins(value)
    return _rename(plain)


def _rename(value: object) -> object:
    if isinstance(value, dict):
        return {_camel_name(name): _rename(content) for name, content in value.items()}
    return [_rename(one) for one in value] if isinstance(value, list | tuple) else value


def _camel_name(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def to_object(test: ForwardTest) -> dict[str, object]:
    """Return the test for JSON; the keys are those of `ibconsole forward-test --json`."""
    return {
        "url": test.url,
        "status": test.status,
        "reason": test.reason,
        "headers": [list(pair) for pair in test.headers],
        "answer": test.answer.decode(errors="replace"),
        "truncated": test.truncated,
        "seconds": asdict(test.phases),
        "peer": test.peer,
        "proxy": test.proxy,
        "problem": test.problem,
        "certificates": [
            {
                "subject": certificate.subject,
                "issuer": certificate.issuer,
                "validFrom": certificate.valid_from,
                "validUntil": certificate.valid_until,
                "daysLeft": certificate.days_left,
                "names": list(certificate.names),
            }
            for certificate in test.certificates
        ],
        "trusted": not test.untrusted,
        "sender": test.sender,
        "cause": str(test.ladder.cause if test.ladder else test.cause),
        "ladder": ladder_object(test.ladder) if test.ladder else None,
        "verdict": {
            "delivered": str(test.verdict.counts),
            "sentence": test.verdict.sentence,
            "documented": list(test.verdict.documented),
            "inferred": list(test.verdict.inferred),
            "remarks": list(test.verdict.remarks),
        },
    }


def report(test: ForwardTest, kind: ReportFormat) -> str:
    """Return the report without a newline at its end; application codes in it are masked."""
    if kind is ReportFormat.CURL:
        return curl_command(log_entry(test))
    masked = msgspec.structs.replace(test, answer=mask_body_codes(test.answer))
    if kind is ReportFormat.JSON:
        data = msgspec.json.format(msgspec.json.encode(to_object(masked)), indent=2)
        return data.decode()
    first, *rest = describe_test(masked)
    return "\n".join((first, test.verdict.sentence, *rest))


def save_report(test: ForwardTest, target: Path) -> None:
    """Write the report in the format of the file's suffix, by default as text.

    An existing file is replaced. Blocks: call it on a thread. Raises UserError.
    """
    suffix = target.suffix.removeprefix(".").lower()
    kind = ReportFormat(suffix) if suffix in set(ReportFormat) else ReportFormat.TEXT
    try:
        save(target, f"{report(test, kind)}\n".encode())
    except OSError as error:
        reason = error.strerror or str(error)
        raise ReportNotSaved(
            f"The result could not be written to {target}: {reason}. The test stays in the history."
        ) from error
