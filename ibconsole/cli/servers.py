"""Commands that run until they are stopped: the listener and the simulated platform."""

import asyncio
from typing import TYPE_CHECKING, Any

import click

from ibconsole.cli import out
from ibconsole.cli.options import Context, as_json, data_dir
from ibconsole.cli.running import console, run, saved_connections
from ibconsole.model import Undecodable, encode, parse

if TYPE_CHECKING:
    from ibconsole.services.intake import StoredForward
    from ibconsole.simulator import SimulatorSettings


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8484, show_default=True)
@click.option("--path", help="One more path to answer 200 (default: an unguessable one, kept).")
@click.option("--connection", metavar="NAME", help="The saved connection whose URL is shown.")
@data_dir
@as_json
@click.pass_obj
def listen(
    context: Context, host: str, port: int, path: str | None, connection: str | None, as_json: bool
) -> None:
    """Receive forwards as the customer's server would, until stopped.

    Forwards to the URL of any saved connection are received, whichever one is shown.
    """
    if path is not None and not path.startswith("/"):
        raise click.BadParameter("A path begins with a slash.", param_hint="--path")
    run(_listen(context, host, port, path, connection, as_json=as_json))


async def _listen(
    context: Context,
    host: str,
    port: int,
    path: str | None,
    connection: str | None,
    *,
    as_json: bool,
) -> None:
    named = (await saved_connections(context).find(connection)).id if connection else None
    lines = _Lines()
    shown = _as_json if as_json else _as_text
    async with console(
        context, account=False, heard=lambda heard: lines.add(shown(heard))
    ) as opened:
        url = await opened.start_listener(host=host, port=port, connection=named, path=path or "")
        if where := opened.status.listener.reachable_at:
            out.say(f"It is open to the network, unencrypted and for anybody, at {where}.")
        if as_json:
            out.json_line({"url": url})
        else:
            out.line(url)
        out.say("Listening. Press Ctrl+C to stop.")
        await _stopped()
        await opened.stop_listener()
        out.say(f"Stopped; {opened.status.listener.received} requests are stored.")


class _Lines:
    """Writes lines on stdout: at once, but those of requests that were stored together as one.

    Whoever does not read them any more costs no request.
    """

    def __init__(self) -> None:
        self._waiting: list[bytes] = []
        self._read = True

    def add(self, line: bytes) -> None:
        """Write the line before the loop waits again."""
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._write)
        self._waiting.append(line)

    def _write(self) -> None:
        lines, self._waiting = self._waiting, []
        if not self._read:
            return
        try:
            out.raw(b"".join(lines))
        except OSError as error:
            self._read = False
            out.say(f"Requests are stored, but not shown any more: {error.strerror}.")


def _as_json(heard: "StoredForward") -> bytes:
    arrival = heard.arrival
    ours: dict[str, Any] = {
        "delivery": heard.delivery,
        "arrivedAt": arrival.arrived_at,
        "method": arrival.method,
        "target": arrival.target,
        "peer": arrival.peer,
        "connection": arrival.connection,
        "status": arrival.status,
        "problem": arrival.problem,
    }
    try:
        body = parse(arrival.body)
    except Undecodable:
        body = None
    if not isinstance(body, dict):
        ours["body"] = arrival.body.decode("utf-8", "replace")
        body = {}
    return encode({**body, "_ibconsole": ours}) + b"\n"


def _as_text(heard: "StoredForward") -> bytes:
    arrival = heard.arrival
    size = len(arrival.body or arrival.raw)
    text = (
        f"{arrival.method or '?'} {arrival.target}  {arrival.status}  {size} bytes"
        f"  from {arrival.peer}  {arrival.problem}".rstrip()
    )
    return f"{out.plain(text)}\n".encode(errors="replace")


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to serve on.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 takes any free one.")
@click.option(
    "--seed", type=int, default=1, show_default=True, help="The same seed, the same data."
)
@click.option("--applications", type=click.IntRange(min=0), default=6, show_default=True)
@click.option("--messages", type=click.IntRange(min=0), default=0, help="Wait for the pull.")
@click.option("--rate", type=click.FloatRange(min=0), default=0.0, help="Arrivals per second.")
@click.option("--no-rate-limit", is_flag=True, help="Never answer 429 by itself.")
@click.option("--forward-anywhere", is_flag=True, help="Forward beyond this computer, too.")
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
    """Run the simulated platform, until stopped. Always answers in JSON."""
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
    from ibconsole.simulator import simulate as simulated

    try:
        async with simulated(settings, host, port) as running:
            out.json_line({"base_url": running.base_url, "api_key": running.api_key})
            out.say("The simulated platform is running. Press Ctrl+C to stop.")
            await _stopped()
    except ListenError as error:
        raise ListenerFailed(f"The simulated platform could not start: {error}") from error


async def _stopped() -> None:
    """Wait for the signal that ends the command; it is no failure."""
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        return
