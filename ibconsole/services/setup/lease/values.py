"""The values of a borrowed route: what is asked for, its path, and how its action is recognized.

An action belongs to a lease if its URL ends in the lease's path, which cannot be guessed and is
used once: so it is found although the answer to its creation was lost.
"""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

import msgspec

from ibconsole.api import ApiError, Refused, Unreachable
from ibconsole.archive.leases import LeaseArrivals, StoredLease
from ibconsole.clock import now_ms
from ibconsole.errors import UserError
from ibconsole.hosts import host_of, is_loopback
from ibconsole.lazy import lazy_pattern
from ibconsole.model import Action, ActionType
from ibconsole.services.connections import Account
from ibconsole.services.runtime import LeaseState, LeaseStatus

DEFAULT_LEASE_MINUTES = 15
LONGEST_LEASE_MINUTES = 240
LATE_RETRIES_MS = 48 * 3_600_000  # for which a path is still answered after its action is removed
_PREFIX = "/inbound/lease-"
_ANY_PATH = lazy_pattern(rf"(?i){_PREFIX}[0-9a-f]{{32}}/?\Z")


class LeaseError(UserError):
    """A route could not be borrowed, or what was borrowed could not be given back."""


class AlreadyLent(LeaseError):
    """The application has a borrowed route already."""


class LeaseRequest(msgspec.Struct, frozen=True):
    """A wish to borrow the route of an application, by its code, for some minutes.

    `url` is the public address that leads to the listener, without the lease's path. `path` is one
    of `Leases.reserve_path`, empty for a new one. `name` is that of the application.
    """

    application: str
    url: str
    minutes: float = DEFAULT_LEASE_MINUTES
    name: str = ""
    path: str = ""


class LeaseDetails(msgspec.Struct, frozen=True, omit_defaults=True):
    """The details of a lease that no query asks for; `after` is the last delivery before it.

    `reason` is the one that the user gave for the change, `credential` the label of the credential
    that the route was borrowed with, and `process` the process that did.
    """

    url: str
    name: str = ""
    account: str = ""
    base_url: str = ""
    credential: str = ""
    reason: str = ""
    process: str = ""
    after: int = 0


def new_path() -> str:
    """Return a path that cannot be guessed, in a spelling that survives changes of case."""
    return f"{_PREFIX}{secrets.token_hex(16)}"


def new_lease_id() -> str:
    """Return a short name for a lease, to be typed."""
    return secrets.token_hex(4)


def require_usable(request: LeaseRequest, account: Account) -> str:
    """Return the public address of a request, without a slash at its end. Raises LeaseError."""
    address = request.url.strip().rstrip("/")
    try:
        parts = urlsplit(address)
        is_usable = _is_address(parts)
    except ValueError:
        is_usable = False
    if not is_usable:
        raise LeaseError(
            "The public address must be like https://name.example, without a question mark or a"
            " password. Nothing was sent."
        )
    if is_loopback(host_of(address)) and not is_loopback(host_of(account.base_url)):
        raise LeaseError(
            f"The platform cannot reach {address}, which is this computer by its own name. Nothing"
            " was sent; start a tunnel to the listener, and give its address."
        )
    if not 0 < request.minutes <= LONGEST_LEASE_MINUTES:
        raise LeaseError(
            f"A route can be borrowed for up to {LONGEST_LEASE_MINUTES} minutes. Nothing was sent."
        )
    return address


def leads_to(url: str, path: str) -> bool:
    """Return whether a forward URL ends in a lease's path."""
    try:
        found = unquote(urlsplit(url).path)
    except ValueError:
        return False
    return found.rstrip("/").casefold().endswith(path)


def is_borrowed(action: Action) -> bool:
    """Return whether an action belongs to any lease, such as that of another computer."""
    return action.type == ActionType.HTTP_FORWARD and bool(_ANY_PATH.search(action.forward_url))


def own_action(actions: Sequence[Action], path: str) -> Action | None:
    """Return an action that belongs to the lease of this path."""
    forwards = (one for one in actions if one.type == ActionType.HTTP_FORWARD)
    return next((one for one in forwards if leads_to(one.forward_url, path)), None)


def may_have_worked(error: UserError) -> bool:
    """Return whether a creating request that failed so may have been carried out, or may yet be."""
    if isinstance(error, Unreachable):
        return error.sent
    return isinstance(error, ApiError) and not isinstance(error, Refused)


def details_of(lease: StoredLease) -> LeaseDetails:
    """Return the details of a stored lease."""
    return msgspec.json.decode(lease.content, type=LeaseDetails)


def is_lent_by(lease: StoredLease, account: Account) -> bool:
    """Return whether a route of this account was borrowed.

    Its connection may be saved anew since, or saved only since: the address and the credential
    identify the account as well.
    """
    details = details_of(lease)
    is_same = (details.base_url, details.credential) == (account.base_url, account.credential.label)
    return lease.connection == account.connection or is_same


def status_of(
    lease: StoredLease,
    *,
    arrivals: LeaseArrivals | None = None,
    is_own: bool = False,
    holder: str = "",
    ends_at: int | None = None,
) -> LeaseStatus:
    """Return the state of a lease to show."""
    details = details_of(lease)
    values: Mapping[str, Any] = {
        "received": arrivals.messages if arrivals else 0,
        "last_at": arrivals.last_at if arrivals else None,
    }
    return LeaseStatus(
        id=lease.id,
        connection=lease.connection,
        application=lease.application,
        url=f"{details.url}{lease.path}",
        path=lease.path,
        state=LeaseState(lease.state),
        since=lease.made_at,
        ends_at=lease.ends_at if ends_at is None else ends_at,
        name=details.name,
        account=details.account,
        base_url=details.base_url,
        credential=details.credential,
        ended_at=lease.ended_at,
        is_own=is_own,
        holder=holder,
        problem=lease.problem,
        **values,
    )


def new_lease(request: LeaseRequest, account: Account, details: LeaseDetails) -> StoredLease:
    """Return the lease of a request, before anything of it exists."""
    now = now_ms()
    return StoredLease(
        id=new_lease_id(),
        connection=account.connection,
        application=request.application,
        path=request.path or new_path(),
        state=LeaseState.CREATING,
        made_at=now,
        ends_at=now + round(60_000 * request.minutes),
        content=msgspec.json.encode(details).decode(),
    )


def _is_address(parts: SplitResult) -> bool:
    is_http = parts.scheme in {"http", "https"} and bool(parts.hostname)
    return is_http and not (parts.query or parts.fragment or parts.username or parts.password)
