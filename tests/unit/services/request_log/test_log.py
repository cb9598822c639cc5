"""The log of requests: bounded, thread-safe, without secrets."""

import threading

import pytest

from ibconsole.api.exchange import KEPT_BODY, Exchange
from ibconsole.secret import Secret
from ibconsole.services.connections.account import Account, Credential
from ibconsole.services.connections.connection import AuthorizationKind
from ibconsole.services.console.console import Console
from ibconsole.services.request_log.log import Activity, ActivityLog, Entry, requested_by
from ibconsole.services.runtime.paths import Paths
from ibconsole.simulator.running import RunningSimulator


def entry(**changes: object) -> Entry:
    values = {"started_at": 1, "method": "GET", "url": "https://x.io/a", "status": 200}
    return Entry(**{**values, **changes})  # type: ignore[arg-type]


def ids(activity: Activity) -> list[int]:
    return [one.id for one in activity.entries]


def test_what_a_transport_tells_is_kept() -> None:
    """An entry says when, for whom, on which connection, what, and what came of it."""
    log = ActivityLog()
    log.observe("Test")(
        Exchange(
            started_at_ms=7,
            method="GET",
            path="/push/1/applications?x=1",
            status=503,
            duration=0.5,
            attempt=2,
            problem="The platform is failing.",
            base_url="https://x.io:8443",
            asked_by="Applications: refresh",
            request_headers=(("Authorization", "App ••••"),),
            answer_body=b"{}",
            answer_size=2,
        )
    )

    [kept] = log.since(0).entries
    assert kept == Entry(
        id=1,
        started_at=7,
        connection="Test",
        method="GET",
        url="https://x.io:8443/push/1/applications?x=1",
        status=503,
        duration=0.5,
        attempt=2,
        problem="The platform is failing.",
        asked_by="Applications: refresh",
        request_headers=(("Authorization", "App ••••"),),
        answer_body=b"{}",
        answer_size=2,
    )
    assert (kept.host, kept.path, kept.failed) == ("x.io:8443", "/push/1/applications?x=1", True)


def test_only_what_is_new_is_told() -> None:
    """Whoever looks again gets what came since, oldest first."""
    log = ActivityLog()
    first = log.version
    for _ in range(3):
        log.add(entry())

    assert ids(log.since(0)) == [1, 2, 3]
    assert ids(log.since(2)) == [3]
    assert ids(log.since(3)) == []
    assert log.version > first


def test_the_oldest_go_first() -> None:
    """The log does not grow for ever, and says how many it has let go."""
    log = ActivityLog(most=3)
    for _ in range(5):
        log.add(entry())

    activity = log.since(0)
    assert ids(activity) == [3, 4, 5]
    assert (activity.oldest, activity.gone) == (3, 2)


def test_large_answers_push_out_more() -> None:
    """The log is bounded in bytes, too."""
    log = ActivityLog(most_bytes=2500)
    for _ in range(5):
        log.add(entry(answer_body=b"x" * 1000))

    assert ids(log.since(0)) == [4, 5]


def test_bodies_are_cut() -> None:
    """Of a large body the beginning is kept, and how large it was."""
    kept = ActivityLog().add(entry(request_body=b"x" * 100_000, answer_size=7))

    assert (len(kept.request_body), kept.request_size) == (KEPT_BODY, 100_000)
    assert (kept.answer_body, kept.answer_size) == (b"", 7)


def test_clearing_forgets() -> None:
    """A cleared log is empty; what comes next is told as new."""
    log = ActivityLog(most=1)
    log.add(entry())
    log.add(entry())
    before = log.version

    log.clear()
    assert log.version > before
    assert log.since(0) == Activity(log.version, (), oldest=3, gone=0)
    log.add(entry())
    assert ids(log.since(2)) == [3]


def test_secrets_are_masked_even_if_nobody_else_did() -> None:
    """No credential is in the log, whoever wrote into it."""
    kept = ActivityLog().add(
        entry(
            url="https://u:planted@x.io/a?api_key=planted",
            request_headers=(("Authorization", "App planted"), ("Cookie", "planted")),
            request_body=b'{"client_secret":"planted"}',
            answer_headers=(("Set-Cookie", "planted"),),
            answer_body=b'{"access_token":"planted"}',
        )
    )

    assert "planted" not in repr(kept)
    assert kept.host == "x.io"


@pytest.mark.parametrize(
    ("changes", "failed"),
    [
        ({}, False),
        ({"status": 302}, False),
        ({"status": 404}, True),
        ({"status": None}, True),
        ({"problem": "It broke off."}, True),
    ],
)
def test_failures(changes: dict[str, object], failed: bool) -> None:
    """No answer, a refusal and a broken answer are failures."""
    assert entry(**changes).failed is failed


@pytest.mark.parametrize(
    ("url", "pull"),
    [
        ("https://x.io/push/1/inbox/reports?limit=5", True),
        ("https://x.io/push/1/inbox/reports/", True),
        ("https://x.io/proxy/push/1/inbox/reports", True),
        ("https://x.io/push/1/applications?of=/push/1/inbox/reports", False),
        ("https://x.io", False),
        ("nonsense", False),
    ],
)
def test_pulls_are_recognized(url: str, pull: bool) -> None:
    """A pull is known by its path, whatever its query."""
    assert entry(url=url).is_pull is pull


@pytest.mark.parametrize(
    ("url", "host", "path"),
    [
        ("https://x.io", "x.io", "/"),
        ("https://x.io?a=1#b", "x.io", "?a=1"),
        ("/a?to=http://y", "", "/a?to=http://y"),
        ("http://[x", "[x", "/"),
    ],
)
def test_odd_urls(url: str, host: str, path: str) -> None:
    """A URL that nobody could send to is shown all the same."""
    assert (entry(url=url).host, entry(url=url).path) == (host, path)


def test_many_threads_write() -> None:
    """Nothing is lost or doubled if several threads write while another looks."""
    log = ActivityLog(most=10_000)

    def write() -> None:
        for _ in range(500):
            log.add(entry())

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    seen: list[int] = []
    while any(thread.is_alive() for thread in threads):
        seen += ids(log.since(seen[-1] if seen else 0))
    seen += ids(log.since(seen[-1] if seen else 0))

    assert seen == list(range(1, 2001))


async def test_every_request_of_the_console_is_logged(
    paths: Paths, running: RunningSimulator, account: Account
) -> None:
    """The log names connection and purpose, and the outermost purpose is believed."""
    async with Console(paths) as console:
        await console.connect(account)
        with requested_by("Connection test"), requested_by("something less"):
            await console.platform.applications()
        await console.platform.applications()

        first, second = console.activity.since(0).entries
    assert (first.connection, first.method, first.path) == ("Test", "GET", "/push/1/applications")
    assert (first.status, first.attempt) == (200, 1)
    assert (first.asked_by, second.asked_by) == ("Connection test", "")
    assert Secret(running.api_key).mask(repr(first)) == repr(first)


async def test_the_connection_test_and_its_token_are_kept(
    paths: Paths, running: RunningSimulator
) -> None:
    """What tests a connection is listed under its name, and so is the fetching of a token."""
    credential = Credential(
        Secret(running.client_secret), AuthorizationKind.OAUTH2, running.client_id
    )
    account = Account("a-uuid", "OAuth", running.base_url, credential)
    async with Console(paths) as console:
        checked = await console.check(account)
        kept = console.activity.since(0).entries

    assert checked.severity == "ok"
    assert [one.method for one in kept] == ["POST", "GET"]
    assert {(one.connection, one.asked_by) for one in kept} == {("OAuth", "Connection test")}
    assert running.client_secret not in repr(kept)
