"""Senders of forwards, for `listener.py`: wrk where it is installed, else plain sockets in Python.

    python benchmarks/load.py URL [--seconds 8] [--connections 64] [--size 2048]

Every connection sends its next request when the last one is answered, and every request contains
one message with an id of its own. The Python senders take about as much time for a request as a
fast server does: where these are compared, wrk is needed.
"""

import argparse
import json
import selectors
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from measure import percentile, scratch

_NAME = "1561984815238926404"
_COUNTED = 9  # digits of an id that count the requests of one run; those before name the run
_CODE = "233623e3c860b49ec69a464834343481-8bj4el4a-256d-23fd-56ad-b5bc3d568b53"
# wrk calls `init` once, `request` for each request, and `done` at the end. It runs on the cores of
# the server: the request is put together once, all but the number.
_SCRIPT = """
local before, after = [==[{before}]==], [==[{after}]==]
local number, head = 0, ""
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
function init(arguments)
  local whole = wrk.format(nil, nil, nil, before .. string.rep("0", {digits}) .. after)
  head = whole:sub(1, #whole - #after - {digits})
end
function request()
  number = number + 1
  return head .. string.format("%0{digits}d", number) .. after
end
function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '\\nFIGURES {{"per_second": %f, "p50_ms": %f, "p99_ms": %f, "longest_ms": %f, '
    .. '"errors": %d}}\\n',
    summary.requests / summary.duration * 1e6, latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3, latency.max / 1e3,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"""


@dataclass(frozen=True, slots=True)
class Load:
    """The load of one run. The first second, in which a server warms up, is not counted."""

    seconds: float = 8
    connections: int = 64
    size: int = 2048


@dataclass(frozen=True, slots=True)
class LoadFigures:
    """Requests a second, times until the answer, and requests that were not answered 200."""

    per_second: float
    p50_ms: float
    p99_ms: float
    longest_ms: float
    errors: int


def run_load(url: str, load: Load) -> LoadFigures:
    """Send requests from a process of its own, and return its figures."""
    if wrk := shutil.which("wrk"):
        return _run_wrk(wrk, url, load)
    command = [sys.executable, __file__, url, "--seconds", str(load.seconds)]
    command += ["--connections", str(load.connections), "--size", str(load.size)]
    return LoadFigures(**json.loads(subprocess.check_output(command)))  # noqa: S603 this program


def _run_wrk(wrk: str, url: str, load: Load) -> LoadFigures:
    run_name = f"{time.time_ns() // 1_000_000 % 10**10:010d}"
    before, after = envelope(_NAME, load.size).decode().split(_NAME)
    script = _SCRIPT.format(before=before + run_name, after=after, digits=_COUNTED)
    command = [wrk, "--threads", "1", "--connections", str(load.connections), "--timeout", "10s"]
    with scratch() as directory:
        path = directory / "forward.lua"
        path.write_text(script, encoding="utf-8")
        # Ids of the warm-up come again in the run, as duplicates would: they are renamed.
        warm = directory / "warm.lua"
        warm.write_text(script.replace(run_name, f"9{run_name[1:]}", 1), encoding="utf-8")
        _output([*command, "--duration", "1s", "--script", str(warm), url])
        seconds = f"{max(1, round(load.seconds))}s"
        output = _output([*command, "--duration", seconds, "--script", str(path), url])
    figures = next(line for line in output.splitlines() if line.startswith("FIGURES "))
    return LoadFigures(**json.loads(figures.removeprefix("FIGURES ")))


def _output(command: list[str]) -> str:
    return subprocess.check_output(command, text=True)  # noqa: S603 wrk, as found


class Sender:
    """A connection that always has one request in flight."""

    def __init__(self, url: str, size: int) -> None:
        parts = urlsplit(url)
        self.socket = socket.create_connection((parts.hostname or "", parts.port or 80))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        body = envelope(_NAME, size)
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
        received = self.socket.recv(65_536)
        if not received:
            raise ConnectionError("The server has closed a connection.")
        self._received += received
        if not self._received.endswith((b"\r\n\r\n", b"\r\n0\r\n\r\n")):
            return None
        status = int(self._received[9:12])
        self._received = b""
        return status, time.perf_counter() - self._began


def send(url: str, load: Load) -> LoadFigures:
    """Send requests with plain sockets, and return the figures."""
    selector = selectors.DefaultSelector()
    senders = [Sender(url, load.size) for _ in range(load.connections)]
    errors, number = 0, time.time_ns()
    for sender in senders:
        selector.register(sender.socket, selectors.EVENT_READ, sender)
        sender.send(number := number + 1)
    began = time.perf_counter() + 1
    times: list[float] = []
    while (now := time.perf_counter()) < began + load.seconds:
        for key, _ in selector.select(timeout=10):
            if not (answer := key.data.read_answer()):
                continue
            status, elapsed = answer
            errors += status != 200
            if now >= began:
                times.append(elapsed)
            key.data.send(number := number + 1)
    return LoadFigures(
        per_second=len(times) / load.seconds,
        p50_ms=percentile(times, 0.5) * 1000,
        p99_ms=percentile(times, 0.99) * 1000,
        longest_ms=max(times) * 1000,
        errors=errors,
    )


def envelope(name: str, size: int) -> bytes:
    """Return a body of `size` bytes with one message."""
    message: dict[str, Any] = {
        "messageId": name,
        "from": "69827EDB-A806-4AF6-A7F6-98298EAA4F14",
        "to": _CODE,
        "applicationCode": _CODE,
        "receivedAt": "2026-11-23T12:47:56.221+0000",
        "keyword": "KEYWORD",
        "customPayload": {"key1": 1, "key2": 2},
        "text": "",
    }
    whole = {"results": [message], "messageCount": 1, "pendingMessageCount": 0}
    message["text"] = "t" * max(0, size - len(json.dumps(whole)))
    return json.dumps(whole).encode()


def main() -> None:
    """Send with plain sockets, and print the figures as JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("url")
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--size", type=int, default=2048, help="bytes of a body")
    options = parser.parse_args()
    load = Load(options.seconds, options.connections, options.size)
    sys.stdout.write(json.dumps(asdict(send(options.url, load))) + "\n")


if __name__ == "__main__":
    main()
