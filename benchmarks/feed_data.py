"""The messages of `feed.py`: an archive full of them, searches, and a process that stores more.

    python benchmarks/feed_data.py FILE SECONDS

As a command it stores 1,000 messages a second in the archive FILE, as by ten pulls a second.
"""

import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ibconsole.archive import Archive
from ibconsole.model import Arrival, encode

BATCH = 1_000
FORWARDED = 10  # messages of one forward
GROUP = 256  # forwards of one transaction
HEAD = b"POST /inbound HTTP/1.1\r\nHost: example.org\r\nContent-Type: application/json\r\n\r\n"
# Entries of the menu, and orders of the list by a name of their own; the last ones reset the list.
KINDS = ("Pulled", "Forwarded", "Duplicates", "Unusual", "All messages")
ORDERS = {"order by receipt": "received", "order by arrival": "arrival"}
LETTERS = "etaoinshrdlucmfwyp"


@dataclass(frozen=True, slots=True)
class Plan:
    """The use of a window on an archive of `count` messages: each text is searched in each round.

    While nothing happens, and while messages arrive, it is observed for about `seconds`.
    """

    archive: str
    count: int
    texts: Sequence[str]
    rounds: int
    seconds: float


def vocabulary() -> list[str]:
    """Return 20,000 words, those in front being frequent."""
    generator = random.Random(1)  # noqa: S311 not for secrets
    return ["".join(generator.choices(LETTERS, k=generator.randint(2, 9))) for _ in range(20_000)]


def searches() -> list[str]:
    """Return texts to search for: frequent, rare, short and missing ones."""
    words = vocabulary()
    frequent = max(words[:3], key=len)
    texts = ["STOP", frequent, words[10_000], words[19_999][:3], "grüße", "nowhere at all"]
    return [*texts, "41790000123", "a", "ü", "st", "Gr"]


def fill(path: Path, messages: int) -> None:
    """Store and index messages: three quarters pulled, the others forwarded.

    One in 25 is a duplicate, and one in 50 deviates from the documented format.
    """
    generator, words = random.Random(2), vocabulary()  # noqa: S311 not for secrets
    batch = min(BATCH, max(1, messages // 4))
    began = time.perf_counter()
    with Archive(path) as archive:
        for number, start in enumerate(range(0, messages, batch)):
            numbers = range(start, min(start + batch, messages))
            elements = [message(one, words, generator) for one in numbers]
            if number % 4 == 3:
                store_forwards(archive, elements)
            else:
                store_pull(archive, elements)
        stored = time.perf_counter()
        while archive.index(1_000):
            pass
    sys.stderr.write(
        f"{messages:,} messages stored in {stored - began:.0f} s and indexed in"
        f" {time.perf_counter() - stored:.0f} s; {path.stat().st_size / 1e6:,.0f} MB\n"
    )


def message(number: int, words: Sequence[str], generator: random.Random) -> dict[str, Any]:
    """Return a message as the platform sends it; few words are frequent, most are rare."""
    some = [words[int(len(words) ** generator.random()) - 1] for _ in range(12)]
    if number % 10 == 0:
        some.append("Grüße")
    instant = time.gmtime(1_700_000_000 + number * 10 + generator.randrange(600))
    identity = number - 7 if number % 25 == 24 else number
    element: dict[str, Any] = {
        "messageId": f"{identity:08d}-{identity * 2_654_435_761 % 2**64:016x}",
        "from": f"4179{number % 10_000_000:07d}",
        "to": "InfoSMS",
        "text": " ".join(some),
        "cleanText": " ".join(some),
        "keyword": "STOP" if number % 3 == 0 else "INFO",
        "receivedAt": time.strftime("%Y-%m-%dT%H:%M:%S.000+0000", instant),
        "applicationCode": f"app-{identity % 40}",
    }
    if number % 50 == 0:
        element |= {"receivedAt": "yesterday", "keyword": ["STOP"], "text": number}
    return element


def store_pull(archive: Archive, elements: Sequence[dict[str, Any]]) -> None:
    """Store the messages as the answer to a pull."""
    delivery = archive.begin_pull(connection=None, base_url="https://x", limit=len(elements))
    archive.append_answer(delivery, envelope(elements))
    archive.finish_pull(delivery, status=200, headers=[], complete=True, problem="")


def store_forwards(archive: Archive, elements: Sequence[dict[str, Any]]) -> None:
    """Store the messages as forwards of a few messages each."""
    bodies = [
        envelope(elements[start : start + FORWARDED])
        for start in range(0, len(elements), FORWARDED)
    ]
    for start in range(0, len(bodies), GROUP):
        group = [arrival(body) for body in bodies[start : start + GROUP]]
        archive.decode(archive.add_forwards(group))


def envelope(elements: Sequence[dict[str, Any]]) -> bytes:
    """Return a batch of messages as the platform sends it."""
    return encode({"results": list(elements), "messageCount": len(elements)})


def arrival(body: bytes) -> Arrival:
    """Return a forward with this body."""
    return Arrival(
        connection=None,
        arrived_at=time.time_ns() // 1_000_000,
        method="POST",
        target="/inbound",
        headers=(("Content-Type", "application/json"),),
        body=body,
        raw=HEAD + body,
        peer="127.0.0.1",
        status=200,
        problem="",
    )


def write_live(path: Path, seconds: float) -> None:
    """Store 100 messages every tenth of a second."""
    with Archive(path) as archive:
        due = time.monotonic()
        end, batch = due + seconds, 0
        while due < end:
            received = time.strftime("%Y-%m-%dT%H:%M:%S.000+0000", time.gmtime())
            store_pull(
                archive,
                [
                    {
                        "messageId": f"live-{due}-{batch}-{number}",
                        "from": "41791234567",
                        "text": f"a new message, number {number} of batch {batch}",
                        "applicationCode": "app-1",
                        "receivedAt": received,
                    }
                    for number in range(100)
                ],
            )
            batch += 1
            due += 0.1
            time.sleep(max(0, due - time.monotonic()))


if __name__ == "__main__":
    write_live(Path(sys.argv[1]), float(sys.argv[2]))
