"""The check of a connection, which takes no messages."""

import pytest

from ibconsole.api.gate import admit_reads
from ibconsole.errors import Severity
from ibconsole.secret import Secret
from ibconsole.services.connections.account import Account, account_of
from ibconsole.services.connections.connection_check import check
from ibconsole.simulator.running import RunningSimulator


async def test_a_working_connection(account: Account, running: RunningSimulator) -> None:
    """The check counts the applications and pulls nothing."""
    pulls = running.simulator.state.counters["pulls"]

    checked = await check(account, admit_reads)

    assert checked.severity is Severity.OK
    assert checked.applications
    assert f"{checked.applications} application" in checked.sentence
    assert running.simulator.state.counters["pulls"] == pulls


async def test_a_wrong_key(running: RunningSimulator) -> None:
    """The platform does not say why it refuses a key, so the result lists the possible causes."""
    checked = await check(account_of(running.base_url, Secret("a-key-that-is-wrong")), admit_reads)

    assert checked.severity is Severity.DANGER
    assert "401" in checked.sentence
    assert len(checked.causes) >= 4
    assert "a-key-that-is-wrong" not in repr(checked)


async def test_a_key_that_may_only_pull(running: RunningSimulator) -> None:
    """A key that may not list applications is a warning, because a pull is not attempted."""
    checked = await check(
        account_of(running.base_url, Secret(running.simulator.pull_only_key)), admit_reads
    )

    assert checked.severity is Severity.WARNING
    assert "may not list applications" in checked.sentence
    assert checked.applications is None


async def test_an_unreachable_host(unused_tcp_port: int) -> None:
    """An unreachable host is an error without causes of a refused credential."""
    checked = await check(
        account_of(f"http://127.0.0.1:{unused_tcp_port}", Secret("x" * 20)), admit_reads
    )

    assert checked.severity is Severity.DANGER
    assert checked.causes == ()


@pytest.mark.parametrize("secret", ["", "two\nlines"])
async def test_a_secret_that_cannot_be_sent(secret: str) -> None:
    """A secret that cannot be sent raises an error that names the key, and sends nothing."""
    with pytest.raises(Exception, match="key"):
        await check(account_of("http://127.0.0.1:1", Secret(secret)), admit_reads)
