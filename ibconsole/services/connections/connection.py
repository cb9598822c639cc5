"""A saved connection: an account on the platform, without its secret."""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID, uuid4

from ibconsole.api import normalize_base_url
from ibconsole.errors import UserError

COLOURS = ("blue", "teal", "green", "amber", "orange", "red", "pink", "violet")
_NAME = 60
_IDENTITY = 256
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


class AuthorizationKind(StrEnum):
    """How a connection shows who it is (platform.md §6)."""

    API_KEY = "api-key"
    BASIC = "basic"
    IBSSO = "ibsso"
    OAUTH2 = "oauth2"

    @property
    def identified_by(self) -> str:
        """What names the account beside the secret; empty where nothing does."""
        return {self.BASIC: "User name", self.OAUTH2: "Client ID"}.get(self, "")

    @property
    def secret_name(self) -> str:
        """What the secret is called."""
        return {
            self.API_KEY: "API key",
            self.BASIC: "Password",
            self.IBSSO: "Session token",
            self.OAUTH2: "Client secret",
        }[self]

    @property
    def words(self) -> str:
        """The kind as people call it."""
        return {
            self.API_KEY: "API key",
            self.BASIC: "Basic (user name and password)",
            self.IBSSO: "IBSSO session token",
            self.OAUTH2: "OAuth 2 client credentials",
        }[self]


class Environment(StrEnum):
    """How much depends on an account."""

    SANDBOX = "sandbox"
    TEST = "test"
    PRODUCTION = "production"


class BadConnection(UserError):
    """A connection cannot be as it was given; `field` names what is wrong with it."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True)
class Connection:
    """What is kept of an account: everything but its secret, which the keyring has under `id`.

    `identity` is the user name (Basic) or the client ID (OAuth 2), else empty.
    """

    id: str
    name: str
    base_url: str
    colour: str = COLOURS[0]
    environment: Environment = Environment.TEST
    kind: AuthorizationKind = AuthorizationKind.API_KEY
    identity: str = ""

    def tidied(self) -> "Connection":
        """The same in its one spelling. Raises BadConnection where something cannot be."""
        return replace(
            self,
            id=_id(self.id),
            name=_name(self.name),
            base_url=_base_url(self.base_url),
            colour=self.colour if self.colour in COLOURS else COLOURS[0],
            identity=_identity(self.kind, self.identity),
        )


def new_id() -> str:
    """A name for a connection that nothing else has, for the archive and the keyring."""
    return str(uuid4())


def _id(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise BadConnection("id", "The ID of a connection has to be a UUID.") from None


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name:
        raise BadConnection("name", "Give the connection a name, such as the customer's.")
    if len(name) > _NAME:
        raise BadConnection("name", f"A name has at most {_NAME} characters.")
    if _UNSEEN.search(name):
        raise BadConnection("name", "There is an invisible character in the name.")
    return name


def _base_url(text: str) -> str:
    try:
        return normalize_base_url(text)
    except UserError as error:
        raise BadConnection("base_url", str(error)) from None


def _identity(kind: AuthorizationKind, text: str) -> str:
    wanted = kind.identified_by
    if not wanted:
        return ""
    identity = text.strip()
    if not identity:
        raise BadConnection("identity", f"{wanted} is missing.")
    if len(identity) > _IDENTITY or _UNSEEN.search(identity):
        raise BadConnection("identity", f"{wanted} is too long or holds invisible characters.")
    if kind is AuthorizationKind.BASIC and ":" in identity:
        raise BadConnection("identity", "A user name holds no colon.")
    return identity
