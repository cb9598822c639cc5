"""The command `listen`: receives forwards until it is stopped."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ibconsole.cli import (
    GlobalOptions,
    data_dir_option,
    json_option,
    open_console,
    out,
    run,
    saved_connections,
    wait_for_signal,
    yes_option,
)
from ibconsole.cli.listening.answers import (
    answer_options,
    chosen_answers,
    confirm_answers,
    show_check,
)
from ibconsole.cli.listening.lease_settling import settled_meanwhile
from ibconsole.plural import counted

if TYPE_CHECKING:
    from ibconsole.model import Arrival
    from ibconsole.services.answer_files import AnswerScenario
    from ibconsole.services.console import Console
    from ibconsole.services.intake import StoredForward


@dataclass(frozen=True, slots=True)
class _Listening:
    """The wishes of a command line; `connection` is the name of a saved one, None for none."""

    host: str
    port: int
    path: str
    connection: str | None
    answers: "AnswerScenario | None"
    as_json: bool


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8484, show_default=True)
@click.option("--path", help="An additional path to answer (default: an unguessable one, saved).")
@click.option("--connection", metavar="NAME", help="The saved connection whose URL is shown.")
@answer_options
@yes_option
@data_dir_option
@json_option
@click.pass_obj
def listen(
    options: GlobalOptions,
    host: str,
    port: int,
    path: str | None,
    connection: str | None,
    answers: Path | None,
    preset: str | None,
    check_answers: Path | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Receive forwards as the customer's server would, until stopped.

    Receives forwards to the URLs of all saved connections, not only to the one shown. Each request
    is stored first, and then answered: 200, or what --answers or --preset say. With --connection,
    what a process that died has left of a borrowed route there is removed.
    """
    if check_answers is not None:
        show_check(check_answers, as_json=as_json)
        return
    if path is not None and not path.startswith("/"):
        raise click.BadParameter("A path must begin with a slash.", param_hint="--path")
    scenario = chosen_answers(answers, preset)
    if scenario:
        confirm_answers(options, scenario, yes=yes)
    run(_listen(options, _Listening(host, port, path or "", connection, scenario, as_json)))


async def _listen(options: GlobalOptions, wanted: _Listening) -> None:
    name = wanted.connection
    connection = (await saved_connections(options).find(name)).id if name else None
    show = show_forwards(as_json=wanted.as_json)
    with out.watch_reader(report_lost_reader):
        async with (
            open_console(options, connect=False, on_forwards=show) as console,
            settled_meanwhile(console, options, wanted.connection),
        ):
            console.sharing.start_sharing(saved_connections(options))
            await _receive(console, connection, wanted)


def show_forwards(*, as_json: bool) -> "Callable[[Sequence[StoredForward]], None]":
    """Return the function that writes forwards to stdout, a line for each."""
    encode_line = _encode_json if as_json else _encode_text

    def show(forwards: "Sequence[StoredForward]") -> None:
        # Each call takes a lock and wakes a thread: one for all that were stored together.
        out.write_bytes(b"".join(map(encode_line, forwards)))

    return show


async def _receive(console: "Console", connection: str | None, wanted: _Listening) -> None:
    """Listen until a signal arrives."""
    if wanted.answers:
        console.set_answers(wanted.answers)
    url = await console.start_listener(
        host=wanted.host, port=wanted.port, connection=connection, path=wanted.path
    )
    if address := console.status.listener.reachable_at:
        out.write_notice(
            f"The listener is open to the network, unencrypted and for anyone, at {address}."
        )
    name = wanted.answers.name if wanted.answers else ""
    if wanted.as_json:
        out.write_json({"url": url, **({"answers": name} if name else {})})
    else:
        out.write_line(url)
    if name:
        out.write_notice(f"Answers: {name}. Requests that no rule is about are answered 200.")
    out.write_notice("Listening. Press Ctrl+C to stop.")
    await wait_for_signal()
    await console.stop_listener()
    received = counted(console.status.listener.received, "request")
    out.write_notice(f"Stopped; {received} stored.")


def report_lost_reader(error: OSError) -> None:
    """Say that stdout has failed, which costs no message."""
    out.write_notice(f"Requests are still stored, but not shown any more: {error.strerror}.")


def _status_of(arrival: "Arrival") -> int | None:
    """Return the status that is sent, None for none: a rule may say what it likes."""
    return arrival.answer.status if arrival.answer else arrival.status


def _encode_json(forward: "StoredForward") -> bytes:
    from ibconsole.model import Undecodable, content_type_of, encode, parse, to_utf8

    arrival = forward.arrival
    extra: dict[str, Any] = {
        "delivery": forward.delivery,
        "arrivedAt": arrival.arrived_at,
        "method": arrival.method,
        "target": arrival.target,
        "peer": arrival.peer,
        "connection": arrival.connection,
        "status": _status_of(arrival),
        "problem": arrival.problem,
    }
    if answer := arrival.answer:
        extra["answer"] = {
            "scenario": answer.scenario,
            "rule": answer.rule,
            "end": answer.end.value,
            "delay": answer.delay,
        }
    text = to_utf8(arrival.body, content_type_of(arrival.headers)).data
    try:
        body = parse(text)
    except Undecodable:
        body = None
    if not isinstance(body, dict):
        extra["body"] = text.decode("utf-8", "replace")
        body = {}
    return encode({**body, "_ibconsole": extra}) + b"\n"


def _encode_text(forward: "StoredForward") -> bytes:
    arrival = forward.arrival
    size = len(arrival.body or arrival.raw)
    status, answer = _status_of(arrival), arrival.answer
    rule = f"rule “{answer.rule}”: {answer.phrase}" if answer else ""
    parts = (
        f"{arrival.method or '?'} {arrival.target}",
        "-" if status is None else str(status),
        f"{size} bytes",
        f"from {arrival.peer}",
        arrival.problem,
        rule,
    )
    text = "  ".join(filter(None, parts))
    return f"{out.blank_control_characters(text)}\n".encode(errors="replace")
