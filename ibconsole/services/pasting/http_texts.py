"""HTTP as text: a whole request, an answer, or the headers that the tools of a browser copy."""

import re

from ibconsole.services.pasting.credentials import RequestDraft
from ibconsole.services.pasting.values import PastedRequest

_REQUEST_LINE = re.compile(r"([A-Z]{3,20}) (\S{1,8192}) HTTP/\d(?:\.\d)?[ \t]*(?:\r?\n|\Z)")
_STATUS_LINE = re.compile(r"HTTP/\d(?:\.\d)? \d{3}\b[^\r\n]*(?:\r?\n|\Z)")
_HEADER = re.compile(r":?[-!#$%&'*+.^_`|~0-9A-Za-z]{1,100}:(?!//)[ \t]*")
_HEAD_END = re.compile(r"\r?\n[ \t]*\r?\n")
_MOST_LINES = 1_000
_FRAMING = {"content-length", "transfer-encoding"}


def read_http(text: str) -> PastedRequest | None:
    """Return a request that is written as HTTP, or the headers of one; None if it is neither.

    Of headers alone the method and the URL are empty, unless HTTP/2's own ones are among them. The
    URL of a request is http unless a header says something else: the text does not say it.
    """
    line = _REQUEST_LINE.match(text)
    start = line.end() if line else 0
    end = _HEAD_END.search(text, max(start - 2, 0))
    head = text[start : end.start() if end else len(text)]
    pairs = _pairs(head)
    if pairs is None or (not line and len(pairs) < 2):
        return None
    known = {name.lower(): value for name, value in pairs}
    draft = RequestDraft()
    for name, value in pairs:
        if not name.startswith(":") and name.lower() not in _FRAMING:
            draft.add_header(name, value)
    method = line[1] if line else known.get(":method", "")
    url = _url(line[2] if line else known.get(":path", ""), known)
    body = text[end.end() :] if end else ""
    return draft.request(method, url, body.encode("utf-8", "replace"))


def is_answer(text: str) -> bool:
    """Return whether a text begins with a status line."""
    return _STATUS_LINE.match(text) is not None


def _pairs(head: str) -> list[tuple[str, str]] | None:
    """Return the headers; None if a line is none."""
    lines = [line for line in head.splitlines() if line.strip()]
    if len(lines) > _MOST_LINES:
        return None
    pairs = []
    for line in lines:
        name = _HEADER.match(line)
        if not name:
            return None
        pairs.append((name[0].rstrip(" \t")[:-1], line[name.end() :].strip()))
    return pairs


def _url(target: str, known: dict[str, str]) -> str:
    if re.match(r"https?://", target, re.IGNORECASE):
        return target
    host = known.get(":authority") or known.get("host", "")
    if not host or not target:
        return ""
    secure = "https" in (known.get(":scheme"), known.get("x-forwarded-proto", "").lower())
    return f"{'https' if secure else 'http'}://{host}{target}"
