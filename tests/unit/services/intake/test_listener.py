from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter
from ibconsole.http1.exact import send
from ibconsole.http1.message import Request, Response
from ibconsole.http1.server import Server
from ibconsole.services.connections.account import Account
from ibconsole.services.connections.connection import new_id
from ibconsole.services.console.console import Console
from ibconsole.services.intake.listener import ListenerFailed, ListenerService, StoredForward
from ibconsole.services.intake.suspend import SuspendDetector
from ibconsole.services.runtime.paths import Paths
from ibconsole.services.runtime.status import ListenerStatus

SAMPLE = Path(__file__).parents[3] / "samples" / "message_envelope.json"


async def test_a_forward_is_stored_before_it_is_answered(paths: Paths) -> None:
    """When the sender has its 200, the request is in the archive."""
    heard = list[StoredForward]()
    async with Console(paths, heard=heard.append) as console:
        url = await console.start_listener(host="127.0.0.1", port=0, path="/in")
        answer = await send(url, body=SAMPLE.read_bytes())

        assert (answer.status, answer.body) == (200, b"")
        with Reader(paths.archive) as reader:
            [delivery] = reader.find_deliveries("forward")
            assert reader.delivery_body(delivery) == SAMPLE.read_bytes()
        assert [one.delivery for one in heard] == [delivery]
        assert console.status.listener.received == 1

    with Reader(paths.archive) as reader:
        assert len(reader.find(Filter())) == 1


async def test_another_path_is_turned_away_and_kept(paths: Paths) -> None:
    """A forward to a wrong path is answered 404 and makes no message, but can be looked at."""
    async with Console(paths) as console:
        url = await console.start_listener(host="127.0.0.1", port=0, path="/in")
        answer = await send(f"{url}-wrong", body=SAMPLE.read_bytes())

    assert answer.status == 404
    with Reader(paths.archive) as reader:
        [found] = reader.deliveries(reader.find_deliveries("forward"))
        assert (found.status, found.state, found.message_count) == (404, "decoded", 0)
        assert len(reader.find(Filter())) == 0
    assert (console.status.listener.received, console.status.listener.unmatched) == (0, 1)
    assert console.status.listener.last_at is None


async def test_a_taken_port_is_explained(paths: Paths) -> None:
    """Where the address cannot be had, the sentence says so and the state is true."""

    async def never(_: Request) -> Response:
        return Response()

    async with Server(never) as server, Console(paths) as console:
        with pytest.raises(ListenerFailed, match="could not start"):
            await console.start_listener(host="127.0.0.1", port=server.port, path="/in")

        assert console.status.listener.state == "failed"


async def test_starting_again_moves_the_listener(paths: Paths) -> None:
    """There is one listener: the second start ends the first."""
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
        found = reader.deliveries(reader.find_deliveries("forward"))
        return [delivery.connection for delivery in found]


async def test_every_connection_is_heard_at_once(paths: Paths, account: Account) -> None:
    """Switching the connection switches the URL that is shown, and loses no forward."""
    other = replace(account, connection=new_id())
    async with Console(paths) as console:
        nobodys = await console.start_listener(host="127.0.0.1", port=0)
        await console.connect(account)
        accounts = console.status.listener.url
        await console.connect(other)
        others = console.status.listener.url
        assert len({nobodys, accounts, others}) == 3

        for url in (accounts, others, nobodys):
            assert (await send(url, body=b"{}")).status == 200
        await console.disconnect()
        assert console.status.listener.url == nobodys

    assert connections_in(paths) == [account.connection, other.connection, None]


async def test_a_forward_url_stays_valid(paths: Paths, account: Account) -> None:
    """From day to day, in every process: a connection's path is the same."""
    async with Console(paths) as console:
        await console.connect(account)
        first = await console.start_listener(host="127.0.0.1", port=0)
    async with Console(paths) as console:
        second = await console.start_listener(
            host="127.0.0.1", port=0, connection=account.connection
        )

    assert second.rpartition("/")[2] == first.rpartition("/")[2]


async def test_a_removed_connection_is_a_stranger(paths: Paths, account: Account) -> None:
    """Its path is answered 404 at once."""
    async with Console(paths) as console:
        await console.connect(account)
        url = await console.start_listener(host="127.0.0.1", port=0)
        assert (await send(url)).status == 200

        console.paths.remove(account.connection)
        assert (await send(url)).status == 404


async def test_a_path_of_ones_own(paths: Paths, account: Account) -> None:
    """A path that is asked for is one more: no forward URL in use stops working for it."""
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


async def test_without_a_path_the_listener_says_so(paths: Paths, account: Account) -> None:
    """If a path cannot be kept, the listener does not start; one that runs goes on for others."""
    async with Console(paths) as console:
        nobodys = await console.start_listener(host="127.0.0.1", port=0)
        paths.listener.with_suffix(".lock").unlink()
        paths.listener.with_suffix(".lock").mkdir()

        await console.connect(account)
        assert console.status.listener.url == ""
        assert "not for this connection" in console.status.listener.sentence
        assert (await send(nobodys)).status == 200

        with pytest.raises(ListenerFailed, match="could not start"):
            await console.start_listener(host="127.0.0.1", port=0)
        assert console.status.listener.state == "failed"


@pytest.mark.parametrize(
    ("host", "said"),
    [("127.0.0.1", ""), ("0.0.0.0", "every address of this computer")],  # noqa: S104 that is the point
)
async def test_an_open_listener_is_known_as_one(paths: Paths, host: str, said: str) -> None:
    """Whoever can be reached from the network says so for as long as it lasts."""
    async with Console(paths) as console:
        url = await console.start_listener(host=host, port=0)
        assert console.status.listener.reachable_at == said
        assert "//0." not in url
        await console.stop_listener()
        assert console.status.listener.reachable_at == ""


async def test_a_computer_that_slept_is_noticed(paths: Paths) -> None:
    """While it sleeps nothing can arrive, and that is told once it wakes up."""
    now = 1_800_000_000.0
    told = list[ListenerStatus]()
    async with Console(paths) as console:
        listening = ListenerService(
            console.writer, console.paths, told.append, jumps=SuspendDetector(lambda: now)
        )
        await listening.start(host="127.0.0.1", port=0)
        listening._look()
        now += 3600
        listening._look()
        assert [one.suspended for one in (told[-2], told[-1])] == [
            None,
            (1_800_000_000_000, 1_800_003_600_000),
        ]
        await listening.stop()


async def test_trouble_with_the_disk_is_told(paths: Paths) -> None:
    """While nothing can be stored the state says so, and senders are asked to come back."""
    async with Console(paths) as console:
        url = await console.start_listener(host="127.0.0.1", port=0)
        # Another process holds the archive for longer than the writer waits for it.
        console.writer._open._db.set_busy_timeout(50)
        other = apsw.Connection(str(paths.archive))
        other.execute("BEGIN IMMEDIATE")
        answer = await send(url)
        other.close()

        assert answer.status == 503
        assert (b"Retry-After", b"60") in answer.headers
        assert "held it for too long" in console.status.listener.storage_error
        assert (await send(url)).status == 200
        assert console.status.listener.storage_error == ""
    assert connections_in(paths) == [None]
