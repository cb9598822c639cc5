"""The running listener: forwards are stored before they are answered."""

import asyncio
import gzip
import socket
from pathlib import Path
from urllib.parse import urlsplit

import apsw
import pytest
from msgspec.structs import replace

from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter, Via
from ibconsole.http1.exact import send
from ibconsole.http1.message import Request, Response
from ibconsole.http1.server import Server
from ibconsole.listener.answers import (
    PRESETS,
    AnswerRule,
    AnswerScenario,
    InvalidScenario,
    RuleAnswer,
    RuleCondition,
)
from ibconsole.model import AnswerEnd, AnswerOutcome, GivenAnswer
from ibconsole.services.connections.account import Account
from ibconsole.services.connections.connection import new_id
from ibconsole.services.console.console import Console
from ibconsole.services.intake.listener import ListenerFailed, ListenerService, StoredForward
from ibconsole.services.intake.suspend import SuspendDetector
from ibconsole.services.runtime.paths import Paths
from ibconsole.services.runtime.status import ListenerStatus
from tests.unit.archive.deliveries import batch

SAMPLE = Path(__file__).parents[3] / "samples" / "message_envelope.json"


async def test_a_forward_is_stored_before_it_is_answered(paths: Paths) -> None:
    """When the sender receives 200, the request is in the archive."""
    forwards = list[StoredForward]()
    async with Console(paths, on_forwards=forwards.extend) as console:
        url = await console.start_listener(host="127.0.0.1", port=0, path="/in")
        answer = await send(url, body=SAMPLE.read_bytes())

        assert (answer.status, answer.body) == (200, b"")
        with Reader(paths.archive) as reader:
            [delivery] = reader.find_deliveries(Via.FORWARD)
            assert reader.delivery_body(delivery) == SAMPLE.read_bytes()
        assert [one.delivery for one in forwards] == [delivery]
        assert console.status.listener.received == 1

    with Reader(paths.archive) as reader:
        assert len(reader.find(Filter())) == 1


async def test_other_spellings_of_a_path_are_the_path(paths: Paths) -> None:
    """A forward to the saved or the chosen path is stored and decoded however it is spelled."""
    async with Console(paths) as console:
        chosen = await console.start_listener(host="127.0.0.1", port=0, path="/in")
        for url in (f"{chosen}/", chosen.replace("/in", "//%69n"), f"{chosen}//?a"):
            assert (await send(url, body=SAMPLE.read_bytes())).status == 200
        saved = await console.start_listener(host="127.0.0.1", port=0)
        answer = await send(saved.replace("/inbound/", "/./inbound//") + "/", body=b"{}")
        assert answer.status == 200

    with Reader(paths.archive) as reader:
        assert len(reader.find(Filter())) == 3


HOST = b"Host: here\r\n"
ODD_HEADS = {
    "no Host": (b"POST /in HTTP/1.1\r\n", "no Host"),
    "two Hosts": (b"POST /in HTTP/1.1\r\n" + HOST + HOST, "several Hosts"),
    "raw UTF-8 in the query": (b"POST /in?name=Zo\xc3\xab HTTP/1.1\r\n" + HOST, "request line"),
    "raw ISO-8859-1 in the query": (b"POST /in?name=Zo\xeb HTTP/1.1\r\n" + HOST, "request line"),
    "a name with a blank": (b"POST /in HTTP/1.1\r\nX odd: 1\r\n" + HOST, "header name"),
    "a blank before the colon": (b"POST /in HTTP/1.1\r\nX-Odd : 1\r\n" + HOST, "header name"),
    "a name with other letters": (
        b"POST /in HTTP/1.1\r\nGr\xc3\xb6\xc3\x9fe: 1\r\n" + HOST,
        "name",
    ),
    "a line without a colon": (b"POST /in HTTP/1.1\r\nX note\r\n" + HOST, "no name and colon"),
    "a folded line": (b"POST /in HTTP/1.1\r\nX: 1\r\n 2\r\n" + HOST, "folded"),
    "a control character": (b"POST /in HTTP/1.1\r\nX: \x01\r\n" + HOST, "control characters"),
    "LF line ends": (b"POST /in HTTP/1.1\nHost: here\n", "CR and LF"),
    "two blanks": (b"POST  /in HTTP/1.1\r\n" + HOST, "request line"),
    "a fragment of HTTP/1.0": (b"POST /in HTTP/1.0 \r\n", "request line"),
}


async def exchange(url: str, data: bytes) -> bytes:
    """Send bytes, and return all bytes of the answer."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(data)
    try:
        async with asyncio.timeout(5):
            return await reader.readuntil(b"\r\n\r\n")
    finally:
        writer.transport.abort()


@pytest.mark.parametrize(("head", "words"), ODD_HEADS.values(), ids=ODD_HEADS)
async def test_a_blemish_does_not_cost_a_message(paths: Paths, head: bytes, words: str) -> None:
    """A blemish that leaves the framing beyond doubt: stored, answered 200, decoded, flagged."""
    body = SAMPLE.read_bytes()
    line_end = b"\r\n" if b"\r\n" in head else b"\n"
    data = head + b"Content-Length: %d" % len(body) + line_end * 2 + body
    async with Console(paths) as console:
        url = await console.start_listener(host="127.0.0.1", port=0, path="/in")
        assert (await exchange(url, data)).startswith(b"HTTP/1.1 200 OK\r\n")
        assert (console.status.listener.received, console.status.listener.unmatched) == (1, 0)

    with Reader(paths.archive) as reader:
        [found] = reader.deliveries(reader.find_deliveries(Via.FORWARD))
        assert reader.delivery_body(found.id) == body
        assert words in found.problem
        assert (found.status, found.message_count) == (200, 1)
        assert len(reader.find(Filter())) == 1


@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: five\r\n",
    ],
)
async def test_contradictory_framing_is_refused(paths: Paths, framing: bytes) -> None:
    """A request whose end is in doubt is answered 400, and its bytes are kept."""
    data = b"POST /in HTTP/1.1\r\nHost: here\r\n" + framing + b"\r\n5\r\nhello\r\n0\r\n\r\n"
    async with Console(paths) as console:
        url = await console.start_listener(host="127.0.0.1", port=0, path="/in")
        assert (await exchange(url, data)).startswith(b"HTTP/1.1 400 ")

    with Reader(paths.archive) as reader:
        [delivery] = reader.find_deliveries(Via.FORWARD)
        assert reader.delivery_raw(delivery) == data


async def test_an_unmatched_request_is_kept(paths: Paths) -> None:
    """A request to an unknown path is answered 404, stored, and not decoded into messages."""
    async with Console(paths) as console:
        url = await console.start_listener(host="127.0.0.1", port=0, path="/in")
        answer = await send(f"{url}-wrong", body=SAMPLE.read_bytes())

    assert answer.status == 404
    with Reader(paths.archive) as reader:
        [found] = reader.deliveries(reader.find_deliveries(Via.FORWARD))
        assert (found.status, found.state, found.message_count) == (404, "decoded", 0)
        assert len(reader.find(Filter())) == 0
    assert (console.status.listener.received, console.status.listener.unmatched) == (0, 1)
    assert console.status.listener.last_at is None


async def test_a_port_in_use(paths: Paths) -> None:
    """If the port is in use, starting fails with a sentence, and the state is failed."""

    async def never(_: Request) -> Response:
        return Response()

    async with Server(never) as server, Console(paths) as console:
        with pytest.raises(ListenerFailed, match="could not start"):
            await console.start_listener(host="127.0.0.1", port=server.port, path="/in")

        assert console.status.listener.state == "failed"


async def test_a_second_start_stops_the_first(paths: Paths) -> None:
    """There is one listener: a second start stops the first."""
    async with Console(paths) as console:
        first = await console.start_listener(host="127.0.0.1", port=0, path="/in")
        second = await console.start_listener(host="127.0.0.1", port=0, path="/in")
        assert (await send(first)).status is None
        assert (await send(second)).status == 200

        await console.stop_listener()
        assert (await send(second)).status is None
        assert console.status.listener.state == "stopped"


def connections_in(paths: Paths) -> list[str | None]:
    with Reader(paths.archive) as reader:
        found = reader.deliveries(reader.find_deliveries(Via.FORWARD))
        return [delivery.connection for delivery in found]


async def test_all_connections_receive_at_once(paths: Paths, account: Account) -> None:
    """Switching the connection changes only the URL that is shown, and loses no forward."""
    other = replace(account, connection=new_id())
    async with Console(paths) as console:
        unowned = await console.start_listener(host="127.0.0.1", port=0)
        await console.connect(account)
        accounts = console.status.listener.url
        await console.connect(other)
        others = console.status.listener.url
        assert len({unowned, accounts, others}) == 3

        for url in (accounts, others, unowned):
            assert (await send(url, body=b"{}")).status == 200
        await console.disconnect()
        assert console.status.listener.url == unowned

    assert connections_in(paths) == [account.connection, other.connection, None]


async def test_a_forward_url_is_permanent(paths: Paths, account: Account) -> None:
    """The path of a connection is the same in every session and every process."""
    async with Console(paths) as console:
        await console.connect(account)
        first = await console.start_listener(host="127.0.0.1", port=0)
    async with Console(paths) as console:
        second = await console.start_listener(
            host="127.0.0.1", port=0, connection=account.connection
        )

    assert second.rpartition("/")[2] == first.rpartition("/")[2]


async def test_the_path_of_a_removed_connection(paths: Paths, account: Account) -> None:
    """The path of a removed connection is answered 404 at once."""
    async with Console(paths) as console:
        await console.connect(account)
        url = await console.start_listener(host="127.0.0.1", port=0)
        assert (await send(url)).status == 200

        console.forward_paths.remove(account.connection)
        assert (await send(url)).status == 404


async def test_a_chosen_path(paths: Paths, account: Account) -> None:
    """A chosen path is an additional one: the forward URLs in use stay valid."""
    async with Console(paths) as console:
        kept = await console.start_listener(host="127.0.0.1", port=0)
        url = await console.start_listener(
            host="127.0.0.1", port=0, connection=account.connection, path="/mine"
        )
        await console.connect(account)

        assert console.status.listener.url == url
        assert (await send(url)).status == 200
        assert (await send(url.replace("/mine", kept.partition("/inbound")[2]))).status == 404
        assert (await send(url.replace("/mine", f"/inbound{kept.partition('/inbound')[2]}"))).status

    assert connections_in(paths)[0] == account.connection
    assert None in connections_in(paths)


async def test_a_path_that_cannot_be_saved(paths: Paths, account: Account) -> None:
    """Without a path the listener does not start; a running one goes on for other connections."""
    async with Console(paths) as console:
        unowned = await console.start_listener(host="127.0.0.1", port=0)
        paths.listener.with_suffix(".lock").unlink()
        paths.listener.with_suffix(".lock").mkdir()

        await console.connect(account)
        assert console.status.listener.url == ""
        assert "not for this connection" in console.status.listener.sentence
        assert (await send(unowned)).status == 200

        with pytest.raises(ListenerFailed, match="could not start"):
            await console.start_listener(host="127.0.0.1", port=0)
        assert console.status.listener.state == "failed"


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


BOTH = "every IPv4 and IPv6 address of this computer"
ONLY_4 = "every IPv4 address of this computer, not by IPv6"


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", ""),
        ("localhost", ""),
        ("0.0.0.0", ONLY_4),  # noqa: S104 the case under test
        ("", BOTH if has_ipv6() else ONLY_4),
        *([("[::]", "every IPv6 address of this computer, not by IPv4")] if has_ipv6() else []),
    ],
)
async def test_a_listener_that_others_can_reach(paths: Paths, host: str, address: str) -> None:
    """The URL that is shown answers, and the status shows who else can reach the listener."""
    async with Console(paths) as console:
        url = await console.start_listener(host=host, port=0)
        assert (await send(url, body=b"{}")).status == 200
        assert console.status.listener.reachable_at == address
        assert "//0." not in url
        await console.stop_listener()
        assert console.status.listener.reachable_at == ""


async def test_all_addresses_have_one_port(paths: Paths) -> None:
    """A listener on several addresses has the same port on each of them."""
    async with Console(paths) as console:
        url = urlsplit(await console.start_listener(host="", port=0))
        for host in ("127.0.0.1", *(["[::1]"] if has_ipv6() else [])):
            answer = await send(f"http://{host}:{url.port}{url.path}", body=b"{}")
            assert answer.status == 200


async def test_a_suspension_is_reported(paths: Paths) -> None:
    """A suspension of the computer, during which nothing can arrive, is reported after it."""
    now = 1_800_000_000.0
    statuses = list[ListenerStatus]()
    async with Console(paths) as console:
        listener = ListenerService(
            console.writer,
            console.forward_paths,
            statuses.append,
            suspend_detector=SuspendDetector(lambda: now),
        )
        await listener.start(host="127.0.0.1", port=0)
        listener._check_suspension()
        now += 3600
        listener._check_suspension()
        assert [one.suspended for one in statuses[-2:]] == [
            None,
            (1_800_000_000_000, 1_800_003_600_000),
        ]
        await listener.stop()


async def test_a_storage_error(paths: Paths) -> None:
    """While nothing can be stored, the status says so, and senders are asked to retry."""
    async with Console(paths) as console:
        url = await console.start_listener(host="127.0.0.1", port=0)
        # Another process holds the archive for longer than the writer waits for it.
        await console.writer.run(lambda archive: archive._db.set_busy_timeout(50))
        other = apsw.Connection(str(paths.archive))
        other.set_busy_timeout(5000)  # the console may be writing at this moment
        other.execute("BEGIN IMMEDIATE")
        answer = await send(url)
        other.close()

        assert answer.status == 503
        assert (b"Retry-After", b"60") in answer.headers
        assert "held it for too long" in console.status.listener.storage_error
        assert (await send(url)).status == 200
        assert console.status.listener.storage_error == ""
    assert connections_in(paths) == [None]


async def given_answer(console: Console, delivery: int) -> GivenAnswer:
    """Return the answer of a delivery, once it is known what was sent."""
    async with asyncio.timeout(5):
        while True:
            with Reader(console.paths.archive) as reader:
                found = reader.delivery(delivery)
            if found and found.answer and found.answer.sent:
                return found.answer
            await asyncio.sleep(0.02)


def scenario(*rules: AnswerRule) -> AnswerScenario:
    return AnswerScenario("test", rules)


async def test_rules_answer_while_the_listener_runs(paths: Paths) -> None:
    """A scenario decides from the moment at which it is set, until it is taken away."""
    stop = AnswerRule("stop", RuleCondition(text="ZAGREB"), RuleAnswer(418))
    async with Console(paths) as console:
        url = await console.start_listener(host="127.0.0.1", port=0, path="/in")
        usual = await send(url, body=SAMPLE.read_bytes())
        console.set_answers(scenario(stop, AnswerRule("rest", answer=RuleAnswer(503))))
        other = await send(url, body=b'{"results":[]}')
        console.set_answers(None)
        after = await send(url, body=b"{}")

        assert (usual.status, other.status, after.status) == (200, 503, 200)
        assert console.status.listener.answers is None
        answer = await given_answer(console, 2)
        assert (answer.planned.rule, answer.planned.status) == ("rest", 503)
        assert answer.sent
        assert answer.sent.outcome is AnswerOutcome.SENT
        assert answer.sent.size > len("HTTP/1.1 503 Service Unavailable")


async def test_rules_see_the_messages(paths: Paths) -> None:
    """A rule about a text answers the messages that have it, with their fields."""
    body = batch({"messageId": "m-7", "from": "385", "text": "Zürich"})
    rule = AnswerRule(
        "text", RuleCondition(text="ZÜRICH"), RuleAnswer(418, (("X-Id", "{messageId}"),), "{from}")
    )
    async with Console(paths) as console:
        console.set_answers(scenario(rule))
        url = await console.start_listener(host="127.0.0.1", port=0, path="/in")
        plain = await send(url, body=body)
        packed = await send(url, body=gzip.compress(body), headers=[(b"Content-Encoding", b"gzip")])
        other = await send(url, body=batch({"messageId": "m-8", "text": "Bern"}))

        assert [(one.status, one.body) for one in (plain, packed, other)] == [
            (418, b"385"),
            (418, b"385"),
            (200, b""),
        ]
        assert (b"X-Id", b"m-7") in plain.headers
        answers = console.status.listener.answers
        assert answers
        assert (answers.name, answers.requests) == ("test", (("text", 2),))
        assert answers.upcoming == "text: status 418"

    with Reader(paths.archive) as reader:
        assert len(reader.find(Filter())) == 3


async def test_what_a_hang_became(paths: Paths) -> None:
    """A request that gets no answer is stored, and so is the time at which its sender left."""
    rule = AnswerRule("hang", answer=RuleAnswer(end=AnswerEnd.HANG))
    async with Console(paths) as console:
        url = await console.start_listener(host="127.0.0.1", port=0, path="/in")
        console.set_answers(scenario(rule))
        parts = urlsplit(url)
        with socket.create_connection((parts.hostname, parts.port)) as sender:
            sender.sendall(b"POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}")
            async with asyncio.timeout(5):
                while not console.status.listener.received:
                    await asyncio.sleep(0.005)
        answer = await given_answer(console, 1)

        assert answer.planned.status is None
        assert answer.sent
        assert (answer.sent.outcome, answer.sent.size) == (AnswerOutcome.LEFT, 0)


async def test_stopping_ends_a_hang_and_says_so(paths: Paths) -> None:
    """A hang delays neither the stop nor the next start, and its end is stored."""
    rule = AnswerRule("hang", answer=RuleAnswer(end=AnswerEnd.HANG))
    async with Console(paths) as console:
        console.set_answers(scenario(rule))
        url = await console.start_listener(host="127.0.0.1", port=0, path="/in")
        sending = asyncio.ensure_future(send(url, body=b"{}"))  # noqa: TID251 a sender
        async with asyncio.timeout(5):
            while not console.status.listener.received:
                await asyncio.sleep(0.005)
            await console.stop_listener()
            await sending

    with Reader(paths.archive) as reader:
        found = reader.delivery(1)
        assert found
        assert found.answer
        assert found.answer.sent
        assert found.answer.sent.outcome is AnswerOutcome.STOPPED


async def test_an_invalid_scenario_changes_nothing(paths: Paths) -> None:
    """The rules before it stay."""
    async with Console(paths) as console:
        console.set_answers(PRESETS["401"])
        with pytest.raises(InvalidScenario):
            console.set_answers(scenario(AnswerRule("r", answer=RuleAnswer(99))))

        assert console.status.listener.answers
        assert console.status.listener.answers.name == "401"
