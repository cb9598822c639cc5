"""The custody record: a file that proves the way of one message, from its pull to its answer.

Everything that a hash is made of is in it, so that anyone can recompute them, without the archive
and without this program (docs/give-back.md). The last member, `seal`, is the SHA-256 of all bytes
of the file before its line. A record is written in one way only, so that every changed byte shows.

Fields are added with a new version, never renamed or removed.
"""

from hashlib import sha256
from typing import Annotated, Literal

import msgspec
from msgspec.structs import replace

from ibconsole.errors import UserError
from ibconsole.lazy import lazy_pattern

LARGEST_RECORD = 1 << 30  # bytes
_LONGEST_REASON = 200  # characters

Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]

_UNSEALED = "0" * 64
_SEAL = lazy_pattern(rb'  "seal": "([0-9a-f]{64})"\n\}\n')
_SEAL_SIZE = len(f'  "seal": "{_UNSEALED}"\n}}\n')


class InvalidRecord(UserError):
    """The file is no custody record that can be read."""


class CustodyDelivery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The pull or the forward that brought the message; times are in ms since the epoch, UTC.

    `body` is its body as received, as base64, null if it is left out; `encoding` is its
    Content-Encoding. `origin` is "archive:delivery" of the archive that received it if it was
    imported, else empty.
    """

    id: int
    via: Literal["pull", "forward"]
    connection: str
    began_at: int
    ended_at: int | None
    origin: str
    encoding: str
    sha256: str
    body: bytes | None = None


class CustodyMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The message; `sha256` is that of its own JSON, which `body` is, as base64.

    The JSON is at `start`, with `size` bytes, of the delivery's body after decompression; both are
    null if that is not known. `position` is its place among the messages of the delivery, from 0.
    """

    id: int
    message_id: str
    application_code: str
    arrived_at: int
    received_at: int | None
    position: int
    start: int | None
    size: int | None
    sha256: Sha256
    body: bytes | None = None


class CustodyPull(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The row of the audit that was committed before the pull was sent.

    `key` is the label of the key that pulled. The other fields are the row: its hash covers
    `before`, which is the hash of the row before it, and its columns.
    """

    key: str
    row: int
    before: str
    at: int
    connection: str
    application: str
    content: str
    hash: str


class CustodyEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry of the ledger; its hash covers the hash of the entry before it, and its fields.

    `content` is the JSON text that is hashed.
    """

    number: int
    at: int
    kind: str
    content: str
    hash: str


class CustodyItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One delivery of the message to a URL: item `id` of job `job`, with all of its entries.

    `last` and `hash` are the number and the hash of the last entry as noted with the item.
    """

    id: int
    job: int
    last: int
    hash: str
    entries: tuple[CustodyEntry, ...]


class CustodyRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole record; `archive` is the UUID of the archive, `made_at` is in ms since the epoch.

    `pull` is null for a forward, and for a pull of which the audit has no row.
    """

    format: Literal["ibconsole custody record"]
    version: Literal[1]
    program: str
    made_at: int
    archive: str
    delivery: CustodyDelivery
    message: CustodyMessage
    pull: CustodyPull | None
    items: tuple[CustodyItem, ...]
    seal: Sha256 = _UNSEALED


def encode_record(record: CustodyRecord) -> bytes:
    """Return the bytes of a file, with its seal."""
    text = msgspec.json.format(msgspec.json.encode(replace(record, seal=_UNSEALED)), indent=2)
    head = text[: -_SEAL_SIZE + 1]  # the file ends with a line break, and the text does not
    return b'%b  "seal": "%b"\n}\n' % (head, sha256(head).hexdigest().encode())


def decode_record(data: bytes) -> tuple[CustodyRecord, str]:
    """Return the record of a file, and what is wrong with the file itself, empty if nothing is.

    Raises InvalidRecord if its values cannot be read at all.
    """
    try:
        record = msgspec.json.decode(data, type=CustodyRecord)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise InvalidRecord(
            "The file is no custody record that this program can read, or it was damaged; nothing"
            f" in it is proven. {_reason(error)}",
            details=_reason(error),
        ) from None
    return record, _file_problem(data, record)


def json_schema() -> str:
    """Return the JSON Schema of a record, as docs/custody.schema.json has it."""
    schema = msgspec.json.schema(CustodyRecord)
    document = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _file_problem(data: bytes, record: CustodyRecord) -> str:
    found = _SEAL.fullmatch(data[-_SEAL_SIZE:])
    if not found:
        return "The file does not end with its seal: it was written anew, or its end is missing."
    if sha256(data[:-_SEAL_SIZE]).hexdigest().encode() != found[1]:
        return "The file is not as it was sealed: something in it was changed afterwards."
    if encode_record(record) != data:
        return "The file is sealed, but not written as a record is: another program made it."
    return ""


def _reason(error: Exception) -> str:
    text = str(error)  # it may quote a value of the file, which can be as long as the file
    shown = text if len(text) <= _LONGEST_REASON else f"{text[:_LONGEST_REASON]}…"
    return f"{shown}." if text else "It is no JSON."
