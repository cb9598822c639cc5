"""Forward tests of a console obey the locks of the account that it is connected to."""

import pytest

from ibconsole.api.gate import NotPermitted
from ibconsole.secret import Secret
from ibconsole.services.connections.account import Account, Credential
from ibconsole.services.console.console import Console
from ibconsole.services.protection.policy_source import PolicyInForce
from ibconsole.services.protection.protection import Protection
from ibconsole.services.runtime.paths import Paths

PRODUCTION = Account(
    "8d1b",
    "Acme",
    "https://acme.api.infobip.com",
    Credential(Secret("key")),
    "production",
    is_read_only=True,
)
URL = "https://hooks.example/in"


async def test_locked_for_tests(paths: Paths) -> None:
    """Nothing is posted for a locked production account, in one request or rung by rung."""
    async with Console(paths, protection=Protection(policy=PolicyInForce)) as console:
        await console.connect(PRODUCTION)
        before = console.activity.version
        with pytest.raises(NotPermitted, match="locked for tests"):
            await console.forward_tests.test(URL, b"{}")
        with pytest.raises(NotPermitted, match="locked for tests"):
            await console.forward_tests.climb(URL, b"{}")
        assert console.activity.version == before


async def test_an_empty_archive_has_seen_no_sender(paths: Paths) -> None:
    async with Console(paths) as console:
        assert await console.forward_tests.observed_sender() is None
