"""Commands that run until they are stopped: `listen` and `simulate`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from ibconsole.cli import out
from ibconsole.cli.options import GlobalOptions, data_dir_option, json_option
from ibconsole.cli.running import open_console, run, saved_connections
from ibconsole.lazy import LazyModule
from ibconsole.plural import counted

if TYPE_CHECKING:
    import asyncio

    from ibconsole.services.console import Console
    from ibconsole.services.intake import StoredForward
    from ibconsole.simulator import SimulatorSettings
else:
    asyncio = LazyModule("asyncio")


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8484, show_default=True)
@click.option(
    "--path", help="An additional path to answer 200 (default: an unguessable one, saved)."
)
@click.option("--connection", metavar="NAME", help="The saved connection whose URL is shown.")
@data_dir_option
@json_option
@click.pass_obj
def listen(
    options: GlobalOptions,
    host: str,
    port: int,
    path: str | None,
    connection: str | None,
    as_json: bool,
) -> None:
    """Receive forwards as the customer's server would, until stopped.

    Receives forwards to the URLs of all saved connections, not only to the one shown.
    """
    if path is not None and not path.startswith("/"):
        raise click.BadParameter("A path must begin with a slash.", param_hint="--path")
    run(_listen(options, host, port, path, connection, as_json=as_json))


async def _listen(
    options: GlobalOptions,
    host: str,
    port: int,
    path: str | None,
    connection: str | None,
    *,
    as_json: bool,
) -> None:
    connection_id = (await saved_connections(options).find(connection)).id if connection else None
    encode_line = _encode_json if as_json else _encode_text

    def show(forwards: "Sequence[StoredForward]") -> None:
        # Each call takes a lock and wakes a thread: one for all that were stored together.
        out.write_bytes(b"".join(map(encode_line, forwards)))

    with out.watch_reader(_report_failure):
        async with open_console(options, connect=False, on_forwards=show) as console:
            await _receive(console, host, port, connection_id, path or "", as_json=as_json)


async def _receive(
    console: "Console", host: str, port: int, connection: str | None, path: str, *, as_json: bool
) -> None:
    """Listen until a signal arrives."""
    url = await console.start_listener(host=host, port=port, connection=connection, path=path)
    if address := console.status.listener.reachable_at:
        out.write_notice(
            f"The listener is open to the network, unencrypted and for anyone, at {address}."
        )
    if as_json:
        out.write_json({"url": url})
    else:
        out.write_line(url)
    out.write_notice("Listening. Press Ctrl+C to stop.")
    await _wait_for_signal()
    await console.stop_listener()
    received = counted(console.status.listener.received, "request")
    out.write_notice(f"Stopped; {received} stored.")


def _report_failure(error: OSError) -> None:
    out.write_notice(f"Requests are still stored, but not shown any more: {error.strerror}.")


def _report_lost_address(error: OSError) -> None:
    out.write_notice(
        f"The address and the key could not be written: {error.strerror}. The simulated platform"
        " still answers; give it a --port, and a stdout that can be written."
    )


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
        "status": arrival.status,
        "problem": arrival.problem,
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
    text = (
        f"{arrival.method or '?'} {arrival.target}  {arrival.status}  {size} bytes"
        f"  from {arrival.peer}  {arrival.problem}".rstrip()
    )
    return f"{out.blank_control_characters(text)}\n".encode(errors="replace")


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to serve on.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 selects a free one.")
@click.option("--seed", type=int, default=1, show_default=True, help="A seed determines all data.")
@click.option("--applications", type=click.IntRange(min=0), default=6, show_default=True)
@click.option(
    "--messages", type=click.IntRange(min=0), default=0, help="Messages that wait for a pull."
)
@click.option("--rate", type=click.FloatRange(min=0), default=0.0, help="New messages per second.")
@click.option("--no-rate-limit", is_flag=True, help="Do not answer 429 to too many requests.")
@click.option("--forward-anywhere", is_flag=True, help="Forward to other computers, too.")
def simulate(
    host: str,
    port: int,
    seed: int,
    applications: int,
    messages: int,
    rate: float,
    no_rate_limit: bool,
    forward_anywhere: bool,
) -> None:
    """Run the simulated platform, until stopped. The output is always JSON."""
    from ibconsole.simulator import SimulatorSettings

    settings = SimulatorSettings(
        seed=seed,
        applications=applications,
        messages=messages,
        rate=rate,
        rate_limited=not no_rate_limit,
        forward_anywhere=forward_anywhere,
    )
    run(_simulate(settings, host, port))


async def _simulate(settings: "SimulatorSettings", host: str, port: int) -> None:
    from ibconsole.http1 import ListenError
    from ibconsole.services.intake import ListenerFailed
    from ibconsole.simulator import simulate as run_simulator

    try:
        with out.watch_reader(_report_lost_address):
            async with run_simulator(settings, host, port) as running:
                out.write_own_json({"base_url": running.base_url, "api_key": running.api_key})
                out.write_notice("The simulated platform is running. Press Ctrl+C to stop.")
                await _wait_for_signal()
    except ListenError as error:
        raise ListenerFailed(f"The simulated platform could not start: {error}") from error


async def _wait_for_signal() -> None:
    """Wait for the signal that ends the command, which is not a failure."""
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        return
