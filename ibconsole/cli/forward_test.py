"""`ibconsole forward-test`: one POST to a forward URL, and whether it would count."""

from dataclasses import asdict
from typing import TYPE_CHECKING, BinaryIO

import click

from ibconsole.cli import out
from ibconsole.cli.options import Context, as_json, data_dir
from ibconsole.cli.running import console, run

if TYPE_CHECKING:
    from ibconsole.services.forward_test import ForwardTest

NOT_DELIVERED = 1
_SHOWN = 2_000


@click.command("forward-test")
@click.argument("url")
@click.option(
    "--payload",
    type=click.File("rb"),
    metavar="FILE",
    help="What to post, instead of the documented sample; - is stdin.",
)
@data_dir
@as_json
@click.pass_obj
def forward_test(context: Context, url: str, payload: BinaryIO | None, as_json: bool) -> int | None:
    """Post the documented sample to URL, once, as the platform would.

    Tells status, time per phase, certificate, answer, and whether the platform would count it
    as delivered. Exit code 0: it would, or may. 1: it would not. Every test is recorded.
    """
    body = payload.read() if payload else None
    test = run(_test(context, url, body))
    if as_json:
        out.json_line(_raw(test))
    else:
        for line in _lines(test):
            out.line(line)
    out.say(test.verdict.sentence)
    return NOT_DELIVERED if test.verdict.counts == "no" else None


async def _test(context: Context, url: str, payload: bytes | None) -> "ForwardTest":
    from ibconsole.services.forward_test import SAMPLE

    async with console(context, account=False) as opened:
        return await opened.test_forward(url, SAMPLE if payload is None else payload)


def _lines(test: "ForwardTest") -> list[str]:
    status = "no answer" if test.status is None else f"{test.status} {test.reason}".rstrip()
    lines = [f"POST {test.url}: {status}"]
    for name, seconds in asdict(test.phases).items():
        if seconds is not None:
            lines.append(f"  {name.replace('_', ' '):10} {seconds * 1000:8.1f} ms")
    for number, one in enumerate(test.certificates):
        what = "certificate" if number == 0 else "issued by"
        lines.append(f"  {what}: {one.subject} ({one.days_left} days left)")
    if test.problem:
        lines.append(f"  {test.problem}")
    if test.answer:
        shown = test.answer[:_SHOWN].decode(errors="replace")
        lines += ["Answer:", *(f"  {line}" for line in shown.splitlines())]
    verdict = test.verdict
    lines += [f"- {sentence}" for sentence in (*verdict.inferred, *verdict.remarks)]
    return lines


def _raw(test: "ForwardTest") -> dict[str, object]:
    return {
        "url": test.url,
        "status": test.status,
        "reason": test.reason,
        "headers": [list(pair) for pair in test.headers],
        "answer": test.answer.decode(errors="replace"),
        "truncated": test.truncated,
        "seconds": asdict(test.phases),
        "peer": test.peer,
        "problem": test.problem,
        "certificates": [
            {
                "subject": one.subject,
                "issuer": one.issuer,
                "validFrom": one.valid_from,
                "validUntil": one.valid_until,
                "daysLeft": one.days_left,
                "names": list(one.names),
            }
            for one in test.certificates
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
