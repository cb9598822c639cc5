"""Duration of a pull of many messages, until each is on disk and can be found.

The baseline is the simplest client: httpx and json, without storing anything.
"""

import argparse
import asyncio
import json
import multiprocessing
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import httpx

from ibconsole.http1.message import Request, Response
from ibconsole.http1.server import Server
from ibconsole.secret import Secret
from ibconsole.services.connections.account import account_of
from ibconsole.services.console.console import Console
from ibconsole.services.runtime.paths import Paths

_CODE = "233623e3c860b49ec69a464834343481-8bj4el4a-256d-23fd-56ad-b5bc3d568b53"


def body_of(count: int) -> bytes:
    """Return the body of an answer with `count` messages like the documented one."""
    results = [
        {
            "messageId": str(1561984815238926404 + number),
            "pairedMessageId": "1234984815238926403",
            "from": f"69827EDB-A806-4AF6-A7F6-{number:012d}",
            "subscriberId": str(number),
            "to": _CODE,
            "applicationCode": _CODE,
            "receivedAt": "2017-01-05T12:47:56.221+0000",
            "callbackData": "callbackData",
            "text": f"KEYWORD text number {number}",
            "cleanText": f"text number {number}",
            "keyword": "KEYWORD",
            "customPayload": {"key1": number, "key2": 2},
        }
        for number in range(count)
    ]
    envelope = {"results": results, "messageCount": count, "pendingMessageCount": 0}
    return json.dumps(envelope, separators=(",", ":")).encode()


@contextmanager
def platform(count: int) -> Iterator[str]:
    """Run a platform in another process that always hands out the same batch; yield its URL."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.Process(target=_serve, args=(count, sender), daemon=True)
    process.start()
    try:
        yield str(receiver.recv())
    finally:
        process.kill()
        process.join()


def _serve(count: int, sender: Connection) -> None:
    body = body_of(count)

    async def answer(_: Request) -> Response:
        return Response(headers=((b"Content-Type", b"application/json"),), body=body)

    async def serve() -> None:
        async with Server(answer) as server:
            sender.send(server.url)
            await asyncio.Event().wait()

    asyncio.run(serve())


async def bare(url: str) -> float:
    """Return the seconds that httpx and json take."""
    began = time.perf_counter()
    async with httpx.AsyncClient(timeout=60) as client:
        response = await client.get(f"{url}/push/1/inbox/reports")
    json.loads(response.content)
    return time.perf_counter() - began


async def durable(url: str, count: int) -> float:
    """Return the seconds until every message is in a new archive."""
    with tempfile.TemporaryDirectory() as directory:
        async with Console(Paths(Path(directory))) as console:
            await console.connect(account_of(url, Secret("k")))
            began = time.perf_counter()
            report = await console.pull(None)
            seconds = time.perf_counter() - began
    assert report.messages == count, report  # noqa: S101
    return seconds


async def measure(count: int, rounds: int) -> None:
    """Measure both alternately, and print the best of each."""
    with platform(count) as url:
        pairs = [(await bare(url), await durable(url, count)) for _ in range(rounds)]
    baseline, own = (min(times) for times in zip(*pairs, strict=True))
    print(  # noqa: T201
        f"pull of {count:,}: {own:.2f} s ({count / own:,.0f} messages/s);"
        f" bare httpx + json: {baseline:.2f} s; ratio {baseline / own:.2f} (target >= 0.5)"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    asyncio.run(measure(options.messages, options.rounds))
