"""The log of requests: bounded, thread-safe, without secrets."""

import threading

import pytest

from ibconsole.api.exchange import KEPT_BODY, Exchange, current_purpose
from ibconsole.errors import Severity
from ibconsole.secret import Secret
from ibconsole.services.connections.account import Account, Credential
from ibconsole.services.connections.connection import AuthorizationKind
from ibconsole.services.console.console import Console
from ibconsole.services.request_log.log import (
    Activity,
    ActivityLog,
    Entry,
    purpose_part,
    request_purpose,
)
from ibconsole.services.runtime.paths import Paths
from ibconsole.simulator.running import RunningSimulator


def entry(**changes: object) -> Entry:
    values = {"started_at": 1, "method": "GET", "url": "https://x.io/a", "status": 200}
    return Entry(**{**values, **changes})  # type: ignore[arg-type]


def ids(activity: Activity) -> list[int]:
    return [one.id for one in activity.entries]


def test_exchange_becomes_an_entry() -> None:
    """An entry has every field of the exchange, and the name of the connection."""
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
            purpose="Applications: refresh",
            request_headers=(("Authorization", "App ••••"),),
            answer_body=b"{}",
            answer_size=2,
        )
    )

    [added] = log.since(0).entries
    assert added == Entry(
        id=1,
        started_at=7,
        connection="Test",
        method="GET",
        url="https://x.io:8443/push/1/applications?x=1",
        status=503,
        duration=0.5,
        attempt=2,
        problem="The platform is failing.",
        purpose="Applications: refresh",
        request_headers=(("Authorization", "App ••••"),),
        answer_body=b"{}",
        answer_size=2,
    )
    assert (added.host, added.path, added.failed) == ("x.io:8443", "/push/1/applications?x=1", True)


def test_new_entries() -> None:
    """The log returns the entries newer than an id, oldest first."""
    log = ActivityLog()
    first = log.version
    for _ in range(3):
        log.add(entry())

    assert ids(log.since(0)) == [1, 2, 3]
    assert ids(log.since(2)) == [3]
    assert ids(log.since(3)) == []
    assert log.version > first


def test_oldest_entries_are_dropped() -> None:
    """The number of entries is limited; the oldest are dropped and counted."""
    log = ActivityLog(max_entries=3)
    for _ in range(5):
        log.add(entry())

    activity = log.since(0)
    assert ids(activity) == [3, 4, 5]
    assert (activity.oldest, activity.dropped) == (3, 2)


def test_size_is_limited() -> None:
    """The size of the log in bytes is limited, too."""
    log = ActivityLog(max_bytes=2500)
    for _ in range(5):
        log.add(entry(answer_body=b"x" * 1000))

    assert ids(log.since(0)) == [4, 5]


def test_bodies_are_truncated() -> None:
    """The beginning of a large body is kept, with the size of the whole."""
    kept = ActivityLog().add(entry(request_body=b"x" * 100_000, answer_size=7))

    assert (len(kept.request_body), kept.request_size) == (KEPT_BODY, 100_000)
    assert (kept.answer_body, kept.answer_size) == (b"", 7)


def test_clear() -> None:
    """A cleared log is empty; the next entries are new."""
    log = ActivityLog(max_entries=1)
    log.add(entry())
    log.add(entry())
    before = log.version

    log.clear()
    assert log.version > before
    assert log.since(0) == Activity(log.version, (), oldest=3, dropped=0)
    log.add(entry())
    assert ids(log.since(2)) == [3]


def test_secrets_are_masked() -> None:
    """Credentials are masked in every part of an entry."""
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
    """No answer, an error status and an incomplete answer are failures."""
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
    """A pull is recognized by its path, with any query."""
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
def test_invalid_urls(url: str, host: str, path: str) -> None:
    """An invalid URL has a host and a path, too."""
    assert (entry(url=url).host, entry(url=url).path) == (host, path)


def test_threads() -> None:
    """No entry is lost or duplicated if several threads write while another reads."""
    log = ActivityLog(max_entries=10_000)

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


async def test_console_logs_every_request(
    paths: Paths, running: RunningSimulator, account: Account
) -> None:
    """The log names the connection and the outermost purpose of each request."""
    async with Console(paths) as console:
        await console.connect(account)
        with request_purpose("Connection test"), request_purpose("something less"):
            await console.platform.applications()
        await console.platform.applications()

        first, second = console.activity.since(0).entries
    assert (first.connection, first.method, first.path) == ("Test", "GET", "/push/1/applications")
    assert (first.status, first.attempt) == (200, 1)
    assert (first.purpose, second.purpose) == ("Connection test", "")
    assert Secret(running.api_key).mask(repr(first)) == repr(first)


async def test_connection_test_is_logged(paths: Paths, running: RunningSimulator) -> None:
    """The requests of a connection test, including that for a token, have its name."""
    credential = Credential(
        Secret(running.client_secret), AuthorizationKind.OAUTH2, running.client_id
    )
    account = Account("a-uuid", "OAuth", running.base_url, credential)
    async with Console(paths) as console:
        checked = await console.check(account)
        kept = console.activity.since(0).entries

    assert checked.severity is Severity.OK
    assert [one.method for one in kept] == ["POST", "GET"]
    assert {(one.connection, one.purpose) for one in kept} == {("OAuth", "Connection test")}
    assert running.client_secret not in repr(kept)


def test_parts_of_a_purpose() -> None:
    """Requests that prepare another one are logged as a part of its purpose."""
    with request_purpose("Create action"):
        with purpose_part("before it"):
            assert current_purpose.get() == "Create action: before it"
        assert current_purpose.get() == "Create action"
    with purpose_part("before it"):
        assert current_purpose.get() == "before it"
