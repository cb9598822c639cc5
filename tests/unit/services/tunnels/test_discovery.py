"""Tests of the discovery of tunnels."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest

from ibconsole.services.tunnels import Tunnel, TunnelProgram, find_tunnels

NGROK, CLOUDFLARED = TunnelProgram.NGROK, TunnelProgram.CLOUDFLARED
READY = {"status": 200, "readyConnections": 4, "connectorId": "0"}

Answers = Mapping[str, object]


@asynccontextmanager
async def local_api(answers: Answers) -> AsyncIterator[int]:
    """Answer these paths with JSON, or with bytes as they are; yield the port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        found = answers.get(head.split(b" ")[1].decode(), b"404 page not found")
        body = found if isinstance(found, bytes) else json.dumps(found).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


async def found(program: TunnelProgram, answers: Answers, port: int | None = 8484) -> list[Tunnel]:
    async with local_api(answers) as at:
        return list(await find_tunnels(port, apis=[(program, at)]))


def ngrok(*tunnels: tuple[str, str]) -> Answers:
    listed = [
        {"name": "x", "public_url": url, "proto": url.partition(":")[0], "config": {"addr": addr}}
        for url, addr in tunnels
    ]
    return {"/api/tunnels": {"tunnels": listed, "uri": "/api/tunnels"}}


def cloudflared(*rules: Mapping[str, object], quick: str = "", ready: object = READY) -> Answers:
    config = {"version": 1, "config": {"ingress": list(rules), "warp-routing": {}}}
    return {"/quicktunnel": {"hostname": quick}, "/config": config, "/ready": ready}


async def test_ngrok() -> None:
    """An address by both schemes is one tunnel; one that leads to the listener comes first."""
    answers = ngrok(
        ("https://other.ngrok.app", "http://localhost:3000"),
        ("http://a.ngrok-free.app", "http://localhost:8484"),
        ("https://a.ngrok-free.app", "http://localhost:8484"),
        ("tcp://2.tcp.ngrok.io:17", "localhost:22"),
    )

    assert await found(NGROK, answers) == [
        Tunnel(NGROK, "https://a.ngrok-free.app", "http://localhost:8484", 8484),
        Tunnel(NGROK, "https://other.ngrok.app", "http://localhost:3000", 3000),
    ]


@pytest.mark.parametrize(
    ("target", "port"),
    [
        ("8484", 8484),
        ("localhost:8484", 8484),
        ("127.0.0.1:8484", 8484),
        ("http://[::1]:8484", 8484),
        ("http://localhost", 80),
        ("https://localhost:8443", 8443),
        ("http://host.docker.internal:8484", 8484),
        ("http://192.168.1.7:8484", None),
        ("http://localhost:99999", None),
        ("hello_world", None),
        ("", None),
    ],
)
async def test_port_of_a_target(target: str, port: int | None) -> None:
    """A tunnel leads to a port of this computer, or to none that is known."""
    [tunnel] = await found(NGROK, ngrok(("https://a.ngrok.app", target)))

    assert tunnel.port == port


async def test_quick_tunnel() -> None:
    """The host of a quick tunnel leads to its only service."""
    answers = cloudflared({"service": "http://localhost:8484"}, quick="a-b.trycloudflare.com")

    assert await found(CLOUDFLARED, answers) == [
        Tunnel(CLOUDFLARED, "https://a-b.trycloudflare.com", "http://localhost:8484", 8484)
    ]


async def test_quick_tunnel_of_an_old_version() -> None:
    """A version that says nothing but its host is found."""
    answers = {"/quicktunnel": {"hostname": "a-b.trycloudflare.com"}}

    assert await found(CLOUDFLARED, answers) == [
        Tunnel(CLOUDFLARED, "https://a-b.trycloudflare.com")
    ]


async def test_named_tunnel() -> None:
    """Of each host the first rule counts that takes the listener's paths; wildcards name none."""
    answers = cloudflared(
        {"hostname": "in.corp.dev", "path": "^/api", "service": "http://localhost:1"},
        {"hostname": "in.corp.dev", "path": "^/inbound", "service": "http://localhost:8484"},
        {"hostname": "in.corp.dev", "path": "", "service": "http://localhost:2"},
        {"hostname": "go.corp.dev", "path": "(?i-s", "service": "http://10.0.0.1:80"},
        {"hostname": "*.corp.dev", "service": "http://localhost:8484"},
        {"service": "http_status:404"},
        ready={"status": 503, "readyConnections": 0},
    )

    assert await found(CLOUDFLARED, answers) == [
        Tunnel(CLOUDFLARED, "https://in.corp.dev", "http://localhost:8484", 8484, connected=False),
        Tunnel(CLOUDFLARED, "https://go.corp.dev", "http://10.0.0.1:80", connected=False),
    ]


@pytest.mark.parametrize(
    "answer",
    [
        b"<html>",
        b"{" * 100_000,
        b"[" * (2 << 20),
        [],
        "text",
        {"tunnels": "none"},
        {"tunnels": [1, {"public_url": 5}, {"public_url": "https://[", "proto": "https"}]},
        {"tunnels": [{"public_url": "https://localhost:1", "proto": "https"}]},
        {"tunnels": [{"public_url": "https://a b\n", "proto": "https"}]},
        {"config": {"ingress": {}}, "hostname": 7},
        {"hostname": "user@evil\r\n.example"},
    ],
)
async def test_other_programs(answer: object) -> None:
    """What another program answers at these ports names no tunnel."""
    paths = ("/api/tunnels", "/quicktunnel", "/config", "/ready")
    for program in TunnelProgram:
        assert await found(program, dict.fromkeys(paths, answer)) == []


async def test_nothing_runs() -> None:
    """Without such a program nothing is found."""
    async with local_api({}) as closed:
        pass

    assert await find_tunnels(apis=[(one, closed) for one in TunnelProgram]) == []


async def test_no_proxy_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of the environment never learns which tunnels run."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "<-loopback>")

    assert await found(NGROK, ngrok(("https://a.ngrok.app", "8484")))
