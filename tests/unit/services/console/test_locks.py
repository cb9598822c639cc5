"""The locks of the account that a console is connected to."""

import pytest

from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Via
from ibconsole.secret import Secret
from ibconsole.services.connections.account import Account, Credential, NoAccount
from ibconsole.services.console.console import Console
from ibconsole.services.protection import (
    CallKind,
    NotPermitted,
    Policy,
    PolicyInForce,
    Protection,
)
from ibconsole.services.runtime.paths import Paths
from ibconsole.simulator.running import RunningSimulator


async def test_a_policy_masks_codes_in_the_activity_and_is_shown(
    paths: Paths, running: RunningSimulator
) -> None:
    """The window is shown why, with or without an account, and gets no code from the log."""
    found = PolicyInForce(Policy(forbid_revealed_codes=True), "/etc/policy.toml")
    account = Account("8d1b", "Acme", running.base_url, Credential(Secret(running.api_key)))
    async with Console(paths, protection=Protection(policy=lambda: found)) as console:
        assert "administrator" in console.status.why_codes_masked
        await console.connect(account)
        [first, *_] = await console.platform.applications()
        await console.platform.configurations(first.code)

        assert first.code not in str(console.activity.since(0))
        found = PolicyInForce()
        assert first.code in str(console.activity.since(0))


async def test_a_locked_account_is_read_alone_until_it_is_unlocked(
    paths: Paths, running: RunningSimulator
) -> None:
    """Nothing is recorded for a pull that is not permitted; unlocking is for one kind."""
    account = Account(
        "8d1b", "Acme", running.base_url, Credential(Secret(running.api_key)), "production",
        is_read_only=True,
    )  # fmt: skip
    async with Console(paths) as console:
        await console.connect(account)
        [first, *_] = await console.platform.applications()
        for pull in (
            console.pulls.pull(1),
            console.pulls.pull_until_empty(1),
            console.pulls.pull_continuously(1, 30.0),
        ):
            with pytest.raises(NotPermitted, match="locked for pulls"):
                await pull
        with pytest.raises(NotPermitted, match="locked for changes"):
            await console.platform.create_configuration(first.code)
        assert running.simulator.counters["pulls"] == 0

        await console.locks.unlock(account.connection, [CallKind.PULL], 5, "Acme", "ticket 7")
        assert console.status.protection.pulls is None
        assert (await console.pulls.pull(1)).messages == 1
        with pytest.raises(NotPermitted):
            await console.platform.create_configuration(first.code)

        with pytest.raises(NoAccount):
            await console.locks.unlock("another", [CallKind.CHANGE], 5, "Acme", "ticket 7")
        with pytest.raises(NoAccount):
            await console.locks.give_reason("another", "ticket 8")

        await console.locks.lock()
        with pytest.raises(NotPermitted):
            await console.pulls.pull(1)
    with Reader(paths.archive) as reader:
        assert len(reader.find_deliveries(Via.PULL)) == 1
