"""The report on a forward test: as text, as an object for JSON, and as a curl command."""

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path

import msgspec

from ibconsole.errors import UserError
from ibconsole.files import save
from ibconsole.services.forward_test.forward_test import ForwardTest, log_entry
from ibconsole.services.request_log import curl_command, mask_body_codes

_ANSWER_LIMIT = 2_000  # bytes of the answer in the text


class ReportNotSaved(UserError):
    """The report could not be written to its file."""


class ReportFormat(StrEnum):
    """The formats of a report; the values are the suffixes of their files."""

    TEXT = "txt"
    JSON = "json"
    CURL = "sh"


def describe_test(test: ForwardTest) -> list[str]:
    """Return the lines of the report, without the sentence of the verdict."""
    status = "no answer" if test.status is None else f"{test.status} {test.reason}".rstrip()
    lines = [f"POST {test.url}: {status}"]
    for name, seconds in asdict(test.phases).items():
        if seconds is not None:
            lines.append(f"  {name.replace('_', ' '):10} {seconds * 1000:8.1f} ms")
    for number, certificate in enumerate(test.certificates):
        label = "certificate" if number == 0 else "issued by"
        lines.append(f"  {label}: {certificate.subject} ({certificate.days_left} days left)")
    if test.problem:
        lines.append(f"  {test.problem}")
    if test.answer:
        shown = test.answer[:_ANSWER_LIMIT].decode(errors="replace")
        lines += ["Answer:", *(f"  {line}" for line in shown.splitlines())]
    verdict = test.verdict
    lines += [f"- {sentence}" for sentence in (*verdict.inferred, *verdict.remarks)]
    return lines


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
