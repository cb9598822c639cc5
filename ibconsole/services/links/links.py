"""Links as values: read strictly, within bounds, and written in one form. Pure."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote, unquote_to_bytes
from uuid import UUID

import msgspec

from ibconsole.errors import UserError

SCHEME = "ibconsole"
LONGEST = 4_000  # characters of a link
_LONGEST_NAME = 60  # characters of a connection's name
_LONGEST_MESSAGE_ID = 200
_LARGEST_NUMBER = 2**63 - 1  # of a message in an archive

# Of a URL no more than is needed: neither port, user nor fragment, and each other character
# percent-encoded, as `quote` does. Desktops write the host in lower case, and may append a slash.
_TEXT = r"(?:[A-Za-z0-9._~-]|%[0-9A-Fa-f]{2})+"
_LINK = re.compile(
    rf"ibconsole://(?P<kind>[A-Za-z]+)(?P<path>(?:/{_TEXT}){{0,2}})/?"
    rf"(?:\?(?P<query>[a-z]+={_TEXT}(?:&[a-z]+={_TEXT}){{0,2}}))?",
    re.IGNORECASE,
)
_DIGEST = re.compile("[0-9a-f]{16}")
_ARCHIVE = re.compile("[0-9a-f]{32}")
_FINGERPRINT = re.compile("[0-9a-f]{20}")
_FINDING = re.compile("IBC-([0-9]{4})")
_NUMBER = re.compile("[1-9][0-9]{0,18}")


class InvalidLink(UserError):
    """A text is not a link of this program, or one that a newer version understands."""


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A link to something that a window can show."""


class ConnectionLink(Link, frozen=True):
    """A link to a saved connection, by its UUID or its name."""

    connection: str


class ApplicationLink(Link, frozen=True):
    """A link to an application, by the digest of its code.

    `connection` is the UUID of the connection that has it; empty for the open one.
    """

    digest: str
    connection: str = ""


class MessageLink(Link, frozen=True):
    """A link to a message, by its number in the archive of this UUID, or by its message id.

    The number is 0, and the archive empty, if the message was not on the computer that made the
    link. `application` is the digest of its application's code, empty if it is not known.
    """

    archive: str = ""
    number: int = 0
    message_id: str = ""
    application: str = ""


class FindingLink(Link, frozen=True):
    """A link to a finding, by its number and the fingerprint of its subject (`Finding.id`).

    The fingerprint differs between computers; `application`, a digest, does not. It is empty for a
    finding about the whole account. `connection` is a UUID, empty for the open connection.
    """

    number: int
    fingerprint: str
    application: str = ""
    connection: str = ""


class CaseLink(Link, frozen=True):
    """A link to a case of this computer, by its UUID."""

    case: str


def code_digest(code: str) -> str:
    """Return the name of an application in a link: 16 hexadecimal digits of a hash of its code.

    A code doubles as the mobile SDK's credential (platform.md §3). It cannot be computed from the
    digest: codes are random, and 64 bits are kept. Who knows the code already can recognize it.
    """
    text = b"ibconsole link to an application\0" + code.encode("utf-8", "surrogatepass")
    return hashlib.sha256(text).hexdigest()[:16]


def is_link(text: str) -> bool:
    """Return whether a text claims to be a link of this program, valid or not."""
    return text.strip()[: len(SCHEME) + 1].lower() == f"{SCHEME}:"


def parse_link(text: str) -> Link:
    """Read a link. Raises InvalidLink, with a sentence that has nothing of the text in it."""
    if len(text) > LONGEST:
        raise InvalidLink(f"The link is longer than {LONGEST:,} characters, so it was not opened.")
    found = _LINK.fullmatch(text.strip(" \t\r\n"))
    if not found:
        raise InvalidLink(_NO_LINK)
    read = _READERS.get(found["kind"].lower())
    if read is None:
        raise InvalidLink(
            "The link is of a kind that this version of ibconsole does not know, so nothing was"
            " opened."
        )
    path = tuple(map(_decode, found["path"].split("/")[1:]))
    pairs = [pair.split("=") for pair in (found["query"] or "").split("&") if pair]
    values = {name.lower(): _decode(value) for name, value in pairs}
    if len(values) != len(pairs):
        raise InvalidLink(_NO_LINK)
    link = read(path, values)
    if link is None:
        raise InvalidLink(_NO_LINK)
    return link


def format_link(link: Link) -> str:
    """Write a link; `parse_link` reads the same value from it."""
    path, values = _parts_of(link)
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in values.items() if value)
    place = "/".join(quote(one, safe="") for one in path)
    return f"{SCHEME}://{place}" + (f"?{query}" if query else "")


_NO_LINK = (
    "This is not a valid link of ibconsole, so nothing was opened; copy the whole link again."
)
_Path = Sequence[str]
_Values = Mapping[str, str]


def _parts_of(link: Link) -> tuple[_Path, _Values]:
    """Return the kind with the parts of the path, and the values of the query."""
    match link:
        case ConnectionLink(connection=connection):
            return ("connection", connection), {}
        case ApplicationLink(digest=digest, connection=connection):
            return ("application", digest), {"connection": connection}
        case MessageLink():
            place = (link.archive, str(link.number)) if link.archive else ()
            known = {"id": link.message_id, "application": link.application}
            return ("message", *place), known
        case FindingLink():
            known = {"application": link.application, "connection": link.connection}
            return ("finding", f"IBC-{link.number:04}", link.fingerprint), known
        case CaseLink(case=case):
            return ("case", case), {}
    raise TypeError(f"{type(link).__name__} is not a kind of link.")


def _decode(text: str) -> str:
    try:
        decoded = unquote_to_bytes(text).decode()
    except ValueError:
        raise InvalidLink(_NO_LINK) from None
    if not decoded.isprintable():
        raise InvalidLink(_NO_LINK)
    return decoded


def _connection(path: _Path, values: _Values) -> Link | None:
    if values or len(path) != 1 or len(path[0]) > _LONGEST_NAME or path[0] != path[0].strip():
        return None
    return ConnectionLink(connection=_uuid(path[0]) or path[0])


def _application(path: _Path, values: _Values) -> Link | None:
    connection = _optional_uuid(values)
    if len(path) != 1 or not _DIGEST.fullmatch(path[0]) or connection is None:
        return None
    if not values.keys() <= {"connection"}:
        return None
    return ApplicationLink(digest=path[0], connection=connection)


def _message(path: _Path, values: _Values) -> Link | None:
    message_id, application = values.get("id", ""), values.get("application", "")
    if not values.keys() <= {"id", "application"} or len(message_id) > _LONGEST_MESSAGE_ID:
        return None
    if application and not _DIGEST.fullmatch(application):
        return None
    if not path:
        known = MessageLink(message_id=message_id, application=application)
        return known if message_id else None
    if len(path) != 2 or not _ARCHIVE.fullmatch(path[0]) or not _NUMBER.fullmatch(path[1]):
        return None
    number = int(path[1])
    if number > _LARGEST_NUMBER:
        return None
    return MessageLink(
        archive=path[0], number=number, message_id=message_id, application=application
    )


def _finding(path: _Path, values: _Values) -> Link | None:
    application, connection = values.get("application", ""), _optional_uuid(values)
    if not values.keys() <= {"application", "connection"} or connection is None:
        return None
    if application and not _DIGEST.fullmatch(application):
        return None
    if len(path) != 2 or not _FINGERPRINT.fullmatch(path[1]):
        return None
    number = _FINDING.fullmatch(path[0])
    return number and FindingLink(
        number=int(number[1]),
        fingerprint=path[1],
        application=application,
        connection=connection,
    )


def _case(path: _Path, values: _Values) -> Link | None:
    case = _uuid(path[0]) if len(path) == 1 else ""
    return CaseLink(case=case) if case and not values else None


def _uuid(text: str) -> str:
    """Return a UUID in its canonical spelling; empty for any other text."""
    try:
        return str(UUID(text)) if len(text) == 36 else ""
    except ValueError:
        return ""


def _optional_uuid(values: _Values) -> str | None:
    """Return the UUID of a connection, empty if there is none, None if it is not valid."""
    text = values.get("connection", "")
    return (_uuid(text) or None) if text else ""


_READERS: Mapping[str, Callable[[_Path, _Values], Link | None]] = {
    "connection": _connection,
    "application": _application,
    "message": _message,
    "finding": _finding,
    "case": _case,
}
