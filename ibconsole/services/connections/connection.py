"""A saved connection: an account on the platform, without its secret."""

import re
from enum import StrEnum
from uuid import UUID, uuid4

import msgspec
from msgspec.structs import replace

from ibconsole.api import normalize_base_url
from ibconsole.errors import UserError
from ibconsole.pasted import clean_pasted
from ibconsole.team_archive import TeamAddress, normalize_team_database

COLOURS = ("blue", "teal", "green", "amber", "orange", "red", "pink", "violet")
_LONGEST_NAME = 60
_LONGEST_IDENTITY = 256
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


class AuthorizationKind(StrEnum):
    """The way in which a connection authenticates its requests (platform.md §6)."""

    API_KEY = "api-key"
    BASIC = "basic"
    IBSSO = "ibsso"
    OAUTH2 = "oauth2"

    @property
    def identity_name(self) -> str:
        """The name of the field that identifies the account, empty if there is none."""
        return {self.BASIC: "User name", self.OAUTH2: "Client ID"}.get(self, "")

    @property
    def secret_name(self) -> str:
        """The name of the field that holds the secret."""
        return {
            self.API_KEY: "API key",
            self.BASIC: "Password",
            self.IBSSO: "Session token",
            self.OAUTH2: "Client secret",
        }[self]

    @property
    def secret_noun(self) -> str:
        """The name of the secret inside a sentence: `password`, but `API key`."""
        name = self.secret_name
        return name if self is self.API_KEY else name.lower()

    @property
    def label(self) -> str:
        """The name of the kind as users know it."""
        return {
            self.API_KEY: "API key",
            self.BASIC: "Basic (user name and password)",
            self.IBSSO: "IBSSO session token",
            self.OAUTH2: "OAuth 2 client credentials",
        }[self]


class Environment(StrEnum):
    """The kind of environment that an account belongs to."""

    SANDBOX = "sandbox"
    TEST = "test"
    PRODUCTION = "production"


class InvalidConnection(UserError):
    """A connection is not valid; `field` names the field that is wrong."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


class Connection(msgspec.Struct, frozen=True):
    """The saved settings of an account. Its secret is in the keyring under `id`, a UUID.

    `identity` is the user name (Basic) or the client ID (OAuth 2), else empty. With
    `session_only` the secret is never read from the keyring: it is entered at each start.
    `read_only` of None depends on the environment: only production is read-only then.
    `team` is the database of the team that shares what is received, empty for none, and
    `team_account` the name of the account in it.
    """

    id: str
    name: str
    base_url: str
    colour: str = COLOURS[0]
    environment: Environment = Environment.TEST
    kind: AuthorizationKind = AuthorizationKind.API_KEY
    identity: str = ""
    session_only: bool = False
    read_only: bool | None = None
    team: str = ""
    team_account: str = ""

    @property
    def team_address(self) -> TeamAddress | None:
        """The address of the team's archive, None if there is no team."""
        return TeamAddress(self.team, self.team_account) if self.team else None

    @property
    def is_read_only(self) -> bool:
        """True if nothing is changed or pulled on it unless it is unlocked for a while."""
        if self.read_only is None:
            return self.environment is Environment.PRODUCTION
        return self.read_only

    def normalized(self) -> "Connection":
        """Return the connection in its canonical spelling. Raises InvalidConnection.

        An unknown colour becomes the first one.
        """
        return replace(
            self,
            id=_normalize_id(self.id),
            name=_normalize_name(self.name),
            base_url=_normalize_base_url(self.base_url),
            colour=self.colour if self.colour in COLOURS else COLOURS[0],
            identity=_normalize_identity(self.kind, self.identity),
            team=(team := _normalize_team(self.team)),
            team_account=_normalize_team_account(self.team_account) if team else "",
        )


def new_id() -> str:
    """Return a new UUID, by which the archive and the keyring know a connection."""
    return str(uuid4())


def _normalize_id(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise InvalidConnection("id", "The ID of a connection has to be a UUID.") from None


def _normalize_name(text: str) -> str:
    name = " ".join(text.split())
    if not name:
        raise InvalidConnection("name", "Give the connection a name, such as the customer's.")
    if len(name) > _LONGEST_NAME:
        raise InvalidConnection("name", f"A name has at most {_LONGEST_NAME} characters.")
    if _INVISIBLE.search(name):
        raise InvalidConnection("name", "There is an invisible character in the name.")
    return name


def _normalize_base_url(text: str) -> str:
    try:
        return normalize_base_url(text)
    except UserError as error:
        raise InvalidConnection("base_url", str(error)) from None


def _normalize_team(text: str) -> str:
    try:
        return normalize_team_database(text) if text.strip() else ""
    except UserError as error:
        raise InvalidConnection("team", str(error)) from None


def _normalize_team_account(text: str) -> str:
    name = " ".join(text.split())
    if not name:
        raise InvalidConnection(
            "team_account", "Give the name that the account has in the team's archive."
        )
    if len(name) > _LONGEST_NAME or _INVISIBLE.search(name):
        raise InvalidConnection(
            "team_account",
            f"The name of an account has at most {_LONGEST_NAME} visible characters.",
        )
    return name


def _normalize_identity(kind: AuthorizationKind, text: str) -> str:
    field = kind.identity_name
    if not field:
        return ""
    # A user name is taken literally, but for what cannot be seen at its ends.
    identity = clean_pasted(text) if kind is AuthorizationKind.OAUTH2 else text.strip()
    if not identity:
        raise InvalidConnection("identity", f"{field} is missing.")
    if len(identity) > _LONGEST_IDENTITY or _INVISIBLE.search(identity):
        raise InvalidConnection(
            "identity", f"{field} is too long or contains invisible characters."
        )
    if kind is AuthorizationKind.BASIC and ":" in identity:
        raise InvalidConnection("identity", "A user name cannot contain a colon.")
    return identity
