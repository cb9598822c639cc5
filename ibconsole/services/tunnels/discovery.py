"""Finding tunnels that run on this computer, by the local APIs of cloudflared and ngrok.

Only loopback addresses are asked, never through a proxy, each for at most a second; what another
program answers at these ports is ignored.
"""

import asyncio
import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from urllib.parse import urlsplit

import msgspec

from ibconsole.hosts import is_loopback
from ibconsole.http1 import send

_TIMEOUT = 1.0  # seconds for one answer
_LARGEST = 1 << 20  # bytes of an answer
_MOST = 50  # tunnels of one program
_LONGEST_PATTERN = 200  # characters
_ADDRESS = re.compile(r"(https?://([a-z0-9.-]+)(?::[0-9]{1,5})?)/?", re.IGNORECASE)
_SCHEME_PORTS = {"http": 80, "https": 443}
_SOME_PATH = "/inbound/lease-0"  # as the listener's paths begin
# Names by which a program in a container reaches this computer.
_CONTAINER_NAMES = ("host.docker.internal", "host.containers.internal", "gateway.docker.internal")


class TunnelProgram(StrEnum):
    """A program that makes a server on this computer reachable from the internet."""

    CLOUDFLARED = "cloudflared"
    NGROK = "ngrok"


# https://developers.cloudflare.com/cloudflare-one/networks/connectors/cloudflare-tunnel/monitor-tunnels/metrics/
_CLOUDFLARED_PORTS = tuple(range(20241, 20246))
# https://ngrok.com/docs/agent/api/; every further agent takes the next free port.
_NGROK_PORTS = (4040, 4041, 4042)

LOCAL_APIS: Sequence[tuple[TunnelProgram, int]] = (
    *((TunnelProgram.CLOUDFLARED, port) for port in _CLOUDFLARED_PORTS),
    *((TunnelProgram.NGROK, port) for port in _NGROK_PORTS),
)


class Tunnel(msgspec.Struct, frozen=True):
    """A tunnel that runs on this computer.

    `url` is its public address, without a path. `target` is where it leads to, as the program
    says it, and `port` the port of this computer, None if it leads to another computer or if the
    program does not say. `connected` is false if the program says that it has no connection to
    its network at present.
    """

    program: TunnelProgram
    url: str
    target: str = ""
    port: int | None = None
    connected: bool = True


async def find_tunnels(
    port: int | None = None, *, apis: Sequence[tuple[TunnelProgram, int]] = LOCAL_APIS
) -> Sequence[Tunnel]:
    """Return the tunnels that run on this computer, those that lead to `port` first.

    `apis` are the programs and the ports of their local APIs. Nothing raises; it takes two seconds
    at most.
    """
    found = await asyncio.gather(*(_ASK[program](at) for program, at in apis))
    tunnels: dict[str, Tunnel] = {}
    for one in (one for several in found for one in several[:_MOST]):
        tunnels.setdefault(one.url, one)
    return sorted(tunnels.values(), key=lambda one: (one.port != port, not one.connected))


async def _ask_ngrok(port: int) -> Sequence[Tunnel]:
    found = {}
    for one in _records(await _get(port, "/api/tunnels"), "tunnels"):
        url, target = _public(_text(one, "public_url")), _text(one.get("config"), "addr")
        if url and _text(one, "proto") in _SCHEME_PORTS:
            found[url] = Tunnel(TunnelProgram.NGROK, url, target, _port_here(target))
    # An address that answers by http, too, is listed twice.
    return [
        one
        for url, one in found.items()
        if url.startswith("https:") or f"https{url.removeprefix('http')}" not in found
    ]


async def _ask_cloudflared(port: int) -> Sequence[Tunnel]:
    quick, config, ready = await asyncio.gather(
        *(_get(port, path) for path in ("/quicktunnel", "/config", "/ready"))
    )
    connections = ready.get("readyConnections") if isinstance(ready, dict) else None
    return [
        Tunnel(TunnelProgram.CLOUDFLARED, url, target, _port_here(target), connections != 0)
        for host, target in _routes(config, _text(quick, "hostname"))
        if (url := _public(f"https://{host}"))
    ]


_ASK = {TunnelProgram.CLOUDFLARED: _ask_cloudflared, TunnelProgram.NGROK: _ask_ngrok}


def _routes(config: object, quick: str) -> Iterator[tuple[str, str]]:
    """Yield the public hosts of a cloudflared, and the service that each leads to.

    The first rule that takes the listener's paths counts, as for cloudflared itself.
    """
    rules = _records(config.get("config") if isinstance(config, dict) else None, "ingress")
    if quick and not rules:  # of a version that does not say more
        yield quick, ""
    for rule in rules:
        host = _text(rule, "hostname") or quick
        if host and "*" not in host and _takes_our_paths(_text(rule, "path")):
            yield host, _text(rule, "service")


def _takes_our_paths(pattern: str) -> bool:
    try:
        return re.search(pattern[:_LONGEST_PATTERN], _SOME_PATH) is not None
    except re.error:  # written for another implementation: the check of the address will tell
        return True


async def _get(port: int, path: str) -> object:
    """Return the JSON that this computer answers at a port; None for anything else.

    The status does not matter: /ready answers 503 with a body that says why.
    """
    trace = await send(
        f"http://127.0.0.1:{port}{path}",
        method="GET",
        headers=((b"Accept", b"application/json"),),
        timeout=_TIMEOUT,
        max_answer=_LARGEST,
    )
    if trace.status is None or trace.truncated:
        return None
    try:
        return msgspec.json.decode(trace.body)
    except msgspec.DecodeError:
        return None


def _records(answer: object, name: str) -> Sequence[dict[str, object]]:
    found = answer.get(name) if isinstance(answer, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _text(record: object, name: str) -> str:
    value = record.get(name) if isinstance(record, dict) else None
    return value if isinstance(value, str) else ""


def _public(url: str) -> str:
    """Return scheme, host and port of a public address; "" if it is none."""
    match = _ADDRESS.fullmatch(url)
    return match[1].lower() if match and not is_loopback(match[2]) else ""


def _port_here(target: str) -> int | None:
    """Return the port of this computer that a target means: `8484`, `localhost:8484`, or a URL."""
    if target.isdecimal():
        return int(target)
    try:
        parts = urlsplit(target if "://" in target else f"http://{target}")
        port = parts.port or _SCHEME_PORTS.get(parts.scheme)
    except ValueError:
        return None
    host = parts.hostname or ""
    return port if is_loopback(host) or host in _CONTAINER_NAMES else None
