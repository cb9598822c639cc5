import stat
from pathlib import Path

import pytest

from ibconsole.archive import Filter, Reader
from ibconsole.http1 import Server, send
from ibconsole.http1.message import Request, Response
from ibconsole.services import Console, Heard, ListenerFailed, Places, remembered_path

SAMPLE = Path(__file__).parents[2] / "samples" / "message_envelope.json"


async def test_a_forward_is_stored_before_it_is_answered(places: Places) -> None:
    """When the sender has its 200, the request is in the archive."""
    heard = list[Heard]()
    async with Console(places, heard=heard.append) as console:
        url = await console.start_listener(host="127.0.0.1", port=0, path="/in")
        answer = await send(url, body=SAMPLE.read_bytes())

        assert (answer.status, answer.body) == (200, b"")
        with Reader(places.archive) as reader:
            [delivery] = reader.find_deliveries("forward")
            assert reader.delivery_body(delivery) == SAMPLE.read_bytes()
        assert [one.delivery for one in heard] == [delivery]
        assert console.status.listener.received == 1

    with Reader(places.archive) as reader:
        assert len(reader.find(Filter())) == 1


async def test_another_path_is_turned_away_and_kept(places: Places) -> None:
    """A forward to a wrong path is answered 404 and makes no message, but can be looked at."""
    async with Console(places) as console:
        url = await console.start_listener(host="127.0.0.1", port=0, path="/in")
        answer = await send(f"{url}-wrong", body=SAMPLE.read_bytes())

    assert answer.status == 404
    with Reader(places.archive) as reader:
        [found] = reader.deliveries(reader.find_deliveries("forward"))
        assert (found.status, found.message_count) == (404, 0)


async def test_a_taken_port_is_explained(places: Places) -> None:
    """Where the address cannot be had, the sentence says so and the state is true."""

    async def never(_: Request) -> Response:
        return Response()

    async with Server(never) as server, Console(places) as console:
        with pytest.raises(ListenerFailed, match="could not start"):
            await console.start_listener(host="127.0.0.1", port=server.port, path="/in")

        assert console.status.listener.state == "failed"


async def test_starting_again_moves_the_listener(places: Places) -> None:
    """There is one listener: the second start ends the first."""
    async with Console(places) as console:
        first = await console.start_listener(host="127.0.0.1", port=0, path="/in")
        second = await console.start_listener(host="127.0.0.1", port=0, path="/in")
        assert (await send(first)).status is None
        assert (await send(second)).status == 200

        await console.stop_listener()
        assert (await send(second)).status is None
        assert console.status.listener.state == "stopped"


def test_the_path_is_unguessable_private_and_kept(places: Places, tmp_path: Path) -> None:
    """A forward URL stays valid from day to day, and nobody guesses it."""
    path = remembered_path(places)

    assert remembered_path(places) == path
    assert remembered_path(Places(tmp_path / "other")) != path
    assert len(path.removeprefix("/inbound/")) >= 16
    assert stat.S_IMODE(places.listener.stat().st_mode) == 0o600


@pytest.mark.parametrize("spoilt", [b"", b"[]", b'{"path": 1}', b'{"path": "x"}', b"\xff"])
def test_a_spoilt_memory_is_replaced(places: Places, spoilt: bytes) -> None:
    """A file that cannot be understood costs the old path, not the listener."""
    places.data.mkdir(parents=True)
    places.listener.write_bytes(spoilt)

    assert remembered_path(places).startswith("/inbound/")
