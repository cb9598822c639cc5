"""The ladder against a zoo of broken servers: each has its first cause."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibconsole.archive.reader import Reader
from ibconsole.services.console.console import Console
from ibconsole.services.forward_test.forward_test import ForwardTester
from ibconsole.services.forward_test.ladder import LadderClimber
from ibconsole.services.forward_test.payloads import SAMPLE
from ibconsole.services.forward_test.records import ForwardTest, from_record
from ibconsole.services.forward_test.request_rungs import first_cause
from ibconsole.services.forward_test.rungs import Cause, Ladder, Rung, RungKind, RungState
from ibconsole.services.forward_test.senders import OURS, Comparison, LadderPlan
from ibconsole.services.runtime.paths import Paths
from tests.certificates import make_certificate
from tests.proxies import CONNECTED, SmallProxy, running
from tests.unit.services.forward_test.exhibits import GOOD, LOCAL, OK, PROMPT, SLOW, STRANGE, Zoo
from tests.unit.services.forward_test.zoo import (
    HOST,
    Received,
    Serve,
    SmallResolver,
    complains,
    decides,
    drips,
    full_server,
    hangs,
    open_server,
    resets,
    says,
)


@pytest.fixture
async def console(tmp_path: Path) -> AsyncIterator[Console]:
    async with Console(Paths(tmp_path)) as console:
        yield console


@pytest.fixture
def zoo(console: Console, tmp_path: Path) -> Zoo:
    return Zoo(console, tmp_path)


async def test_each_broken_server_has_its_cause(zoo: Zoo) -> None:
    """Of every kind of broken server, the first cause is named."""
    found = await zoo.causes(PROMPT, 10.0)

    assert found == {name: exhibit.cause for name, exhibit in PROMPT.items()}
    assert len(found) >= 90


async def test_each_hanging_server_has_its_cause(zoo: Zoo) -> None:
    """A server that hangs is given up after the time, at whatever rung it hangs."""
    found = await zoo.causes(SLOW, 0.6)

    assert found == {name: exhibit.cause for name, exhibit in SLOW.items()}


async def climb(zoo: Zoo, url: str, plan: LadderPlan | None = None, **options: Any) -> ForwardTest:
    known: dict[str, Any] = {"resolver": SmallResolver({HOST: LOCAL}), "environ": {}}
    climber = LadderClimber(zoo.tester, **known | options)
    return await climber.climb(url, SAMPLE, plan or LadderPlan(timeout=5.0))


@pytest.mark.parametrize(
    ("resolver", "cause", "words"),
    [
        (SmallResolver(hangs=True), Cause.NAME_LOOKUP_FAILED, "did not answer"),
        (
            SmallResolver(error=socket.gaierror(socket.EAI_AGAIN, "later")),
            Cause.NAME_LOOKUP_FAILED,
            "later",
        ),
        (SmallResolver({HOST: ("::1",)}), Cause.REFUSED, "nothing listens"),
    ],
)
async def test_names(zoo: Zoo, resolver: SmallResolver, cause: Cause, words: str) -> None:
    """A lookup that fails is distinguished from an unknown name; what follows it is not tried."""
    test = await climb(zoo, f"http://{HOST}:1/in", LadderPlan(timeout=0.2), resolver=resolver)

    assert test.ladder
    assert test.ladder.cause is cause
    assert words in test.problem
    assert test.status is None
    assert test.ladder.sent == ()
    if cause is Cause.REFUSED:
        assert test.ladder.rung(RungKind.NAMES) is not None
        names = test.ladder.rungs[1]
        assert (names.state, names.cause) == (RungState.WARNING, Cause.IPV6_ONLY)


async def test_connecting_takes_too_long(zoo: Zoo) -> None:
    """An address that drops packets is given up after the time."""
    async with full_server() as port:
        test = await climb(zoo, f"http://{HOST}:{port}/in", LadderPlan(timeout=0.3))

    assert test.ladder
    assert test.ladder.cause is Cause.CONNECT_TIMEOUT


async def test_a_healthy_url(zoo: Zoo, console: Console) -> None:
    """Every rung is reported as it is climbed; every request and the ladder are in the archive."""
    seen: list[Ladder] = []
    async with open_server(says(OK)) as port:
        test = await climb(zoo, f"http://{HOST}:{port}/in/x", on_rung=seen.append)

    assert test.ladder
    assert test.verdict.counts == test.ladder.counts == "yes"
    assert [rung.kind for rung in test.ladder.rungs] == [
        RungKind.SYNTAX,
        RungKind.NAMES,
        RungKind.ADDRESSES,
        RungKind.CONNECTIONS,
        RungKind.ANSWER,
        RungKind.REPEAT,
        RungKind.SENDERS,
    ]
    assert [len(one.rungs) for one in seen] == [1, 2, 3, 4, 5, 6, 7, 7]
    assert seen[-1] == test.ladder
    with Reader(console.paths.archive) as reader:
        tests = [from_record(record) for record in reader.forward_tests(99)]
    assert len(tests) == len(test.ladder.sent) == 8
    assert tests[-1] == test
    assert {one.ladder is None for one in tests[:-1]} == {True}


async def test_one_request(zoo: Zoo, console: Console) -> None:
    """A ladder sends once if that is asked for, as whom it is asked to."""
    heads: list[bytes] = []

    def keep(request: Received) -> int:
        heads.append(request.head)
        return 403

    async with open_server(decides(keep)) as port:
        plan = LadderPlan(sender=OURS, compare=Comparison.NEVER, repeat=False)
        test = await climb(zoo, f"http://{HOST}:{port}/in/x", plan)

    assert (len(heads), test.sender, test.ladder and test.ladder.cause) == (
        1,
        "ibconsole",
        Cause.STATUS_403,
    )
    assert b"User-Agent: ibconsole/" in heads[0]
    assert heads[0].startswith(b"POST /in/x HTTP/1.1\r\nHost: " + HOST.encode())


async def test_no_request(zoo: Zoo, console: Console) -> None:
    """A probe sends nothing and records nothing."""
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(10))

    async with open_server(serve) as port:
        climber = LadderClimber(zoo.tester, resolver=SmallResolver({HOST: LOCAL}), environ={})
        ladder = await climber.probe(f"http://{HOST}:{port}/in")

    assert (ladder.cause, ladder.counts, b"".join(heard)) == (Cause.NONE, "perhaps", b"")
    with Reader(console.paths.archive) as reader:
        assert reader.forward_tests(9) == []


@pytest.mark.parametrize("url", ["", "ftp://x.example/", "https://exa mple/", "https://[::1/"])
async def test_no_url(zoo: Zoo, console: Console, url: str) -> None:
    """A text that is no URL is the first cause; nothing is recorded."""
    test = await climb(zoo, url)

    assert test.ladder
    assert (test.ladder.cause, test.id, len(test.ladder.rungs)) == (Cause.SYNTAX, 0, 1)
    with Reader(console.paths.archive) as reader:
        assert reader.forward_tests(9) == []


@pytest.mark.parametrize("path", ["in/x", "in x", "in/x."])
async def test_a_password_in_the_url(zoo: Zoo, console: Console, path: str) -> None:
    """A password in the URL is in no rung, in no record and in no log of requests."""
    async with open_server(says(OK)) as port:
        test = await climb(zoo, f"http://user:planted-secret@{HOST}:{port}/{path}")

    with Reader(console.paths.archive) as reader:
        records = reader.forward_tests(99)
    assert "planted-secret" not in repr((test, records, console.activity.since(0)))


@settings(max_examples=30, deadline=None)
@given(
    st.one_of(
        st.text(max_size=30),
        st.text(alphabet="ab.:[]@/%?#\\-_~\u00e9\u754c01x", max_size=30).map("https://".__add__),
    )
)
def test_any_text(text: str) -> None:
    """Whatever is entered as a URL, the ladder ends with a rung."""

    async def probe() -> Ladder:
        tester = ForwardTester(None, lambda _: None)
        climber = LadderClimber(tester, resolver=SmallResolver(), environ={})
        return await climber.probe(text, timeout=0.05)

    assert asyncio.run(probe()).rungs


@pytest.mark.parametrize("serve", [hangs, drips])
async def test_a_cancelled_ladder(zoo: Zoo, console: Console, serve: Serve) -> None:
    """A ladder that is stopped is in the archive with its rungs: the request may have arrived."""
    async with open_server(serve) as port:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(climb(zoo, f"http://{HOST}:{port}/in/x"), 0.2)

    with Reader(console.paths.archive) as reader:
        [test] = [from_record(record) for record in reader.forward_tests(9)]
    assert test.ladder
    assert test.ladder.stopped
    assert (test.ladder.cause, len(test.ladder.rungs)) == (Cause.STOPPED, 4)
    assert "stopped" in test.problem


async def test_cancelled_before_a_request(zoo: Zoo, console: Console) -> None:
    """Stopping in the lookup is recorded, too."""
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(
            climb(zoo, f"http://{HOST}/in/x", resolver=SmallResolver(hangs=True)), 0.1
        )

    with Reader(console.paths.archive) as reader:
        [test] = [from_record(record) for record in reader.forward_tests(9)]
    assert (test.status, test.cause) == (None, Cause.STOPPED)


PORTAL = b"HTTP/1.1 302 Found\r\nLocation: http://portal.example/login?x=1\r\n\r\n"
DELIVERED = {"plain": "yes", "tunnel": "yes", "host without TLS": "no"}


async def denies(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Open a tunnel, and talk in it when the handshake begins."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(CONNECTED)
    await reader.read(65_536)
    writer.write(b"Denied for planted-secret\r\nby rule 7\r\n")


async def test_proxies(zoo: Zoo) -> None:
    """Through a proxy its own trouble is distinguished from that of the endpoint."""
    strange = make_certificate(STRANGE, HOST, days=90).server_context(zoo.directory)
    good = GOOD.server_context(zoo.directory)
    found: dict[str, Cause] = {}
    said: dict[str, str] = {}
    async with AsyncExitStack() as stack:

        async def proxy(**options: Any) -> str:
            made = await stack.enter_async_context(running(SmallProxy(**options)))
            return made.url

        plain = await stack.enter_async_context(open_server(says(OK)))
        encrypted = await stack.enter_async_context(open_server(says(OK), good))
        resetting = await stack.enter_async_context(open_server(resets()))
        denying = await stack.enter_async_context(open_server(denies))
        intercepting = await stack.enter_async_context(open_server(says(OK), strange))
        plain_talk = await stack.enter_async_context(open_server(complains))
        forbidden = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
        for name, url, scheme in (
            ("plain", await proxy(ports={HOST: plain}), "http"),
            ("tunnel", await proxy(ports={HOST: encrypted}), "https"),
            ("intercepts", await proxy(ports={HOST: intercepting}), "https"),
            ("log-in", await proxy(login="user:secret"), "https"),
            ("plain log-in", await proxy(login="user:secret"), "http"),
            ("refuses", await proxy(answer=forbidden), "https"),
            ("no way", await proxy(), "https"),
            ("no proxy", await proxy(greeting=b"SSH-2.0-x\r\n"), "https"),
            ("redirects", await proxy(answer=PORTAL), "https"),
            ("resets", f"http://127.0.0.1:{resetting}", "https"),
            ("talks at once", await proxy(answer=CONNECTED + b"Blocked.\r\n"), "https"),
            ("talks later", f"http://127.0.0.1:{denying}", "https"),
            ("closes the tunnel", await proxy(answer=CONNECTED), "https"),
            ("host without TLS", await proxy(ports={HOST: plain_talk}), "https"),
            ("off", "http://127.0.0.1:1", "https"),
            ("unusable", "socks5://127.0.0.1:1", "https"),
        ):
            test = await climb(
                zoo,
                f"{scheme}://{HOST}/in/x",
                resolver=SmallResolver(),
                environ={f"{scheme}_proxy": url.replace("//", "//user:planted-secret@", 1)},
            )
            assert test.ladder
            assert name == "unusable" or "through the proxy" in test.ladder.vantage
            assert test.ladder.counts == (DELIVERED.get(name, "perhaps"))
            assert test.verdict.counts == test.ladder.counts
            found[name] = test.ladder.cause
            said[name] = test.verdict.sentence

    assert found == {
        "plain": Cause.NONE,
        "tunnel": Cause.NONE,
        "intercepts": Cause.TLS_INTERCEPTED,
        "log-in": Cause.PROXY_LOG_IN,
        "plain log-in": Cause.PROXY_LOG_IN,
        "refuses": Cause.PROXY_REFUSED,
        "no way": Cause.PROXY_NO_CONNECTION,
        "no proxy": Cause.PROXY_NOT_HTTP,
        "redirects": Cause.PROXY_REDIRECT,
        "resets": Cause.PROXY_BROKEN,
        "talks at once": Cause.PROXY_NO_TUNNEL,
        "talks later": Cause.PROXY_NO_TUNNEL,
        "closes the tunnel": Cause.TLS_RESET,
        "host without TLS": Cause.TLS_NOT_SPOKEN,
        "off": Cause.PROXY_UNREACHABLE,
        "unusable": Cause.PROXY_UNUSABLE,
    }
    assert "answered 302 and leads to portal.example" in said["redirects"]
    assert "broke the connection" in said["resets"]
    assert "then sent “Blocked.” in place of the host's TLS" in said["talks at once"]
    assert "then sent “Denied for •••• by rule 7”" in said["talks later"]
    assert "whether the host or the proxy" in said["closes the tunnel"]


def test_the_first_cause() -> None:
    """What tells senders apart explains a refusal; this computer's own address comes last."""
    local = Rung(RungKind.ADDRESSES, RungState.WARNING, "", cause=Cause.PRIVATE_ADDRESSES)
    slow = Rung(RungKind.ANSWER, RungState.WARNING, "", cause=Cause.ANSWER_SLOW)
    refused = Rung(RungKind.ANSWER, RungState.FAILED, "", cause=Cause.STATUS_403)
    filtered = Rung(RungKind.SENDERS, RungState.FAILED, "", cause=Cause.USER_AGENT_FILTERED)

    assert first_cause([]) is Cause.NONE
    assert first_cause([local]) is Cause.PRIVATE_ADDRESSES
    assert first_cause([local, slow]) is Cause.ANSWER_SLOW
    assert first_cause([local, refused]) is Cause.STATUS_403
    assert first_cause([local, refused, filtered]) is Cause.USER_AGENT_FILTERED
