"""Send the listener malformed requests of many generators, and then a valid one.

    python benchmarks/malformed.py [--requests 10000] [--seed 1] [--json]

The valid request must be stored and answered 200; the program's memory and descriptors must not
have grown since the first tenth, and only the latest unmatched requests must be on the disk.
Exits with 1 otherwise. Reads /proc, so it needs Linux.
"""

import argparse
import json
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter, Via

SENDERS = 16
MAX_GROWTH_MB = 24.0  # freed memory that an allocator may keep
MAX_MORE_DESCRIPTORS = 4
_VALID = b'{"results":[{"messageId":"the good one","text":"t"}]}'


def generators(path: bytes) -> list[Callable[[random.Random], bytes]]:
    """Return generators of malformed requests; each returns another request at every call."""
    post = b"POST " + path + b" HTTP/1.1\r\nHost: a\r\n"
    whole = post + b"Content-Length: 3\r\n\r\nabc"
    chunked = post + b"Transfer-Encoding: chunked\r\n\r\n"
    return [
        lambda dice: dice.randbytes(dice.randrange(1, 2000)),
        lambda dice: b"\x16\x03\x01" + dice.randbytes(300),  # TLS
        lambda _: b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        lambda dice: broken(whole, dice),
        lambda dice: broken(chunked + b"3\r\nabc\r\n0\r\n\r\n", dice),
        lambda dice: whole[: dice.randrange(1, len(whole))],
        lambda dice: chunked + b"%x\r\n" % dice.getrandbits(80) + b"abc",
        lambda _: chunked + b"zz\r\n",
        lambda _: post + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc",
        lambda _: post + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        lambda _: post + b"Content-Length: -1\r\n\r\n",
        lambda _: post + b"Content-Length: 99999999999\r\nExpect: 100-continue\r\n\r\n",
        lambda dice: post + b"X: y\r\n" * dice.randrange(120, 400) + b"\r\n",
        lambda dice: post + b"X: " + b"y" * dice.randrange(60_000, 90_000) + b"\r\n\r\n",
        lambda dice: b"GET /" + dice.randbytes(9).hex().encode() + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        lambda dice: (
            b"POST /wrong HTTP/1.1\r\nHost: a\r\nContent-Length: 70000\r\n\r\n"
            + dice.randbytes(70_000)
        ),
        lambda _: b"GET " + path + b" HTTP/1.1\r\n\r\n",  # without a host
        lambda _: b"GET " + path + b" HTTP/3.7\r\nHost: a\r\n\r\n",
        lambda _: b"GET " + path + b"\r\n\r\n",
        lambda _: post + b" folded: x\r\nno colon\r\n\r\n",
        lambda _: post + b"X: a\x00b\r\n\r\n",
        lambda _: b"\r\n" * 500,
        lambda dice: whole + dice.randbytes(50),
        lambda dice: b"BREW " + path + b" HTTP/1.0\r\n\r\n" + dice.randbytes(20),
        lambda dice: post + b"Content-Length: 400\r\n\r\n" + dice.randbytes(400),  # no JSON
        lambda _: b"",
    ]


def broken(data: bytes, dice: random.Random) -> bytes:
    """Return the request with some bytes changed, removed or inserted."""
    changed = bytearray(data)
    for _ in range(dice.randrange(1, 6)):
        start = dice.randrange(len(changed))
        changed[start : start + dice.randrange(3)] = dice.randbytes(dice.randrange(3))
    return bytes(changed)


def attack(port: int, path: bytes, requests: int, seed: int) -> None:
    """Send malformed requests over several connections; a fifth of them are reset unanswered."""

    def send(number: int) -> None:
        dice = random.Random(seed * SENDERS + number)  # noqa: S311 reproducible, not secret
        choices = generators(path)
        for _ in range(requests // SENDERS):
            with socket.create_connection(("127.0.0.1", port)) as connection, suppress(OSError):
                connection.settimeout(20)
                connection.sendall(dice.choice(choices)(dice))
                if dice.random() < 0.2:  # a reset
                    connection.setsockopt(
                        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                    )
                    continue
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65536):
                    pass

    threads = [threading.Thread(target=send, args=(number,)) for number in range(SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def measure(requests: int, seed: int) -> dict[str, Any]:
    """Attack a listener, then send it a valid forward."""
    with tempfile.TemporaryDirectory(prefix="ibconsole-malformed-") as name:
        data = Path(name)
        command = [sys.executable, "-m", "ibconsole", "--data-dir", name, "listen", "--port", "0"]
        with subprocess.Popen(  # noqa: S603 this program
            command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)}
        ) as process:
            if not process.stdout:
                raise RuntimeError("The process was started without pipes.")
            address = process.stdout.readline().decode().strip().removeprefix("http://127.0.0.1:")
            port, _, path = address.partition("/")
            drain = threading.Thread(target=process.stdout.read)
            drain.start()
            attack(int(port), f"/{path}".encode(), requests // 10, seed)
            before = usage(process.pid)
            began = time.monotonic()
            attack(int(port), f"/{path}".encode(), requests, seed + 1)
            seconds = time.monotonic() - began
            status = _post(int(port), path)
            after = usage(process.pid)
            process.send_signal(signal.SIGINT)
            process.wait(60)
            drain.join()
        return {
            "requests": requests + requests // 10,
            "per_second": round(requests / seconds),
            "answer to the good one": status,
            "megabytes": (before[0], after[0]),
            "descriptors": (before[1], after[1]),
            **_kept(data),
        }


def _post(port: int, path: str) -> int:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        head = f"POST /{path} HTTP/1.1\r\nHost: a\r\nContent-Length: {len(_VALID)}\r\n\r\n"
        connection.sendall(head.encode() + _VALID)
        return int(connection.recv(4096)[9:12])


def usage(process: int) -> tuple[float, int]:
    """Return resident megabytes and open descriptors."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    resident = next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
    return round(resident / 1024, 1), len(list(Path(f"/proc/{process}/fd").iterdir()))


def _kept(data: Path) -> dict[str, Any]:
    with Reader(data / "archive.sqlite3") as reader:
        requests = reader.deliveries(reader.find_deliveries(Via.FORWARD))
        ids = [message.message_id for message in reader.messages(Filter())]
        valid = ids.count("the good one")
    return {
        "good ones stored": valid,
        "answered 200 and kept": sum(request.status == 200 for request in requests),
        "kept in all": len(requests),
        "archive_megabytes": round((data / "archive.sqlite3").stat().st_size / 1e6, 1),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = measure(options.requests, options.seed)
    if options.json:
        sys.stdout.write(json.dumps(figures) + "\n")
    else:
        for name, figure in figures.items():
            sys.stdout.write(f"{name:24} {figure}\n")
    valid_stored = (figures["answer to the good one"], figures["good ones stored"]) == (200, 1)
    (megabytes, megabytes_after), (files, files_after) = (
        figures["megabytes"],
        figures["descriptors"],
    )
    bounded = (
        megabytes_after - megabytes < MAX_GROWTH_MB and files_after - files < MAX_MORE_DESCRIPTORS
    )
    return 0 if valid_stored and bounded else 1


if __name__ == "__main__":
    sys.exit(main())
