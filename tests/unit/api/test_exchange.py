"""Every attempt is told to whoever keeps a log."""

import asyncio

import pytest

from ibconsole.api import Exchange, Unreachable
from ibconsole.api.exchange import observed


def test_a_success() -> None:
    """A log learns what was asked, what came, and how long it took."""
    seen: list[Exchange] = []
    with observed(seen.append, "GET", "/x", 2) as noted:
        noted.status = 200

    [exchange] = seen
    assert (exchange.method, exchange.path, exchange.attempt) == ("GET", "/x", 2)
    assert (exchange.status, exchange.problem) == (200, "")
    assert 0 <= exchange.duration < 60
    assert exchange.started_at_ms > 1_700_000_000_000


@pytest.mark.parametrize(
    ("error", "problem"),
    [(Unreachable("Nobody there."), "Nobody there."), (asyncio.CancelledError(), "CancelledError")],
)
def test_a_failure(error: BaseException, problem: str) -> None:
    """A log learns of failures and cancellations, which go on as if nobody had looked."""
    seen: list[Exchange] = []
    with pytest.raises(type(error)), observed(seen.append, "GET", "/x", 1):
        raise error

    assert [exchange.problem for exchange in seen] == [problem]


def test_nobody_looks() -> None:
    """A log is not needed."""
    with observed(None, "GET", "/x", 1) as noted:
        noted.status = 200
