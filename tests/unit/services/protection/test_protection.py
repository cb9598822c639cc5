"""The modes: what is locked, for whom, for how long, and by what."""

from itertools import product
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from ibconsole.api import Call, CallKind, NotPermitted
from ibconsole.errors import UserError
from ibconsole.secret import Secret
from ibconsole.services.audit import Audit, AuditFilter, audit_rows
from ibconsole.services.connections import Account, Environment
from ibconsole.services.connections.account import Credential
from ibconsole.services.protection.policy import CLOSED, Policy
from ibconsole.services.protection.policy_source import PolicyInForce
from ibconsole.services.protection.protection import LOCKABLE, Protection, ReasonNeeded, WrongName
from ibconsole.services.runtime import LockCause

URL = "https://xyz.api.infobip.com"
TEST = Account("4f5ae3b2", "Acme test", URL, Credential(Secret("0123456789abcdef")), "test")
PRODUCTION = replace(
    TEST, connection="8d1b", name="Acme", environment="production", is_read_only=True
)


class Clock:
    """Elapsed milliseconds, set by the test."""

    now = 1_000

    def __call__(self) -> int:
        return self.now


def _policy(**keys: object) -> PolicyInForce:
    return PolicyInForce(Policy(**keys), "/etc/policy.toml")  # type: ignore[arg-type]


def _protection(
    policy: PolicyInForce | None = None, *, read_only: bool = False, clock: Clock | None = None
) -> Protection:
    found = policy or PolicyInForce()
    return Protection(read_only=read_only, policy=lambda: found, clock=clock or Clock())


def _cause(protection: Protection, account: Account, kind: CallKind) -> LockCause | None:
    lock = protection.lock_of(account, kind)
    return lock.cause if lock else None


def test_a_test_account_is_open_and_production_is_locked() -> None:
    protection = _protection()
    for kind in CallKind:
        assert _cause(protection, TEST, kind) is None
    assert _cause(protection, PRODUCTION, CallKind.READ) is None
    for kind in LOCKABLE:
        assert _cause(protection, PRODUCTION, kind) is LockCause.PRODUCTION
        assert _cause(protection, replace(TEST, is_read_only=True), kind) is LockCause.CONNECTION
        assert _cause(protection, replace(PRODUCTION, is_read_only=False), kind) is None


def test_the_option_locks_every_account_and_cannot_be_unlocked() -> None:
    protection = _protection(read_only=True)
    for account, kind in product((TEST, PRODUCTION), LOCKABLE):
        assert _cause(protection, account, kind) is LockCause.OPTION
        with pytest.raises(NotPermitted):
            protection.unlock(account, [kind], 5, account.name)
    assert _cause(protection, TEST, CallKind.READ) is None


@pytest.mark.parametrize(
    ("policy", "locked"),
    [
        (_policy(read_only=True), {CallKind.CHANGE, CallKind.PULL, CallKind.TEST}),
        (_policy(forbid_pulls=True), {CallKind.PULL}),
        (_policy(base_urls=(URL,)), set()),
        (_policy(base_urls=("https://abc.api.infobip.com",)), set(CallKind)),
        (PolicyInForce(CLOSED, "file", "line 1"), set(CallKind) - {CallKind.READ}),
        (_policy(forbid_raw_exports=True, forbid_remote_listener=True), set()),
    ],
)
def test_a_policy_locks_what_it_names(policy: PolicyInForce, locked: set[CallKind]) -> None:
    protection = _protection(policy)
    by_policy = {kind for kind in CallKind if _cause(protection, TEST, kind) is LockCause.POLICY}
    assert by_policy == locked
    for kind in locked:
        with pytest.raises(NotPermitted):
            protection.unlock(TEST, [kind], 5)


def test_no_policy_speaks_of_the_sandbox() -> None:
    sandbox = replace(TEST, environment=Environment.SANDBOX.value, is_simulated=True)
    protection = _protection(PolicyInForce(CLOSED, "file", "line 1"))
    assert all(_cause(protection, sandbox, kind) is None for kind in CallKind)


@pytest.mark.parametrize("environment", Environment)
@pytest.mark.parametrize("url", ["https://acme.api.infobip.com", "http://127.0.0.1:8080"])
def test_what_a_user_calls_a_sandbox_is_no_way_past_a_policy(
    environment: Environment, url: str
) -> None:
    """An account of any mark and address, also of a proxy on this computer, obeys it."""
    account = replace(TEST, environment=environment.value, base_url=url)
    protection = _protection(_policy(read_only=True, base_urls=("https://beta.example",)))
    assert all(_cause(protection, account, kind) is LockCause.POLICY for kind in CallKind)


def test_unlocking_is_for_one_kind_of_one_account_and_some_minutes() -> None:
    clock = Clock()
    protection = _protection(clock=clock)
    other = replace(PRODUCTION, connection="77aa", name="Other")
    protection.unlock(PRODUCTION, [CallKind.CHANGE], 2, " Acme ")

    assert _cause(protection, PRODUCTION, CallKind.CHANGE) is None
    assert _cause(protection, PRODUCTION, CallKind.PULL) is LockCause.PRODUCTION
    assert _cause(protection, other, CallKind.CHANGE) is LockCause.PRODUCTION
    assert protection.status_of(PRODUCTION).changes_left == 120_000

    clock.now += 120_000
    assert _cause(protection, PRODUCTION, CallKind.CHANGE) is LockCause.PRODUCTION
    assert protection.status_of(PRODUCTION).changes_left is None


def test_tests_are_unlocked_with_changes_and_this_computer_may_be_tested() -> None:
    protection = _protection()
    for url in ("https://hooks.example/in", "http://127.0.0.2.example/", "http://x.localhost/"):
        with pytest.raises(NotPermitted, match="locked for tests"):
            protection.require_test(PRODUCTION, url)
        protection.require_test(TEST, url)
        protection.require_test(None, url)
    protection.require_test(PRODUCTION, "http://127.0.0.1:8080/in")

    protection.unlock(PRODUCTION, [CallKind.CHANGE], 5, "Acme")
    protection.require_test(PRODUCTION, "https://hooks.example/in")
    with pytest.raises(NotPermitted):
        _protection(read_only=True).require_test(None, "https://hooks.example/in")
    with pytest.raises(NotPermitted):
        _protection(_policy(read_only=True)).require_test(None, "https://hooks.example/in")


def test_nothing_is_unlocked_if_one_kind_cannot_be() -> None:
    """What the policy forbids also leaves the other kinds of the same request locked."""
    protection = _protection(_policy(forbid_pulls=True))
    with pytest.raises(NotPermitted):
        protection.unlock(PRODUCTION, LOCKABLE, 5, "Acme")
    assert _cause(protection, PRODUCTION, CallKind.CHANGE) is LockCause.PRODUCTION


def test_it_can_be_locked_again_before_its_time() -> None:
    protection = _protection()
    protection.unlock(PRODUCTION, LOCKABLE, 10, "Acme")
    protection.lock(PRODUCTION)
    assert all(protection.lock_of(PRODUCTION, kind) for kind in LOCKABLE)


@pytest.mark.parametrize("typed", ["", "acme", "Acme test", "Acm"])
def test_production_needs_its_name(typed: str) -> None:
    protection = _protection()
    with pytest.raises(WrongName, match="which is Acme"):
        protection.unlock(PRODUCTION, LOCKABLE, 10, typed)
    assert all(protection.lock_of(PRODUCTION, kind) for kind in LOCKABLE)


def test_a_policy_that_appears_later_ends_what_was_unlocked(tmp_path: Path) -> None:
    found = [PolicyInForce()]
    protection = Protection(policy=lambda: found[0], clock=Clock())
    protection.unlock(PRODUCTION, LOCKABLE, 10, "Acme")
    protection.give_reason(PRODUCTION, "ticket 7")
    gate = protection.gate_of(PRODUCTION, Audit(tmp_path / "archive.sqlite3"))
    gate.require(Call(CallKind.CHANGE, "POST", "/"))

    found[0] = _policy(read_only=True)

    with pytest.raises(NotPermitted, match="Nothing was sent"):
        gate.require(Call(CallKind.CHANGE, "POST", "/"))
    gate.require(Call(CallKind.READ, "GET", "/"))


@pytest.mark.parametrize("is_read_only", [True, False])
def test_production_needs_a_reason(*, is_read_only: bool) -> None:
    """Also where it is not locked: what is sent to customers is explained in the audit."""
    account = replace(PRODUCTION, is_read_only=is_read_only)
    protection = _protection()
    protection.unlock(account, LOCKABLE, 5, "Acme")
    for kind, reason in product(LOCKABLE, ("", " \n")):
        protection.give_reason(account, reason)
        with pytest.raises(ReasonNeeded, match="--reason TEXT"):
            protection.require(account, kind)
    assert protection.status_of(account).needs_reason
    protection.require(account, CallKind.READ)
    protection.require_test(account, "https://hooks.example/in")

    protection.give_reason(account, " ticket\n7 \udce9")
    for kind in LOCKABLE:
        protection.require(account, kind)
    assert protection.reason_of(account) == "ticket 7 ?"
    assert not protection.status_of(account).needs_reason
    assert not protection.status_of(TEST).needs_reason

    with pytest.raises(UserError, match="501 characters"):
        protection.give_reason(account, "x" * 501)
    protection.lock(account)
    assert protection.needs_reason(account)


async def test_what_the_gate_permits_is_recorded_with_the_reason(tmp_path: Path) -> None:
    protection, path = _protection(), tmp_path / "archive.sqlite3"
    gate = protection.gate_of(TEST, Audit(path))
    protection.give_reason(TEST, "ticket 7")

    await gate.record(Call(CallKind.CHANGE, "DELETE", "/push/1/applications/abc"))
    protection.lock(TEST)
    await gate.record(Call(CallKind.PULL, "GET", "/push/1/inbox/reports"))
    await gate.record(Call(CallKind.READ, "GET", "/push/1/applications"))

    rows = list(audit_rows(path, AuditFilter()))
    assert [(row["method"], row["reason"]) for row in rows] == [("DELETE", "ticket 7"), ("GET", "")]


def test_what_was_created_for_a_while_may_be_removed_again() -> None:
    """This DELETE alone, of this account alone, and without a reason."""
    protection = _protection()
    removal, other = (Call(CallKind.CHANGE, "DELETE", path) for path in ("/a/1", "/a/2"))
    with protection.permitting_removal(PRODUCTION, "/a/1"):
        protection.require_call(PRODUCTION, removal)
        for account, call in (
            (PRODUCTION, other),
            (PRODUCTION, Call(CallKind.CHANGE, "POST", "/a/1")),
            (replace(PRODUCTION, connection="another"), removal),
        ):
            with pytest.raises(NotPermitted):
                protection.require_call(account, call)
    with pytest.raises(NotPermitted):
        protection.require_call(PRODUCTION, removal)


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        ({"policy": _policy(read_only=True)}, "set by your administrator"),
        ({"policy": _policy(base_urls=("https://other.api.infobip.com",))}, "administrator"),
        ({"read_only": True}, "--read-only"),
    ],
)
def test_nothing_else_permits_that_removal(limits: dict[str, Any], sentence: str) -> None:
    protection = _protection(**limits)
    with (
        protection.permitting_removal(TEST, "/a/1"),
        pytest.raises(NotPermitted, match=sentence),
    ):
        protection.require_call(TEST, Call(CallKind.CHANGE, "DELETE", "/a/1"))
