"""Tests of the check of a public address, with real listeners and servers."""

import pytest

from ibconsole.archive.reader import Reader
from ibconsole.errors import Severity
from ibconsole.http1.message import Request, Response
from ibconsole.http1.server import Server
from ibconsole.listener.answers import AnswerRule, AnswerScenario, RuleAnswer
from ibconsole.services.connections.account import Account
from ibconsole.services.console.console import Console
from ibconsole.services.forward_test import UrlContext, UrlFault
from ibconsole.services.protection import NotPermitted, Protection
from ibconsole.services.runtime.paths import Paths
from ibconsole.services.tunnels import AddressCheck, CheckOutcome, check_address
from tests.proxies import SmallProxy, clear_proxies, running


@pytest.fixture
async def listening(console: Console) -> str:
    """Listen, and return the URL."""
    return await console.start_listener(host="127.0.0.1", port=0)


async def check(console: Console, url: str, context: UrlContext | None = None) -> AddressCheck:
    return await check_address(url, console.forward_tests.test, console.paths.archive, context)


async def test_loopback(console: Console, listening: str) -> None:
    """An address of this computer that leads here is all that the sandbox needs."""
    done = await check(console, listening, UrlContext(sandbox=True))

    assert (done.outcome, done.severity) == (CheckOutcome.ARRIVED, Severity.OK)
    assert "all that the sandbox needs" in done.sentence
    assert listening.rpartition("/")[2] not in done.url
    with Reader(console.paths.archive) as reader:
        assert reader.counts().messages == 0


async def test_public_name(
    console: Console, listening: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A public name that leads here proves no more than that it is reached from this computer."""
    clear_proxies(monkeypatch)
    port = int(listening.split("/")[2].rpartition(":")[2])
    async with running(SmallProxy(ports={"lent.example.com": port})) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        done = await check(console, listening.replace(f"127.0.0.1:{port}", "lent.example.com"))

    assert done.outcome is CheckOutcome.ARRIVED
    assert "does not prove that the platform's networks" in done.sentence
    assert [one.fault for one in done.remarks] == [UrlFault.PLAIN_HTTP]


async def test_another_server(console: Console, listening: str) -> None:
    """An address that is answered elsewhere is no success, whatever the answer."""

    async def answer(_: Request) -> Response:
        return Response(200)

    async with Server(answer) as server:
        done = await check(console, f"{server.url}/inbound/x")

    assert (done.outcome, done.severity) == (CheckOutcome.ELSEWHERE, Severity.WARNING)
    assert "status 200, but nothing has arrived here" in done.sentence


async def test_nothing_listens(console: Console, listening: str) -> None:
    """Without an answer the sentence says why."""
    await console.stop_listener()

    done = await check(console, listening)

    assert done.outcome is CheckOutcome.NO_ANSWER
    assert "No connection to 127.0.0.1" in done.sentence


async def test_wrong_path_is_no_success(console: Console, listening: str) -> None:
    """A request that arrived here and was refused would be repeated by the platform."""
    done = await check(console, listening.replace("/inbound/", "/outbound/"))

    assert (done.outcome, done.arrived) == (CheckOutcome.NOT_ACCEPTED, True)
    assert "status 404" in done.sentence


@pytest.mark.parametrize(
    ("status", "outcome"), [(503, CheckOutcome.NOT_ACCEPTED), (200, CheckOutcome.ARRIVED)]
)
async def test_answer_rules_are_named(
    console: Console, listening: str, status: int, outcome: CheckOutcome
) -> None:
    """An answer of a rule is no fault of the address, and no sign that the usual one works."""
    rule = AnswerRule("down", answer=RuleAnswer(status))
    console.set_answers(AnswerScenario("test", (rule,)))

    done = await check(console, listening)

    assert done.outcome is outcome
    assert "This computer's listener answers by rules now, and its rule “down”" in done.sentence


@pytest.mark.parametrize("url", ["", "ftp://x.example.com", "https://a b"])
async def test_nothing_is_sent_to_what_is_no_url(console: Console, url: str) -> None:
    """A mistake in the spelling is explained before anything is sent."""
    done = await check(console, url)

    assert (done.outcome, done.severity) == (CheckOutcome.UNUSABLE, Severity.DANGER)
    assert "Nothing was sent." in done.sentence
    assert not console.activity.since(0).entries


async def test_not_permitted(paths: Paths, account: Account) -> None:
    """A program that may send no tests checks no address of others."""
    async with Console(paths, protection=Protection(read_only=True)) as console:
        await console.connect(account)

        with pytest.raises(NotPermitted):
            await check(console, "https://lent.example.com/inbound/x")
