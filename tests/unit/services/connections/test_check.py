"""The harmless check of a connection."""

import pytest

from ibconsole.secret import Secret
from ibconsole.services.connections.account import Account, account_of
from ibconsole.services.connections.check import check
from ibconsole.simulator.running import RunningSimulator


async def test_it_works(account: Account, running: RunningSimulator) -> None:
    """It says how much there is, and takes nothing."""
    pulls = running.simulator.state.counters["pulls"]

    checked = await check(account)

    assert checked.kind == "ok"
    assert checked.applications
    assert f"{checked.applications} application" in checked.sentence
    assert running.simulator.state.counters["pulls"] == pulls


async def test_a_wrong_key(running: RunningSimulator) -> None:
    """The platform does not say why it refuses, so everything that it may be is named."""
    checked = await check(account_of(running.base_url, Secret("a-key-that-is-wrong")))

    assert checked.kind == "danger"
    assert "401" in checked.sentence
    assert len(checked.causes) >= 4
    assert "a-key-that-is-wrong" not in repr(checked)


async def test_a_key_that_may_only_pull(running: RunningSimulator) -> None:
    """It is no failure, and no promise either: a pull is not tried."""
    checked = await check(account_of(running.base_url, Secret(running.simulator.pull_only_key)))

    assert checked.kind == "warning"
    assert "may not list applications" in checked.sentence
    assert checked.applications is None


async def test_nobody_there(unused_tcp_port: int) -> None:
    """A wrong address is told as what it is."""
    checked = await check(account_of(f"http://127.0.0.1:{unused_tcp_port}", Secret("x" * 20)))

    assert checked.kind == "danger"
    assert checked.causes == ()


@pytest.mark.parametrize("secret", ["", "two\nlines"])
async def test_what_cannot_be_sent_is_not_sent(secret: str) -> None:
    """It is refused where it was typed."""
    with pytest.raises(Exception, match="key"):
        await check(account_of("http://127.0.0.1:1", Secret(secret)))
