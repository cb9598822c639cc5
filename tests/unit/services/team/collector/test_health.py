import asyncio
import json
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from ibconsole.services.team.collector.configuration import ListeningAddress
from ibconsole.services.team.collector.health import SILENCE, health_server
from ibconsole.services.team.collector.report import (
    CollectedPulls,
    CollectedPullState,
    CollectorReport,
    ConnectionReport,
)

READY = CollectorReport(
    (ConnectionReport("A", None, CollectedPulls(CollectedPullState.ACTIVE)),), is_listening=True
)
STUCK = CollectorReport(silent_for=SILENCE, archive_problem="The disk is full.")


async def test_health_readiness_and_metrics() -> None:
    """A hung process is not healthy, a full disk not ready, and anything else is not answered."""
    report = READY

    async def ask(path: str, method: str = "GET") -> tuple[int, str]:
        def answer() -> tuple[int, str]:
            try:
                with urlopen(Request(f"{server.url}{path}", method=method), timeout=10) as found:
                    return found.status, found.read().decode()
            except HTTPError as error:
                return error.code, error.read().decode()

        return await asyncio.to_thread(answer)

    async with health_server(ListeningAddress("127.0.0.1", 0), lambda: report) as server:
        healthy, ready, metrics = [await ask(f"/{one}") for one in ("healthz", "readyz", "metrics")]
        report = STUCK
        hung, unready = await ask("/healthz"), await ask("/readyz")
        others = [await ask("/"), await ask("/readyz", "POST")]

    assert (healthy[0], ready[0], metrics[0]) == (200, 200, 200)
    assert json.loads(ready[1])["pulls"] == {"A": "active"}
    assert "ibconsole_ready 1.0" in metrics[1]
    assert (hung[0], unready[0]) == (503, 503)
    assert json.loads(unready[1])["obstacles"] == ["The disk is full."]
    assert [status for status, _ in others] == [404, 405]
