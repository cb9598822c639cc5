"""The limits of what is sent to an account: policy, read-only mode, locks of production.

The rules are applied by the gate of every client, so that every part of the program obeys them.
"""

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Protocol

from ibconsole.api import Call, CallKind, Finish, Gate, NotPermitted, normalize_base_url
from ibconsole.clock import elapsed_ms
from ibconsole.errors import UserError
from ibconsole.hosts import host_of, is_certainly_loopback
from ibconsole.services.connections import Account, Environment
from ibconsole.services.protection.policy_source import PolicyInForce, find_policy
from ibconsole.services.runtime import Lock, LockCause, ProtectionStatus

LOCKABLE = (CallKind.CHANGE, CallKind.PULL)
DEFAULT_MINUTES = 15
LONGEST_MINUTES = 240
LONGEST_REASON = 500  # characters


class WrongName(UserError):
    """The name that unlocks a production account was not its name."""


class ReasonNeeded(NotPermitted):
    """A production account is about to be changed or pulled from, and no reason was given."""


class CallRecorder(Protocol):
    """Records what is sent to accounts."""

    async def record(self, account: Account, call: Call, reason: str, /) -> Finish:
        """Record the intent to send a call; see `Gate.record`."""


class Protection:
    """The protection of every account that this process uses.

    `read_only` is that of the command line. `clock` returns elapsed milliseconds; it must count
    a suspension of the computer, so that nothing stays unlocked over night. The policy is read
    again before each call that it could forbid. Its methods block on the disk for that.
    """

    def __init__(
        self,
        *,
        read_only: bool = False,
        policy: Callable[[], PolicyInForce] = find_policy,
        clock: Callable[[], int] = elapsed_ms,
    ) -> None:
        self._read_only = read_only
        self._policy = policy
        self._clock = clock
        self._unlocked: dict[tuple[str, CallKind], float] = {}  # elapsed milliseconds
        self._reasons: dict[str, str] = {}
        self._locked: set[str] = set()  # by hand, for as long as the process runs
        self._removals: Counter[tuple[str, str]] = Counter()  # connection and path of a DELETE

    def policy(self) -> PolicyInForce:
        """Read the policy in force."""
        return self._policy()

    def gate_of(self, account: Account, audit: CallRecorder) -> Gate:
        """Return the gate of a client of this account; see `lock_of`.

        What it permits is recorded in the audit before it is sent.
        """
        return _AuditedGate(self, account, audit)

    def give_reason(self, account: Account, reason: str) -> None:
        """Record this reason with what is sent to the account from now on.

        Raises UserError, and keeps the reason that was given before, for one that is too long.
        """
        words = " ".join(reason.encode(errors="replace").decode().split())
        if len(words) > LONGEST_REASON:
            raise UserError(
                f"The reason has {len(words):,} characters, and {LONGEST_REASON} is the most that"
                " the audit keeps. Nothing was sent; give a shorter one."
            )
        self._reasons[account.connection] = words

    def reason_of(self, account: Account) -> str:
        """Return the reason that was given for what is sent to the account; may be empty."""
        return self._reasons.get(account.connection, "")

    def needs_reason(self, account: Account) -> bool:
        """Return whether nothing may be changed or pulled until a reason is given: production."""
        is_production = account.environment == Environment.PRODUCTION
        return is_production and not self.reason_of(account)

    def require(self, account: Account | None, kind: CallKind) -> None:
        """Raise NotPermitted if this kind of call is locked; without an account, for any.

        Raises ReasonNeeded for one that is not locked, if the audit needs a reason for it.
        """
        lock = self.lock_of(account, kind)
        if lock:
            raise NotPermitted(f"{lock.sentence} Nothing was sent.")
        if account and kind in LOCKABLE and self.needs_reason(account):
            raise ReasonNeeded(
                f"{account.name} is a production account, so its audit needs a reason for this:"
                " add --reason TEXT to the command. Nothing was sent."
            )

    @contextmanager
    def permitting_removal(self, account: Account, path: str) -> Iterator[None]:
        """Permit the DELETE of one object in the block, though the account is locked again.

        For what this program created for a while: the permission to create it included its end.
        The policy and --read-only forbid it as they forbid every change; no reason is needed.
        """
        key = account.connection, path
        self._removals[key] += 1
        try:
            yield
        finally:
            self._removals[key] -= 1

    def require_call(self, account: Account, call: Call) -> None:
        """Raise NotPermitted for a call that must not be sent; see `require`."""
        if call.method == "DELETE" and self._removals[account.connection, call.path] > 0:
            lock = self._outer_lock(account, call.kind)
            if lock:
                raise NotPermitted(f"{lock.sentence} Nothing was sent.")
        else:
            self.require(account, call.kind)

    def require_test(self, account: Account | None, url: str) -> None:
        """Raise NotPermitted if no test may be posted to this URL; this computer's own may be."""
        lock = self.test_lock_of(account, url)
        if lock:
            raise NotPermitted(f"{lock.sentence} Nothing was sent.")

    def test_lock_of(self, account: Account | None, url: str) -> Lock | None:
        """Return why no test may be posted to this URL; None if it may be."""
        if is_certainly_loopback(host_of(url)):
            return None
        return self.lock_of(account, CallKind.TEST)

    def lock_of(self, account: Account | None, kind: CallKind) -> Lock | None:
        """Return why this kind of call is locked for an account; None if it is permitted.

        No policy speaks of the platform that this process simulates, only the command line. A
        connection that a user calls a sandbox may lead anywhere. What unlocks changes unlocks
        tests as well.
        """
        lock = self._outer_lock(account, kind)
        if lock or kind is CallKind.READ or account is None or self._is_unlocked(account, kind):
            return lock
        return _connection_lock(account, kind, by_hand=account.connection in self._locked)

    def _outer_lock(self, account: Account | None, kind: CallKind) -> Lock | None:
        """Return the lock of the policy or the command line, which nothing unlocks."""
        if account is None or not account.is_simulated:
            lock = _policy_lock(self._policy(), account, kind)
            if lock:
                return lock
        if self._read_only and kind is not CallKind.READ:
            return Lock(LockCause.OPTION, "The program was started with --read-only.")
        return None

    def unlock(
        self, account: Account, kinds: Collection[CallKind], minutes: float, typed: str = ""
    ) -> None:
        """Unlock kinds of calls of one account for some minutes; the others stay as they are.

        With infinite `minutes` they stay unlocked as long as the process runs. Unlocks nothing and
        raises WrongName if `typed` is not the name of a production account, and NotPermitted for
        what cannot be unlocked.
        """
        if account.environment == Environment.PRODUCTION:
            require_name(account, typed)
        for lock in filter(None, (self.lock_of(account, kind) for kind in kinds)):
            if not lock.can_be_unlocked:
                raise NotPermitted(f"{lock.sentence} It cannot be unlocked here.")
        until = self._clock() + 60_000 * max(minutes, 0.0)
        self._unlocked |= {(account.connection, kind): until for kind in kinds}

    def lock(self, account: Account) -> None:
        """Lock everything of one account, also of one that is not read-only by its settings."""
        self._locked.add(account.connection)
        self._reasons.pop(account.connection, None)
        for kind in LOCKABLE:
            self._unlocked.pop((account.connection, kind), None)

    def status_of(self, account: Account) -> ProtectionStatus:
        """Return the state to show."""
        return ProtectionStatus(
            self.lock_of(account, CallKind.CHANGE),
            self.lock_of(account, CallKind.PULL),
            self._left(account, CallKind.CHANGE),
            self._left(account, CallKind.PULL),
            self.needs_reason(account),
        )

    def _is_unlocked(self, account: Account, kind: CallKind) -> bool:
        kind = CallKind.CHANGE if kind is CallKind.TEST else kind
        return self._unlocked.get((account.connection, kind), 0) > self._clock()

    def _left(self, account: Account, kind: CallKind) -> int | None:
        left = self._unlocked.get((account.connection, kind), 0) - self._clock()
        return round(left) if 0 < left < math.inf else None


class _AuditedGate:
    """The gate of one account."""

    def __init__(self, protection: Protection, account: Account, audit: CallRecorder) -> None:
        self._protection = protection
        self._account = account
        self._audit = audit

    def require(self, call: Call) -> None:
        self._protection.require_call(self._account, call)

    async def record(self, call: Call) -> Finish:
        reason = self._protection.reason_of(self._account)
        return await self._audit.record(self._account, call, reason)


def require_name(account: Account, typed: str) -> None:
    """Raise WrongName unless this is the name of the account's connection."""
    if " ".join(typed.split()) != account.name:
        raise WrongName(
            f"{typed.strip() or 'Nothing'} is not the name of the connection, which is"
            f" {account.name}; it stays locked."
        )


def _policy_lock(found: PolicyInForce, account: Account | None, kind: CallKind) -> Lock | None:
    policy = found.policy
    if found.problem and kind is not CallKind.READ:
        return Lock(LockCause.POLICY, found.complaint)
    pinned = policy.base_urls if account else ()
    if account and pinned and normalize_base_url(account.base_url) not in pinned:
        return _by_administrator(f"{account.base_url} is not an account that may be used here")
    if kind in {CallKind.CHANGE, CallKind.TEST} and policy.read_only:
        return _by_administrator("Accounts are read-only here")
    if kind is CallKind.PULL and (policy.forbid_pulls or policy.read_only):
        return _by_administrator("No messages may be pulled here")
    return None


def _by_administrator(fact: str) -> Lock:
    return Lock(LockCause.POLICY, f"{fact}: this is set by your administrator.")


def _connection_lock(account: Account, kind: CallKind, *, by_hand: bool) -> Lock | None:
    if not account.is_read_only and not by_hand:
        return None
    purpose = {CallKind.PULL: "pulls", CallKind.TEST: "tests"}.get(kind, "changes")
    if account.environment == Environment.PRODUCTION:
        return Lock(
            LockCause.PRODUCTION,
            f"{account.name} is a production account and locked for {purpose}. Unlock it in the"
            f' window, or add --production-ok "{account.name}" --reason TEXT to the command.',
        )
    return Lock(
        LockCause.CONNECTION,
        f"{account.name} is read-only. Unlock it in the window, or change the connection: "
        f'ibconsole connections edit "{account.name}" --no-read-only.',
    )
