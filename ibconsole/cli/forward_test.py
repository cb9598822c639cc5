"""`ibconsole forward-test`: a forward URL tested rung by rung, and the verdict on its answer."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ibconsole.cli import out
from ibconsole.cli.options import GlobalOptions, data_dir_option, json_option
from ibconsole.cli.running import ExitCode, open_console, run
from ibconsole.pasted import clean_pasted

if TYPE_CHECKING:
    from ibconsole.services.forward_test import ForwardTest, Ladder, LadderPlan

_SENDERS = ("all", "platform", "ours", "curl")


@click.command("forward-test")
@click.argument("url")
@click.option(
    "--payload",
    metavar="VARIANT|FILE",
    default="sample",
    help=(
        "Post a variant (sample, minimal, all-fields, emoji, nulls, batch, large, duplicate, last)"
        " or the content of FILE; - is stdin. Without it, the documented sample."
    ),
)
@click.option(
    "--application",
    metavar="CODE",
    default="",
    help="With --payload last: the last message of this application, not of all.",
)
@click.option(
    "--as",
    "sender",
    type=click.Choice(_SENDERS),
    default="all",
    help=(
        "Whose request it looks like. By default the platform's (as learned from its forwards, see"
        " `ibconsole sender`, else assumed), and then others, to name what makes a difference."
    ),
)
@click.option(
    "--repeat/--no-repeat", default=True, help="Post the same message once more, or do not."
)
@click.option("--parallel", is_flag=True, help="Post the message 10 times at once, too.")
@click.option("--once", is_flag=True, help="Send one request: no other sender, no repetition.")
@click.option("--no-send", is_flag=True, help="Stop after TLS: send no request at all.")
@click.option(
    "--timeout",
    type=click.FloatRange(0.1, 120),
    default=20.0,
    show_default=True,
    metavar="SECONDS",
    help="The time limit of a request; the test takes at most three times as long.",
)
@data_dir_option
@json_option
@click.pass_obj
def forward_test(options: GlobalOptions, /, url: str, payload: str, **chosen: object) -> int | None:
    """Test URL rung by rung: name, addresses, connections, TLS, and the answer to a message.

    Each rung that fails says what to do. Shows whether the platform would count the message as
    delivered; exit code 0 only if it would. The endpoint gets the message several times, with the
    same ID, so that differences between senders show: --once sends it once. Every request is
    recorded.
    """
    url, as_json = clean_pasted(url), bool(chosen["as_json"])
    if chosen["no_send"]:
        return _write_probe(run(_probe(options, url)), as_json=as_json)
    body = str(chosen["application"]) if payload == "last" else _read_payload(payload)
    test = run(_climb(options, url, body, _plan(chosen)))
    return _write_test(test, as_json=as_json)


def _plan(chosen: dict[str, object]) -> "LadderPlan":
    from ibconsole.services.forward_test import CURL, OURS, PLATFORM, Comparison, LadderPlan

    senders = {"all": PLATFORM, "platform": PLATFORM, "ours": OURS, "curl": CURL}
    once, timeout = bool(chosen["once"]), float(str(chosen["timeout"]))
    return LadderPlan(
        sender=senders[str(chosen["sender"])],
        compare=Comparison.ALWAYS if chosen["sender"] == "all" and not once else Comparison.NEVER,
        repeat=bool(chosen["repeat"]) and not once,
        parallel=bool(chosen["parallel"]),
        timeout=timeout,
        deadline=3 * timeout,
    )


async def _probe(options: GlobalOptions, url: str) -> "Ladder":
    async with open_console(options, connect=False) as console:
        return await console.forward_tests.probe(url)


async def _climb(
    options: GlobalOptions, url: str, payload: bytes | str, plan: "LadderPlan"
) -> "ForwardTest":
    """Climb the ladder with a payload, or with the last message of an application ("": of any).

    If it is stopped, what is known is written to stderr.
    """
    import asyncio

    from msgspec.structs import replace

    from ibconsole.services.forward_test import Ladder, describe_ladder

    async with open_console(options, connect=False) as console:
        if isinstance(payload, str):
            payload = _read_last(console.paths.archive, payload)
        if plan.sender.assumed:
            plan = replace(
                plan, sender=await console.forward_tests.observed_sender() or plan.sender
            )
        seen: list[Ladder] = []

        def on_rung(ladder: Ladder) -> None:
            if sys.stderr.isatty() and ladder.rungs and len(ladder.rungs) > len(seen):
                out.write_notice(f"{ladder.rungs[-1].kind}: {ladder.rungs[-1].state}")
            seen.append(ladder)

        try:
            return await console.forward_tests.climb(url, payload, plan, on_rung)
        except asyncio.CancelledError:
            for line in describe_ladder(seen[-1]) if seen else ():
                out.write_notice(line)
            out.write_notice("Stopped. The request may have arrived all the same.")
            raise


def _read_last(archive: Path, application: str) -> bytes:
    """Return the message that arrived last, as the platform forwards it.

    Its code is masked where the policy masks codes: a test may lead anywhere.
    """
    from ibconsole.archive import Filter, Reader
    from ibconsole.services.forward_test import envelope_of

    with Reader(archive) as reader:
        found = reader.search(Filter(application=application), limit=1)
        stored = reader.message(found.ids[-1]) if found.ids else None
    if stored is None:
        raise click.UsageError("There is no such message in the archive: choose another payload.")
    return out.shown_codes().body(envelope_of(stored.body), stored.application_code)


def _read_payload(text: str) -> bytes:
    """Return the bytes of a variant, of a file, or of stdin."""
    from ibconsole.services.forward_test import PayloadVariant, payload_of

    if text in set(PayloadVariant):
        return payload_of(PayloadVariant(text))
    if text == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(text).read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise click.BadParameter(
            f"{text} is no variant, and no file that can be read: {reason}.",
            param_hint="--payload",
        ) from error


def _write_probe(ladder: "Ladder", *, as_json: bool) -> int | None:
    from ibconsole.services.forward_test import RungState, describe_ladder, ladder_object

    if as_json:
        out.write_json(ladder_object(ladder))
    else:
        for line in (ladder.url, *describe_ladder(ladder)):
            out.write_line(line)
    failed = any(rung.state is RungState.FAILED for rung in ladder.rungs)
    out.write_notice("No request was sent.")
    return ExitCode.FAILED if failed else None


def _write_test(test: "ForwardTest", *, as_json: bool) -> int | None:
    from ibconsole.services.forward_test import Delivered, describe_test, to_object

    if as_json:
        out.write_json(to_object(test))
    else:
        for line in describe_test(test):
            out.write_line(line)
    out.write_notice(test.verdict.sentence)
    counts = test.ladder.counts if test.ladder else test.verdict.counts
    return None if counts is Delivered.YES else ExitCode.FAILED
