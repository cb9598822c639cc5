"""The policy of an administrator: the limits of this program on this computer.

A policy only ever forbids or pins. One that cannot be understood forbids everything that a policy
can forbid, because what it was meant to forbid is not known.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, get_type_hints

import msgspec

from ibconsole.api import normalize_base_url
from ibconsole.errors import UserError
from ibconsole.lazy import LazyModule
from ibconsole.team_archive import is_database, normalize_team_database

if TYPE_CHECKING:
    import tomllib
else:  # most computers have no policy
    tomllib = LazyModule("tomllib")

_MOST_URLS = 1_000
MOST_DAYS = 36_500


class BrokenPolicy(UserError):
    """A policy cannot be understood; the sentence names the line or the key."""


class Policy(msgspec.Struct, frozen=True):
    """The rules of an administrator; the defaults leave everything open.

    The names are those of the keys in every source. `base_urls` are the only accounts that may be
    used, all if it is empty. Messages are kept for `keep_days`; None leaves that to the user.
    `team_database` are the only databases that may be named as a team's archive: any for None,
    none if it is empty.
    """

    read_only: bool = False
    forbid_pulls: bool = False
    forbid_remote_listener: bool = False
    forbid_raw_exports: bool = False
    forbid_revealed_codes: bool = False
    base_urls: tuple[str, ...] = ()
    keep_days: int | None = None
    team_database: tuple[str, ...] | None = None

    def permits_team(self, database: str) -> bool:
        """Return whether a database may be named as a team's archive; user names may differ."""
        pinned = self.team_database
        return pinned is None or any(is_database(database, one) for one in pinned)


# One sentence a key, for users, administrators and the templates in packaging/.
DESCRIPTIONS: Mapping[str, str] = {
    "read_only": "Nothing is changed in any account, and nothing is pulled.",
    "forbid_pulls": "No messages are pulled from any account.",
    "forbid_remote_listener": "The listener accepts connections of this computer only.",
    "forbid_raw_exports": "Raw bodies, which contain everything, cannot be exported or backed up.",
    "forbid_revealed_codes": "Application codes, credentials of the mobile SDK, stay masked.",
    "base_urls": "Only accounts with these base URLs can be used.",
    "keep_days": "Messages are deleted after this many days, and by no other limit.",
    "team_database": "What is received is shared in these databases of PostgreSQL only.",
}

OPEN = Policy()
CLOSED = Policy(
    read_only=True,
    forbid_pulls=True,
    forbid_remote_listener=True,
    forbid_raw_exports=True,
    forbid_revealed_codes=True,
    team_database=(),
)


def parse_policy(data: bytes) -> Policy:
    """Return the policy of a TOML file. Raises BrokenPolicy with the line that is wrong."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise BrokenPolicy(f"line {line} is not UTF-8") from None
    try:
        return policy_of(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise BrokenPolicy(f"it is not TOML: {error}") from None
    except RecursionError:
        raise BrokenPolicy("it is nested too deeply") from None
    except BrokenPolicy as error:
        key = str(error).partition(" ")[0]
        raise BrokenPolicy(f"{_line_of(text, key)}{error}") from None


def policy_of(values: Mapping[str, Any]) -> Policy:
    """Return the policy of these keys. Raises BrokenPolicy; its sentence begins with the key."""
    types = get_type_hints(Policy)
    for key, value in values.items():
        if key not in types:
            raise BrokenPolicy(f"{_shown(key)} is not a key of a policy")
        if problem := _problem(types[key], value):
            raise BrokenPolicy(f"{key} {problem}")
    if "base_urls" in values:
        values = {**values, "base_urls": _normalized(values["base_urls"])}
    if "team_database" in values:
        values = {**values, "team_database": _normalized_databases(values["team_database"])}
    return msgspec.convert(values, Policy)


def _problem(wanted: object, value: object) -> str:
    """Return why a value is not one of its key's type; empty if it is."""
    if wanted is bool:
        return "" if isinstance(value, bool) else "is neither true nor false"
    if wanted == (int | None):
        is_number = isinstance(value, int) and not isinstance(value, bool)
        fits = is_number and value in range(1, MOST_DAYS + 1)
        return "" if fits else f"is not a number of days from 1 to {MOST_DAYS:,}"
    if wanted == (tuple[str, ...] | None):
        fits = isinstance(value, str | list | tuple) and len(value) <= _MOST_URLS
        return "" if fits else f"is not an address or a list of up to {_MOST_URLS:,} of them"
    fits = isinstance(value, list | tuple) and 0 < len(value) <= _MOST_URLS
    return "" if fits else f"is not a list of 1 to {_MOST_URLS:,} base URLs"


def _normalized(urls: object) -> tuple[str, ...]:
    try:
        return tuple(normalize_base_url(url) for url in msgspec.convert(urls, tuple[str, ...]))
    except (msgspec.ValidationError, UserError) as error:
        raise BrokenPolicy(f"base_urls contains something that is no base URL ({error})") from None


def _normalized_databases(value: object) -> tuple[str, ...]:
    try:
        databases = msgspec.convert([value] if isinstance(value, str) else value, tuple[str, ...])
        return tuple(normalize_team_database(one) for one in databases)
    except (msgspec.ValidationError, UserError) as error:
        raise BrokenPolicy(
            f"team_database contains something that is no address of a database ({error})"
        ) from None


def _line_of(text: str, key: str) -> str:
    found = re.search(rf"^[ \t]*[\[\"']*{re.escape(key)}\b", text, re.MULTILINE)
    return f"line {text.count(chr(10), 0, found.start()) + 1}: " if found else ""


def _shown(key: str) -> str:
    printable = "".join(c if c.isprintable() else "?" for c in key)
    return printable[:40] or "an empty name"
