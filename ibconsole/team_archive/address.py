"""The address of a team's archive: a URL without a secret, or a service, and an account in it.

Knows nothing of psycopg, so that settings can be read without it.
"""

import re
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

from ibconsole.errors import UserError

_LONGEST = 2_048
_SCHEMES = ("postgresql", "postgres")
_SECRETS = ("password", "sslpassword", "passfile", "oauth_client_secret")
_SERVICE = re.compile(r"service=([\w.@-]{1,128})\Z")
# Parameters that lead elsewhere, or weaken the encryption, whatever else the address says.
_LEADING = (
    "host", "hostaddr", "port", "dbname", "service", "servicefile", "ssl", "requiressl",
)  # fmt: skip
_CONTROLS = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


class BadTeamAddress(UserError):
    """The text is no address of a team's archive, or it has a secret."""


class TeamAddress(msgspec.Struct, frozen=True):
    """The database of a team and the name of an account in it.

    `database` is a URL of PostgreSQL without a password, or `service=NAME` of a service file.
    """

    database: str
    account: str

    @property
    def label(self) -> str:
        """The address as users recognize it: host and database, or the service."""
        if self.database.startswith("service="):
            return self.database.removeprefix("service=")
        parts = urlsplit(self.database)
        host = parts.netloc.rpartition("@")[2]
        if not host or host.upper().startswith("%2F"):  # the directory of a socket
            host = "this computer"
        return f"{host}{parts.path}"


def normalize_team_database(text: str) -> str:
    """Return the address of a team's database in its canonical spelling.

    Raises BadTeamAddress: not the URL of a PostgreSQL database or `service=NAME`, or with a
    password, which belongs into the keyring.
    """
    text = text.strip()
    if len(text) > _LONGEST or _CONTROLS.search(text):
        raise BadTeamAddress("The address of the team's archive contains spaces or is too long.")
    if _SERVICE.match(text):
        return text
    try:
        parts = urlsplit(text)
        user, password = parts.username, parts.password
    except ValueError:
        raise BadTeamAddress("The address of the team's archive is not a valid URL.") from None
    if parts.scheme not in _SCHEMES or parts.fragment:
        raise BadTeamAddress(
            "Give the address of the team's archive as postgresql://user@host/database, or as"
            " service=NAME."
        )
    names = {name.lower() for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    if password is not None or ":" in unquote(user or "") or names.intersection(_SECRETS):
        raise BadTeamAddress(
            "Leave the password out of the address: it is stored separately, in the keyring."
        )
    return text.replace("postgres://", "postgresql://", 1)


def is_database(database: str, pinned: str) -> bool:
    """Return whether an address is the pinned database; both are in their canonical spelling.

    Users may differ, and parameters that are not pinned and lead nowhere else.
    """
    if "service=" in (database[:8], pinned[:8]):
        return database == pinned
    named, wanted = urlsplit(database), urlsplit(pinned)
    if (_hosts(named.netloc), unquote(named.path)) != (_hosts(wanted.netloc), unquote(wanted.path)):
        return False
    parameters, required = _parameters(named.query), _parameters(wanted.query)
    keys = {*required, *(key for key in parameters if key.lower() in _LEADING)}
    return all(parameters.get(key) == required.get(key) for key in keys - {"user"})


def _hosts(netloc: str) -> list[str]:
    hosts = unquote(netloc.rpartition("@")[2]).lower().split(",")
    return [host.removesuffix(":5432") for host in hosts]


def _parameters(query: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key, value in parse_qsl(query, keep_blank_values=True):
        found.setdefault(key, []).append(value)
    return found
