"""Reading of archives that any program wrote: bounded, and lenient with each entry.

A hostile file costs no more than its size: it is refused above a limit, and an entry that is not as
the format says is skipped, with its number.
"""

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec

from ibconsole.errors import UserError
from ibconsole.model import Undecodable, parse

LARGEST = 256 << 20  # bytes of a file
_MOST_ENTRIES = 1_000_000
_BOM = b"\xef\xbb\xbf"
_COMPRESSED = b"\x1f\x8b"
_CODED = {"content-encoding", "transfer-encoding"}
_UNHARMED = "Nothing was read from it."


class HarUnreadable(UserError):
    """A file is no HTTP archive that can be read."""


class ReadExchange(msgspec.Struct, frozen=True, kw_only=True):
    """A request and its answer, as an entry has them; `number` counts from 1.

    `began_at` is in milliseconds since the epoch, None if the entry does not say it; `took` is in
    milliseconds. `masked` are the parts that were masked when this program wrote it, and `origin`
    the delivery that it was.
    """

    number: int
    began_at: int | None = None
    took: float = 0.0
    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    status: int | None = None
    answer_headers: tuple[tuple[str, str], ...] = ()
    answer_body: bytes = b""
    masked: tuple[str, ...] = ()
    is_cut: bool = False
    origin: str = ""


class _Log(msgspec.Struct):
    entries: list[msgspec.Raw]


class _Document(msgspec.Struct):
    log: _Log


class HarDocument:
    """The entries of one archive.

    Raises HarUnreadable for a file that is too large, is not JSON, or is no archive.
    """

    def __init__(self, data: bytes, name: str) -> None:
        if len(data) > LARGEST:
            raise HarUnreadable(
                f"{name} is larger than {LARGEST >> 20} MB. {_UNHARMED} Save fewer requests in it."
            )
        try:
            found = msgspec.json.decode(data.removeprefix(_BOM), type=_Document).log.entries
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise HarUnreadable(
                f"{name} is no HTTP archive (HAR). {_UNHARMED} Save the requests as HAR, and choose"
                " that file."
            ) from None
        if len(found) > _MOST_ENTRIES:
            raise HarUnreadable(
                f"{name} has more than {_MOST_ENTRIES:,} entries. {_UNHARMED} Save fewer requests"
                " in it."
            )
        self._entries = found

    def __len__(self) -> int:
        return len(self._entries)

    def exchanges(self) -> Iterator[tuple[int, ReadExchange | None]]:
        """Yield the number of each entry, from 1, with its content; None if it is not readable."""
        for number, raw in enumerate(self._entries, start=1):
            yield number, _read(number, raw)


def read_har(path: Path) -> HarDocument:
    """Read a file. Raises HarUnreadable, also if it cannot be opened."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        raise HarUnreadable(f"{path} cannot be read: {reason}. Choose another file.") from error
    return HarDocument(data, str(path))


def _read(number: int, raw: msgspec.Raw) -> ReadExchange | None:
    try:
        entry = parse(bytes(raw))
        request, response = _object(entry["request"]), _object(entry.get("response"))
        own = _object(entry.get("_ibconsole"))
        headers, body = _headers(request), _posted(_object(request.get("postData")))
        answer_headers = _headers(response)
        answer_body = _content(_object(response.get("content")))
        return ReadExchange(
            number=number,
            began_at=_instant(entry.get("startedDateTime")),
            took=_duration(entry.get("time")),
            method=_text(request["method"]),
            url=_text(request["url"]),
            headers=_plain(headers, body),
            body=body,
            status=_status(response.get("status")),
            answer_headers=_plain(answer_headers, answer_body),
            answer_body=answer_body,
            masked=tuple(one for one in _list(own.get("masked")) if isinstance(one, str)),
            is_cut=bool(own.get("cut")),
            origin=_text(own.get("origin") or ""),
        )
    except (Undecodable, Base64Error, KeyError, TypeError, AttributeError, ValueError):
        return None


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _headers(message: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    pairs = (one for one in _list(message.get("headers")) if isinstance(one, dict))
    return tuple(
        (name, value)
        for one in pairs
        if isinstance(name := one.get("name"), str) and isinstance(value := one.get("value"), str)
    )


def _plain(headers: tuple[tuple[str, str], ...], body: bytes) -> tuple[tuple[str, str], ...]:
    """Leave out the codings that the body does not have any more, as HAR asks for."""
    if body.startswith(_COMPRESSED):
        return headers
    return tuple(one for one in headers if one[0].lower() not in _CODED)


def _posted(data: dict[str, Any]) -> bytes:
    """Return the bytes of a body; that of a form may be given by its fields alone."""
    text = data.get("text")
    if isinstance(text, str) and text:
        return _bytes_of(text, data.get("_encoding") or data.get("encoding"))
    fields = [one for one in _list(data.get("params")) if isinstance(one, dict)]
    pairs = [(_text(one.get("name", "")), _text(one.get("value", ""))) for one in fields]
    return urlencode(pairs, errors="replace").encode()


def _content(content: dict[str, Any]) -> bytes:
    text = content.get("text")
    return _bytes_of(text, content.get("encoding")) if isinstance(text, str) else b""


def _bytes_of(text: str, encoding: object) -> bytes:
    if encoding == "base64":
        return b64decode(text, validate=True)
    return text.encode("utf-8", "replace")


def _status(value: object) -> int | None:
    return value if isinstance(value, int) and 100 <= value <= 999 else None


def _duration(value: object) -> float:
    return float(value) if isinstance(value, int | float) and 0 <= value < 1 << 40 else 0.0


def _instant(value: object) -> int | None:
    """Return milliseconds since the epoch; None for no time, and one before 1970."""
    if not isinstance(value, str):
        return None
    try:
        parsed = datetime.fromisoformat(value.strip())
        zoned = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
        instant = round(zoned.timestamp() * 1000)
    except (ValueError, OverflowError):
        return None
    return instant if instant > 0 else None
