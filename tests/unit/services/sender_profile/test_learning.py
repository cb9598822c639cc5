"""Learning from the forwards of an archive."""

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace

from ibconsole.archive.archive import Archive
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import ForwardTestRecord, Via
from ibconsole.http1.exact import send
from ibconsole.http1.outgoing import parse_target
from ibconsole.model.message import Arrival
from ibconsole.services.console.console import Console
from ibconsole.services.forward_test.senders import CURL, OURS, PLATFORM, Sender
from ibconsole.services.runtime.paths import Paths
from ibconsole.services.sender_profile.learning import learn_sender
from ibconsole.services.sender_profile.profile import SenderProfile
from ibconsole.simulator.sender_look import random_look
from tests.unit.archive.deliveries import arrival, batch

BODY = batch({"messageId": "1", "text": "eins"})
TARGET = parse_target("http://here/in")
OBSERVED = replace(
    PLATFORM, headers=(("Host", ""), ("content-length", ""), ("User-Agent", "Sender/7"))
)


def request(
    sender: Sender, body: bytes = BODY, *, at: int = 1_000, peer: str = "192.0.2.7"
) -> Arrival:
    raw = sender.encode(TARGET, body)
    return replace(arrival(body, arrived_at=at), raw=raw, peer=peer)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "archive.db"


def learn(path: Path, *arrivals: Arrival) -> SenderProfile | None:
    """Store these requests, and learn from them."""
    with Archive(path) as archive:
        for one in arrivals:
            archive.decode(archive.add_forwards([one]))
    return learn_sender(path)


async def stored(reader: Reader, url: str, data: bytes) -> bytes:
    """Send a request to the listener, and return it as the archive has it, once decoded."""
    answer = await send(url, request=data)
    assert answer.status == 200, answer.problem
    async with asyncio.timeout(5):
        while reader.count_unfinished():
            await asyncio.sleep(0.001)
    return reader.delivery_raw(reader.find_deliveries(Via.FORWARD)[-1])


@pytest.mark.parametrize("block", range(4))
async def test_a_test_equals_the_observed_request(paths: Paths, block: int) -> None:
    """Any sender is learned through the listener; a test differs in host, length and body only."""
    first, second, third = (
        batch({"messageId": str(n), "text": "x" * n}) for n in (5_000, 5_100, 9_000)
    )
    async with Console(paths) as console:
        url = await console.start_listener(host="127.0.0.1", port=0, path="/in")
        with Reader(paths.archive) as reader:
            for seed in range(block * 10, block * 10 + 10):
                look = random_look(seed)
                await stored(reader, url, look.encode(url, first))
                observed = await stored(reader, url, look.encode(url, second))
                profile = learn_sender(paths.archive, 2)
                assert profile is not None
                assert (profile.n, profile.others, profile.passed_over) == (2, 0, 0)
                sender = profile.to_sender()

                again = sender.encode(parse_target(url), second)
                assert again == observed == await stored(reader, url, again)
                elsewhere = "https://other.example:8443/there?a=b"
                if not look.numbered:
                    made = sender.encode(parse_target(elsewhere), third)
                    assert made == look.encode(elsewhere, third)
                else:
                    varying = [one.name for one in profile.headers if not one.is_constant]
                    assert set(varying) - {look.numbered} <= {"Content-Length", "content-length"}


def test_the_facts(path: Path) -> None:
    """Each fact has the number of its observations and the time of the last one."""
    two = batch({"messageId": "2"}, {"messageId": "3"})
    profile = learn(
        path,
        request(OBSERVED, at=1_000, peer="193.105.74.9"),
        request(OBSERVED.with_agent("Sender/8"), two, at=9_000, peer="192.0.2.7"),
        request(OBSERVED.with_agent("Sender/8"), at=61_000, peer="193.105.74.9"),
    )

    assert profile is not None
    assert (profile.n, profile.first_at, profile.last_at) == (3, 1_000, 61_000)
    agent = profile.headers[-1]
    assert (agent.value, agent.n, agent.last_at) == ("Sender/8", 2, 61_000)
    assert not agent.is_constant
    assert profile.batches == ((1, 2), (2, 1))
    assert [(one.address, one.n, one.published) for one in profile.sources] == [
        ("193.105.74.9", 2, True),
        ("192.0.2.7", 1, False),
    ]
    assert (profile.repetitions.gaps, profile.repetitions.seconds) == (1, (60.0,))


def test_tests_and_tools_are_not_the_platform(path: Path) -> None:
    """Neither what this program sends teaches what the platform looks like, nor curl."""
    with Archive(path) as archive:
        archive.add_forward_test(
            ForwardTestRecord(0, 50_000, "http://here/in", 200, BODY, b"", "{}")
        )
    others = [request(one) for one in (OURS, CURL, PLATFORM)]

    assert learn(path, *others, request(OBSERVED, at=50_010)) is None
    profile = learn(path, request(OBSERVED, at=90_000))
    assert profile is not None
    assert (profile.n, profile.examined, profile.passed_over) == (1, 5, 4)


def test_a_published_source_decides(path: Path) -> None:
    """Requests from a published network are the platform's, however many others there are."""
    others = [request(OBSERVED) for _ in range(3)]
    profile = learn(path, request(CURL, peer="193.105.74.9"), *others)

    assert profile is not None
    assert profile.value("user-agent") == CURL.agent
    assert (profile.n, profile.others) == (1, 3)


def test_headers_of_a_tunnel_are_left_out(path: Path) -> None:
    """What a tunnel adds is named, and no part of the request that is made again."""
    tunnelled = OBSERVED.with_header("X-Forwarded-For", "193.105.74.9").with_header("Cf-Ray", "1")
    profile = learn(path, request(tunnelled, peer="127.0.0.1"))

    assert profile is not None
    assert (profile.tunnel, profile.added) == ("Cloudflare", ("X-Forwarded-For", "Cf-Ray"))
    headers = profile.to_sender().headers
    assert [name for name, _ in headers] == [name for name, _ in OBSERVED.headers]
    [source] = profile.sources
    assert (source.address, source.published, source.by_tunnel) == ("193.105.74.9", True, True)


def test_an_archive_without_forwards(path: Path) -> None:
    """There is nothing to learn; a missing archive is not created."""
    assert learn_sender(path) is None
    assert not path.exists()
    assert learn(path) is None
    assert learn(path, arrival(BODY), replace(arrival(BODY), raw=b"x")) is None
