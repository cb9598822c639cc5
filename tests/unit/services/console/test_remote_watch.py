"""The watch of the current connection, for the window."""

import asyncio
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from ibconsole.archive import Archive
from ibconsole.clock import now_ms
from ibconsole.services.connections import Watch
from ibconsole.services.console.console import Console
from ibconsole.services.console.remote_watch import DesktopNotifications, RemoteWatch
from ibconsole.services.runtime import Alarm
from ibconsole.services.runtime.engine import Engine
from tests.unit.archive.deliveries import arrival


@pytest.fixture
def console(engine_console: Console) -> Console:
    return engine_console


async def alarms(console: Console, condition: Callable[[object], bool]) -> list[Alarm]:
    """Return the alarms once they are as awaited."""
    async with asyncio.timeout(10):
        while not condition(console.status.alarms):
            await asyncio.sleep(0.005)
    return list(console.status.alarms)


async def test_alarms_are_in_the_status(engine: Engine, console: Console) -> None:
    """A connection is watched unless the user stops it; alarms are shown until they end."""
    remote = RemoteWatch(engine, console, delay=0, interval=0.01)
    connection = console.status.connection
    with Archive(console.paths.archive) as archive:
        refused = replace(arrival(b"{}", arrived_at=now_ms(), status=404))
        archive.add_forwards([replace(refused, connection=connection.id)])
    await remote.follow(connection)
    [alarm] = await alarms(console, bool)

    assert (alarm.sentence, alarm.notify) == ("A forward was answered with 404.", False)
    stopped = replace(await remote.load(), kinds=())
    await remote.save(stopped)
    assert await alarms(console, lambda found: not found) == []
    assert await remote.load() == stopped
    await remote.save(Watch(connection.id, kinds=None, notify=True))
    assert [one.notify for one in await alarms(console, bool)] == [True]
    for unwatched in (replace(connection, id=""), replace(connection, case="Nothing arrives")):
        await remote.follow(unwatched)
        assert console.status.alarms == ()
        assert not remote._tasks.running("watch")
    await remote.close()


async def test_an_application(engine: Engine, console: Console) -> None:
    """An application is watched by itself once it was chosen."""
    remote = RemoteWatch(engine, console, delay=9)
    connection = console.status.connection
    await remote.follow(connection)

    assert await remote.load() == Watch(connection.id)
    assert (await remote.load("code")).kinds == ()
    chosen = Watch(connection.id, "code", "Lumen", ("silence", "of a newer program"), 5)
    await remote.save(chosen)
    assert await remote.load("code") == chosen
    await remote.close()


async def test_without_a_session_bus(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no desktop it is said that notifications are not shown."""
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    desktop = DesktopNotifications(engine)

    assert "no bus" in await desktop.find_problem()
    assert "no bus" in await desktop.show("Title", "Body")
