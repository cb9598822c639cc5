"""`ibconsole forward-test`: one POST to a forward URL, and the verdict on its answer."""

from typing import TYPE_CHECKING, BinaryIO

import click

from ibconsole.cli import out
from ibconsole.cli.options import GlobalOptions, data_dir_option, json_option
from ibconsole.cli.running import ExitCode, open_console, run
from ibconsole.pasted import clean_pasted

if TYPE_CHECKING:
    from ibconsole.services.forward_test import ForwardTest

_ANSWER_LIMIT = 2_000  # bytes of the answer that are written


@click.command("forward-test")
@click.argument("url")
@click.option(
    "--payload",
    type=click.File("rb"),
    metavar="FILE",
    help="Post the content of FILE instead of the documented sample; - is stdin.",
)
@data_dir_option
@json_option
@click.pass_obj
def forward_test(
    options: GlobalOptions, url: str, payload: BinaryIO | None, as_json: bool
) -> int | None:
    """Post the documented sample to URL, once, as the platform would.

    Shows status, time per phase, certificate and answer, and whether the platform would count
    the message as delivered. Exit code 0: it would, or may. 1: it would not. Every test is
    recorded.
    """

    body = payload.read() if payload else None
    test = run(_test(options, clean_pasted(url), body))
    if as_json:
        out.write_json(_to_object(test))
    else:
        for line in _describe(test):
            out.write_line(line)
    out.write_notice(test.verdict.sentence)
    # What did not get past a proxy is not known, and no success.
    succeeded = test.status is not None and 200 <= test.status < 300
    return None if succeeded else ExitCode.FAILED


async def _test(options: GlobalOptions, url: str, payload: bytes | None) -> "ForwardTest":
    from ibconsole.services.forward_test import SAMPLE

    async with open_console(options, connect=False) as console:
        return await console.test_forward(url, SAMPLE if payload is None else payload)


def _describe(test: "ForwardTest") -> list[str]:
    from dataclasses import asdict

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


def _to_object(test: "ForwardTest") -> dict[str, object]:
    from dataclasses import asdict

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
