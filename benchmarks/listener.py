"""Forwards a second that the listener stores durably, and how long the slowest senders wait.

    python benchmarks/listener.py [--seconds 8] [--runs 3] [--connections 64] [--size 2048]
        [--mitmdump PATH] [--json]

Baselines, in the same run and alternating: the same HTTP server without storing, and mitmproxy
(`mitmdump` in reverse mode, recording to a file, in front of that server). "ours" is `ibconsole
listen` unchanged: a process of its own, an archive on this disk, every request fsynced before
it is answered. The senders are a third process with plain sockets: each sends its next request
when the last is answered. Every figure is the median of the runs; machines are noisy, so only
the ratios are meaningful.
"""

import argparse
import contextlib
import json
import os
import selectors
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
_NAME = "1561984815238926404"

NOTHING = """
import asyncio
from ibconsole.http1 import Response, Server
async def handler(request):
    return Response()
async def main():
    async with Server(handler) as server:
        print(server.url + "/in", flush=True)
        await asyncio.Event().wait()
asyncio.run(main())
"""


def main() -> None:
    options = _options()
    servers: dict[str, Callable[[], AbstractContextManager[str]]] = {
        "ours": ibconsole,
        "storing nothing": storing_nothing,
    }
    if options.mitmdump:
        servers["mitmproxy"] = lambda: mitmproxy(options.mitmdump)
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in servers}
    for _ in range(options.runs):
        for name, server in servers.items():
            with server() as url:
                runs[name].append(run_senders(url, options))
    figures = {
        name: {figure: statistics.median(run[figure] for run in each) for figure in each[0]}
        for name, each in runs.items()
    }
    show(figures, as_json=options.json)
    if not options.mitmdump:
        sys.stderr.write("Without --mitmdump nothing is compared with mitmproxy.\n")


def show(figures: dict[str, dict[str, float]], *, as_json: bool) -> None:
    """Print the figures of each server, and the ratios."""
    rate = figures["ours"]["per_second"]
    ratios = {
        f"ours / {name}": rate / one["per_second"]
        for name, one in figures.items()
        if name != "ours"
    }
    if as_json:
        say(json.dumps({**figures, "ratios": ratios}))
        return
    for name, one in figures.items():
        say(
            f"{name:16} {one['per_second']:7.0f} requests/s   p50 {one['p50_ms']:6.1f} ms"
            f"   p99 {one['p99_ms']:6.1f} ms   longest {one['longest_ms']:6.1f} ms"
            f"   not answered 200: {one['refused']:.0f}"
        )
    for name, ratio in ratios.items():
        say(f"{name:32} {ratio:.2f}")


def say(line: str) -> None:
    """Write a line to standard output."""
    sys.stdout.write(f"{line}\n")


@contextlib.contextmanager
def ibconsole() -> Iterator[str]:
    """Run the listener as users start it; yield its URL."""
    with tempfile.TemporaryDirectory(prefix="ibconsole-benchmark-") as data:
        arguments = ["-m", "ibconsole", "--data-dir", data, "listen", "--port", "0"]
        with _started([sys.executable, *arguments]) as process:
            url = _line(process)
            # Its output, a line for each request, is read by another process, as a log would be.
            with Path(os.devnull).open("wb") as nothing:
                drain = subprocess.Popen(["cat"], stdin=process.stdout, stdout=nothing)  # noqa: S607
                try:
                    yield url
                finally:
                    process.terminate()
                    process.wait(60)
                    drain.wait(60)


@contextlib.contextmanager
def storing_nothing() -> Iterator[str]:
    """Run the same HTTP server, which answers 200 and stores nothing; yield its URL."""
    with _started([sys.executable, "-c", NOTHING]) as process:
        yield _line(process)


@contextlib.contextmanager
def mitmproxy(mitmdump: str) -> Iterator[str]:
    """Run mitmproxy, recording what it forwards to a server that stores nothing; yield its URL."""
    with storing_nothing() as behind, tempfile.TemporaryDirectory() as data:
        port = _free_port()
        target = f"{urlsplit(behind).scheme}://{urlsplit(behind).netloc}"
        arguments = ["--mode", f"reverse:{target}", "--listen-host", "127.0.0.1"]
        arguments += ["--listen-port", str(port), "-w", f"{data}/flows", "-q"]
        arguments += ["--set", f"confdir={data}"]
        with _started([mitmdump, *arguments]):
            _wait_for(port)
            yield f"http://127.0.0.1:{port}/in"


@contextlib.contextmanager
def _started(arguments: list[str]) -> Iterator["subprocess.Popen[bytes]"]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, env=environment) as process:  # noqa: S603 programs written above
        try:
            yield process
        finally:
            process.kill()


def _line(process: "subprocess.Popen[bytes]") -> str:
    """Read the next line that a server writes."""
    return process.stdout.readline().decode().strip() if process.stdout else ""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


def run_senders(url: str, options: argparse.Namespace) -> dict[str, float]:
    """Run the senders in a process of their own, and return their figures."""
    arguments = [__file__, "--send", url, "--seconds", str(options.seconds)]
    arguments += ["--connections", str(options.connections), "--size", str(options.size)]
    figures: dict[str, float] = json.loads(
        subprocess.check_output([sys.executable, *arguments])  # noqa: S603 this program
    )
    return figures


class Sender:
    """A connection that always has one request in flight."""

    def __init__(self, url: str, size: int) -> None:
        parts = urlsplit(url)
        self.socket = socket.create_connection((parts.hostname or "", parts.port or 80))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        body = _envelope(_NAME, size)
        # Encoded once: the time for JSON would count as the server's.
        self._request = (
            f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
            "Content-Type: application/json\r\nAccept: */*\r\nUser-Agent: benchmark\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        ).encode() + body
        self._began = 0.0
        self._received = b""

    def send(self, number: int) -> None:
        """Send a request whose message has this number as its message id."""
        name = b"%0*d" % (len(_NAME), number)
        self._began = time.perf_counter()
        self.socket.sendall(self._request.replace(_NAME.encode(), name, 1))

    def read_answer(self) -> tuple[int, float] | None:
        """Return status and seconds once the head has arrived, else None; answers have no body."""
        self._received += self.socket.recv(65536)
        if not self._received.endswith(b"\r\n\r\n"):
            if not self._received:
                raise ConnectionError("The server has closed a connection.")
            return None
        status = int(self._received[9:12])
        self._received = b""
        return status, time.perf_counter() - self._began


def send(url: str, *, seconds: float, connections: int, size: int) -> dict[str, float]:
    """Send requests for `seconds`, after one second that does not count, and return the figures."""
    selector = selectors.DefaultSelector()
    senders = [Sender(url, size) for _ in range(connections)]
    refused, number = 0, time.time_ns()
    for sender in senders:
        selector.register(sender.socket, selectors.EVENT_READ, sender)
        sender.send(number := number + 1)
    began = time.perf_counter() + 1
    times: list[float] = []
    while (now := time.perf_counter()) < began + seconds:
        for key, _ in selector.select(timeout=10):
            if not (answer := key.data.read_answer()):
                continue
            status, elapsed = answer
            refused += status != 200
            if now >= began:
                times.append(elapsed)
            key.data.send(number := number + 1)
    times.sort()
    return {
        "per_second": len(times) / seconds,
        "p50_ms": times[len(times) // 2] * 1000,
        "p99_ms": times[int(len(times) * 0.99)] * 1000,
        "longest_ms": times[-1] * 1000,
        "refused": refused,
    }


def _envelope(name: str, size: int) -> bytes:
    """Return a body of `size` bytes with one message."""
    message: dict[str, Any] = {
        "messageId": name,
        "from": "69827EDB-A806-4AF6-A7F6-98298EAA4F14",
        "to": "233623e3c860b49ec69a464834343481-8bj4el4a-256d-23fd-56ad-b5bc3d568b53",
        "applicationCode": "233623e3c860b49ec69a464834343481-8bj4el4a-256d-23fd-56ad-b5bc3d568b53",
        "receivedAt": "2026-11-23T12:47:56.221+0000",
        "keyword": "KEYWORD",
        "customPayload": {"key1": 1, "key2": 2},
        "text": "",
    }
    envelope = {"results": [message], "messageCount": 1, "pendingMessageCount": 0}
    message["text"] = "t" * max(0, size - len(json.dumps(envelope)))
    return json.dumps(envelope).encode()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--size", type=int, default=2048, help="bytes of a body")
    parser.add_argument("--mitmdump", help="the path to mitmproxy's mitmdump, to compare with it")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--send", metavar="URL", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    options = _options()
    if options.send:
        figures = send(
            options.send,
            seconds=options.seconds,
            connections=options.connections,
            size=options.size,
        )
        say(json.dumps(figures))
    else:
        main()
