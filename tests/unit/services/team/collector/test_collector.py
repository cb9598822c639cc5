import asyncio
import sys
from collections.abc import Callable
from typing import Any
from urllib.request import urlopen

import pytest

from ibconsole.api import NotPermitted
from ibconsole.archive import Reader
from ibconsole.services.connections import Account, Connection
from ibconsole.services.intake import ListenerFailed
from ibconsole.services.protection import Policy, PolicyInForce, Protection
from ibconsole.services.runtime import Paths
from ibconsole.services.team.collector.collector import CollectorFailed, RunningCollector
from ibconsole.services.team.collector.configuration import (
    CollectedConnection,
    CollectorConfiguration,
    ListeningAddress,
    ScheduledPull,
)
from ibconsole.services.team.collector.credentials import CollectorSecrets
from ibconsole.services.team.collector.service_manager import ServiceManager
from ibconsole.simulator.running import RunningSimulator

ANY = ListeningAddress("127.0.0.1", 0)
PATH = "/inbound/5fK2vQ9sWmXz"
BODY = b'{"results": [{"messageId": "1"}]}'


def collector_of(account: Account, paths: Paths, **fields: Any) -> RunningCollector:
    connection = Connection(account.connection, "A", account.base_url)
    settings: dict[str, Any] = {"listener": ANY, "health": ANY, **fields}
    protection = settings.pop("protection", None)
    configuration = CollectorConfiguration(
        "c", (CollectedConnection(connection, None, PATH, ScheduledPull(1.0)),), **settings
    )
    secrets = CollectorSecrets({account.connection: account}, {})
    return RunningCollector(
        configuration, secrets, paths, manager=ServiceManager({}), protection=protection
    )


def pulled(collector: RunningCollector) -> int:
    pulls = collector.report().connections[0].pulls
    return pulls.messages if pulls else 0


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


async def read(url: str, body: bytes | None = None) -> bytes:
    def request() -> bytes:
        with urlopen(url, data=body, timeout=10) as answer:
            return bytes(answer.read())

    return await asyncio.to_thread(request)


async def test_what_arrives_is_stored_and_counted(
    account: Account, paths: Paths, running: RunningSimulator
) -> None:
    """Forwards and pulls are stored in the state directory; the end accepts nothing more."""
    async with collector_of(account, paths, keep_days=30) as collector:
        await read(f"{collector.listener_url}{PATH}", BODY)
        await until(lambda: pulled(collector) == 7 and collector.report().free_bytes is not None)
        report, page = collector.report(), await read(f"{collector.health_url}/metrics")

    assert b'ibconsole_pulled_messages_total{connection="A"} 7.0' in page
    assert report.obstacles == ()
    assert report.sentence == "Listening, pulling from 1 of 1."
    assert report.connections[0].forwards
    assert report.connections[0].forwards.stored == 1
    assert collector.report().obstacles[0] == "The collector is ending."
    with Reader(paths.archive) as reader:
        assert reader.counts().messages == 8


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of a file's size")
async def test_an_archive_that_cannot_be_written(account: Account, paths: Paths) -> None:
    """Readiness ends while the disk takes nothing, and returns by itself."""
    import resource  # noqa: PLC0415 Windows has no such module

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    async with collector_of(account, paths) as collector:
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
            await until(lambda: bool(collector.report().archive_problem))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert collector.report().obstacles == (collector.report().archive_problem,)
        await until(lambda: not collector.report().obstacles)


async def test_a_start_that_fails_leaves_nothing(account: Account, paths: Paths) -> None:
    """A port that is in use, or a listener that the policy forbids, ends the start."""
    forbidding = Protection(policy=lambda: PolicyInForce(Policy(forbid_remote_listener=True)))
    open_to_all = ListeningAddress("0.0.0.0", 0)  # noqa: S104 that is the point
    async with collector_of(account, Paths(paths.data / "one")) as first:
        port = int(first.listener_url.rpartition(":")[2])
        health = int(first.health_url.rpartition(":")[2])
        used = ListeningAddress("127.0.0.1", port)
        failures: tuple[tuple[dict[str, Any], type[Exception]], ...] = (
            ({"listener": used}, ListenerFailed),
            ({"health": ListeningAddress("127.0.0.1", health)}, CollectorFailed),
            ({"listener": open_to_all, "protection": forbidding}, NotPermitted),
        )
        for fields, error in failures:
            with pytest.raises(error):
                await collector_of(account, paths, **fields).__aenter__()
