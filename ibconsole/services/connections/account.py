"""Accounts: connections to the platform together with their credentials."""

from collections.abc import Callable
from uuid import NAMESPACE_URL, uuid5

import msgspec

from ibconsole.api import (
    ApiClient,
    ApiKey,
    Authorization,
    Basic,
    Budget,
    ClientCredentials,
    Exchange,
    Gate,
    SessionToken,
)
from ibconsole.errors import UserError
from ibconsole.pasted import clean_key
from ibconsole.secret import Secret
from ibconsole.services.connections.connection import AuthorizationKind, Connection
from ibconsole.team_archive import TeamAddress

_STARTS_IN_CASE = 1_000  # requests at once: no platform counts those to a case
_SHORTEST_SHOWN = 16  # characters of a key whose first four may be shown


class NoAccount(UserError):
    """The operation needs a connection, and none is open."""

    def __init__(self) -> None:
        super().__init__("There is no connection; nothing was requested.")


class Credential(msgspec.Struct, frozen=True):
    """A secret and the kind of authorization it is sent with; `identity` as in Connection."""

    secret: Secret
    kind: AuthorizationKind = AuthorizationKind.API_KEY
    identity: str = ""

    @property
    def label(self) -> str:
        """A text that identifies the credential without revealing it: `key 1a2b…`, `user anna`."""
        match self.kind:
            case AuthorizationKind.BASIC:
                return f"user {self.identity}"
            case AuthorizationKind.OAUTH2:
                return f"client {self.identity}"
            case AuthorizationKind.IBSSO:
                return "session token"
        key = clean_key(self.secret.reveal(), "App")
        return f"key {key[:4]}…" if len(key) >= _SHORTEST_SHOWN else "key …"


class TeamAccess(msgspec.Struct, frozen=True):
    """The address of a team's archive, and the password for it.

    `password` is None where a certificate or a rule of the server replaces it, and where the
    keyring did not give it: `problem` is the reason then, a sentence for users.
    """

    address: TeamAddress
    password: Secret | None = None
    problem: str = ""


class Account(msgspec.Struct, frozen=True):
    """A connection with its secret. `connection` is its permanent UUID in the archive.

    If it `is_read_only`, nothing is changed or pulled unless it is unlocked for a while. It
    `is_simulated` if this process simulates the platform behind it: unlike the environment, no user
    can choose that; `case` is the title of the case that it simulates, if it does. `team` is None
    if no team shares what is received on it.
    """

    connection: str
    name: str
    base_url: str
    credential: Credential
    environment: str = ""
    colour: str = ""
    is_read_only: bool = False
    is_simulated: bool = False
    case: str = ""
    team: TeamAccess | None = None


def account_of(base_url: str, key: Secret, *, name: str = "", environment: str = "") -> Account:
    """Return an account without a saved connection; its UUID is derived from the base URL."""
    return Account(
        connection=str(uuid5(NAMESPACE_URL, base_url)),
        name=name or base_url,
        base_url=base_url,
        credential=Credential(key),
        environment=environment,
    )


def saved_account(
    connection: Connection, secret: Secret, team: TeamAccess | None = None
) -> Account:
    """Return the account of a saved connection."""
    return Account(
        connection=connection.id,
        name=connection.name,
        base_url=connection.base_url,
        credential=Credential(secret, connection.kind, connection.identity),
        environment=connection.environment.value,
        colour=connection.colour,
        is_read_only=connection.is_read_only,
        team=team,
    )


def authorization_of(
    base_url: str, credential: Credential, observe: Callable[[Exchange], None] | None = None
) -> Authorization:
    """Return the authorization of every request to this base URL.

    `observe` is called with each request that fetches a token. Raises BadCredential for a
    secret that cannot be sent as its kind.
    """
    match credential.kind:
        case AuthorizationKind.BASIC:
            return Basic(credential.identity, credential.secret)
        case AuthorizationKind.IBSSO:
            return SessionToken(credential.secret)
        case AuthorizationKind.OAUTH2:
            return ClientCredentials(
                base_url, credential.identity, credential.secret, observe=observe
            )
    return ApiKey(credential.secret)


def client_of(
    account: Account, gate: Gate, observe: Callable[[Exchange], None] | None = None
) -> ApiClient:
    """Return a client of this account, to be entered.

    `gate` is asked before each call, and `observe` is called with each request.

    Raises BadCredential or BadBaseUrl.
    """
    authorization = authorization_of(account.base_url, account.credential, observe)
    budget = Budget(_STARTS_IN_CASE) if account.case else None
    return ApiClient(account.base_url, authorization, gate=gate, budget=budget, observe=observe)
