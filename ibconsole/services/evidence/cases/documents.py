"""Reading and writing of `case.json`."""

import re
from itertools import chain

import msgspec

from ibconsole.errors import UserError
from ibconsole.model import encode
from ibconsole.services.evidence.cases.values import FORMAT, Case

LARGEST_DOCUMENT = 64 << 20  # bytes
MOST_ITEMS = 10_000
LATEST_TIME = 253_402_300_799_999  # ms since the epoch: the end of the year 9999
# Of JSON, quotes included: objects in memory take many times the bytes of "[],".
_MOST_CONTAINERS, _MOST_COMMAS = 1_500_000, 6_000_000
_FAMILY = FORMAT.rpartition("/")[0]
_HASH = re.compile(r"[0-9a-f]{64}")
_LONGEST_PATH = 120  # characters


class CaseError(UserError):
    """A case cannot be read or written."""


class CaseDamaged(CaseError):
    """The file of a case cannot be understood."""


class CaseTooNew(CaseError):
    """A newer program wrote the case."""


class _Head(msgspec.Struct):
    format: str
    items: tuple[msgspec.Raw, ...] = ()


def encode_case(case: Case) -> bytes:
    """Return `case.json`. Raises CaseError if it is longer than any reader accepts."""
    # As builtins: what no JSON can hold in a text is replaced.
    data = encode(msgspec.to_builtins(case))
    if not _is_bounded(data) or len(case.items) > MOST_ITEMS:
        raise CaseError(
            f"The case “{case.title}” would be too large: at most {MOST_ITEMS:,} items and"
            f" {LARGEST_DOCUMENT >> 20} MB are possible. It was not changed; begin another case."
        )
    return data


def decode_case(data: bytes, name: str) -> Case:
    """Read `case.json`; `name` is what sentences call it. Raises CaseDamaged and CaseTooNew."""
    if not _is_bounded(data):
        raise CaseDamaged(f"{name} is no case that can be read: it is larger than any case.")
    try:
        head = msgspec.json.decode(data, type=_Head)
        family, _, version = head.format.rpartition("/")
        if family == _FAMILY and head.format != FORMAT and version.isdecimal():
            raise CaseTooNew(
                f"{name} was written by a newer ibconsole ({head.format[:40]}; this one knows"
                f" {FORMAT}). It was left as it is; install the newer program."
            )
        if head.format != FORMAT:
            raise CaseDamaged(f"{name} is no case of ibconsole.")
        if len(head.items) > MOST_ITEMS:
            raise CaseDamaged(
                f"{name} has {len(head.items):,} items, and a case at most {MOST_ITEMS:,}."
            )
        case = msgspec.json.decode(data, type=Case)
    except msgspec.MsgspecError as error:
        raise CaseDamaged(f"{name} is no case that can be read: {_short(error)}.") from None
    except (RecursionError, UnicodeDecodeError, ValueError):
        raise CaseDamaged(
            f"{name} is no case that can be read: it is no JSON that has sensible bounds."
        ) from None
    if problem := _problem(case):
        raise CaseDamaged(f"{name} is no case that can be read: {problem}.")
    return case


def _problem(case: Case) -> str:
    ids = [one.id for one in case.items]
    if len(set(ids)) < len(ids):
        return "two of its items have the same id"
    if any(not _HASH.fullmatch(blob.sha256) or blob.size < 0 for blob in case.blobs):
        return "the hash or the size of a file is not valid"
    own = (one.added_at for one in case.items), (one.at for one in case.recordings)
    if not all(map(is_time, chain((case.created_at, case.changed_at), *own))):
        return "a number in it is no time"
    known = {one.id for one in case.recordings}
    used = {getattr(one.content, "recording", "") for one in case.items} - {""}
    if not used <= known:
        return "a recording is missing"
    return ""


def is_time(instant: int) -> bool:
    """Return whether a clock of this program may have given this time."""
    return 0 <= instant <= LATEST_TIME


def _is_bounded(data: bytes) -> bool:
    return (
        len(data) <= LARGEST_DOCUMENT
        and data.count(b"{") + data.count(b"[") <= _MOST_CONTAINERS
        and data.count(b",") <= _MOST_COMMAS
    )


def _short(error: Exception) -> str:
    """Return the reason of the library, with a path that may be as long as the file, cut."""
    reason, _, path = str(error).partition(" - at ")
    place = f" at {path[:_LONGEST_PATH]}" if path else ""
    return f"{reason[:_LONGEST_PATH].rstrip('.')}{place}"
