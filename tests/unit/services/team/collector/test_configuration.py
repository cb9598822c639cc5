from pathlib import Path

import pytest

from ibconsole.services.connections import Connection
from ibconsole.services.team.collector.configuration import (
    CollectedConnection,
    CollectorConfiguration,
    ListeningAddress,
    NoStateDirectory,
    paths_of,
)


def configuration(path: str, **fields: object) -> CollectorConfiguration:
    connection = Connection(id="", name="Acme", base_url="https://acme.api.infobip.com")
    return CollectorConfiguration("c", (CollectedConnection(connection, None, path),), **fields)  # type: ignore[arg-type]


def test_what_may_be_a_mistake_is_said() -> None:
    """An open listener, open metrics and a path that can be guessed are valid, and named."""
    everywhere = ListeningAddress("0.0.0.0", 1)  # noqa: S104 that is the point
    quiet = configuration("/inbound/5fK2vQ9sWmXz", listener=ListeningAddress("127.0.0.1", 1))

    assert quiet.notices() == ()
    assert len(configuration("/in", listener=everywhere, health=everywhere).notices()) == 3
    assert [str(ListeningAddress("::1", 2)), str(everywhere)] == ["[::1]:2", "0.0.0.0:1"]


def test_the_state_directory_is_named_by_the_file_or_by_systemd() -> None:
    """The file goes first; without either nothing is started."""
    service = {"STATE_DIRECTORY": "/var/lib/a:/var/lib/b"}

    assert paths_of(configuration("/in", state=Path("/s")), service).data == Path("/s")
    assert paths_of(configuration("/in"), service).data == Path("/var/lib/a")
    with pytest.raises(NoStateDirectory, match="add `state:`"):
        paths_of(configuration("/in"), {})
