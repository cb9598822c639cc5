"""What may be borrowed, and how an action of a lease is recognized."""

import pytest
from msgspec.structs import replace

from ibconsole.api import NotPermitted, PlatformBroken, RateLimited, Unreachable
from ibconsole.errors import UserError
from ibconsole.model import ActionType, read_action
from ibconsole.secret import Secret
from ibconsole.services.connections.account import account_of
from ibconsole.services.setup.lease.values import (
    LeaseDetails,
    LeaseError,
    LeaseRequest,
    may_have_worked,
    new_lease,
    new_path,
    own_action,
    require_usable,
    status_of,
)

ACCOUNT = account_of("https://x.api.infobip.com", Secret("k" * 20), name="Acme")
REQUEST = LeaseRequest("code", "https://t.example/", name="Shop")


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        (replace(REQUEST, url="t.example"), "must be like"),
        (replace(REQUEST, url="https://"), "must be like"),
        (replace(REQUEST, url="https://[::1"), "must be like"),
        (replace(REQUEST, url="https://t.example/?to=1"), "must be like"),
        (replace(REQUEST, url="https://anna:pw@t.example"), "must be like"),
        (replace(REQUEST, url="http://127.0.0.1:8484"), "cannot reach"),
        (replace(REQUEST, minutes=0), "up to 240"),
        (replace(REQUEST, minutes=1e9), "up to 240"),
        (replace(REQUEST, minutes=float("nan")), "up to 240"),
    ],
)
def test_unusable_wishes_are_explained_before_anything_is_sent(
    request_: LeaseRequest, sentence: str
) -> None:
    with pytest.raises(LeaseError, match=sentence):
        require_usable(request_, ACCOUNT)


def test_a_simulated_platform_reaches_this_computer() -> None:
    simulated = account_of("http://127.0.0.1:9", Secret("k" * 20))
    assert require_usable(replace(REQUEST, url=" http://localhost:8484/ "), simulated) == (
        "http://localhost:8484"
    )
    assert require_usable(REQUEST, ACCOUNT) == "https://t.example"


def test_paths_cannot_be_guessed() -> None:
    paths = {new_path() for _ in range(100)}
    assert len(paths) == 100
    assert all(len(path.removeprefix("/inbound/lease-")) == 32 for path in paths)


@pytest.mark.parametrize(
    ("url", "is_own"),
    [
        ("https://t.example{}", True),
        ("https://T.Example/base{}/", True),
        ("HTTPS://t.example/INBOUND/LEASE-{token}", True),
        ("https://t.example/inbound/%6Cease-{token}", True),
        ("https://customer.example/proxy?to=https://t.example{}", False),
        ("https://t.example{}/more", False),
        ("https://t.example/inbound/lease-", False),
        ("https://[t.example{}", False),
        ("", False),
    ],
)
def test_an_action_is_the_leases_by_its_path_alone(url: str, is_own: bool) -> None:
    """The platform may spell a URL in another way; whatever else leads elsewhere is not ours."""
    path = new_path()
    url = url.replace("{}", path).replace("{token}", path.rpartition("-")[2])
    forward = read_action({"key": "a", "type": "HTTP_FORWARD", "forwardUrl": url})

    assert bool(own_action([forward], path)) is is_own
    assert own_action([replace(forward, type=ActionType.PULL)], path) is None


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (Unreachable("x", sent=True), True),
        (Unreachable("x"), False),
        (PlatformBroken("x", status=500), True),
        (RateLimited(retry_after=1.0), False),
        (NotPermitted("x"), False),
        (UserError("x"), False),
    ],
)
def test_only_some_failures_leave_open_what_was_done(error: UserError, answer: bool) -> None:
    assert may_have_worked(error) is answer


def test_the_status_shows_what_was_asked_for() -> None:
    details = LeaseDetails("https://t.example", "Shop", "Acme", ACCOUNT.base_url)
    lease = new_lease(REQUEST, ACCOUNT, details)
    status = status_of(lease, holder="process 7")

    assert status.url == f"https://t.example{lease.path}"
    assert (status.name, status.account, status.holder) == ("Shop", "Acme", "process 7")
    assert status.ends_at - status.since == 15 * 60_000
    assert not status.is_own
    reserved = new_lease(replace(REQUEST, path="/inbound/lease-x"), ACCOUNT, details)
    assert reserved.path == "/inbound/lease-x"
