"""Which account the program talks to, and with what right."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

from ibconsole.api import ApiKey, Authorization, Basic, ClientCredentials, Exchange, SessionToken
from ibconsole.secret import Secret
from ibconsole.services.connections.connection import AuthorizationKind, Connection

_SHORTEST_TOLD = 16  # characters of a secret of which the first four may be shown


@dataclass(frozen=True, slots=True)
class Credential:
    """A secret, and how it is to be sent; `identity` as in Connection."""

    secret: Secret
    kind: AuthorizationKind = AuthorizationKind.API_KEY
    identity: str = ""

    @property
    def label(self) -> str:
        """Enough to recognize it, and no more: `key 1a2b…`, `user anna`."""
        match self.kind:
            case AuthorizationKind.BASIC:
                return f"user {self.identity}"
            case AuthorizationKind.OAUTH2:
                return f"client {self.identity}"
            case AuthorizationKind.IBSSO:
                return "session token"
        key = self.secret.reveal()
        return f"key {key[:4]}…" if len(key) >= _SHORTEST_TOLD else "key …"


@dataclass(frozen=True, slots=True)
class Account:
    """A connection with its secret: its UUID names it in the archive, for as long as it exists."""

    connection: str
    name: str
    base_url: str
    credential: Credential
    environment: str = ""
    colour: str = ""


def account_of(base_url: str, key: Secret, *, name: str = "", environment: str = "") -> Account:
    """An account that nobody saved: its UUID follows from the base URL."""
    return Account(
        connection=str(uuid5(NAMESPACE_URL, base_url)),
        name=name or base_url,
        base_url=base_url,
        credential=Credential(key),
        environment=environment,
    )


def saved_account(connection: Connection, secret: Secret) -> Account:
    """A saved connection, ready to be used."""
    return Account(
        connection=connection.id,
        name=connection.name,
        base_url=connection.base_url,
        credential=Credential(secret, connection.kind, connection.identity),
        environment=connection.environment.value,
        colour=connection.colour,
    )


def authorization_of(
    base_url: str, credential: Credential, observe: Callable[[Exchange], None] | None = None
) -> Authorization:
    """What says who we are, in each request to this base URL.

    Raises BadCredential for a secret that cannot be sent as its kind. `observe` is told of
    the requests that it takes to get a token.
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
