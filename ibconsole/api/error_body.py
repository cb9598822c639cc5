"""The body of an error answer: all its formats read into one value.

Nothing here raises: a body of unknown format is still shown, as an excerpt.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from ibconsole.lazy import LazyModule, lazy_pattern
from ibconsole.model import Undecodable, parse

if TYPE_CHECKING:
    import html
else:
    html = LazyModule("html")

MaskText = Callable[[str], str]

_MAX_TEXT = 300
_MAX_DETAILS = 2_000
_MAX_VIOLATIONS = 20
# A longer body is not one of the known formats; its beginning is enough for an excerpt.
_MAX_BODY = 262_144

_MARKUP = lazy_pattern(
    r"<(script|style)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>", re.DOTALL | re.IGNORECASE
)
_ELEMENTS = {
    name: lazy_pattern(rf"<(?:\w+:)?{name}>([^<]*)<", re.IGNORECASE)
    for name in ("messageId", "text", "errorCode", "description", "title")
}


class ErrorBody(msgspec.Struct, frozen=True):
    """The platform's own explanation of an error. Every field may be empty.

    `validation_errors` maps the name of a field to its texts; `details` is the beginning of the
    body as received. Secrets are masked and control characters removed.
    """

    message_id: str = ""
    text: str = ""
    validation_errors: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    details: str = ""

    def __str__(self) -> str:
        words = " ".join(filter(None, [self.message_id, f"“{self.text}”" if self.text else ""]))
        fields = [f"{name}: {', '.join(texts)}" for name, texts in self.validation_errors.items()]
        return "; ".join(filter(None, [words, *fields]))


def read_error_body(body: bytes, mask: MaskText = str) -> ErrorBody:
    """Read an error's body (platform.md §7: old and new JSON, OAuth, XML, HTML, empty).

    `mask` masks the secrets in a text; it is applied before anything is cut, so that no part of
    a secret is left.
    """
    shown = body[:_MAX_BODY].decode("utf-8", errors="replace")
    try:
        answer = parse(body) if len(body) <= _MAX_BODY else None
    except Undecodable:
        answer = None
    found = _in_object(answer) if isinstance(answer, dict) else _in_markup(shown)
    return ErrorBody(
        message_id=_line(found.message_id, mask, 80),
        text=_line(found.text, mask, _MAX_TEXT),
        validation_errors={
            _line(name, mask, 80): tuple(_line(text, mask, _MAX_TEXT) for text in texts)
            for name, texts in found.validation_errors.items()
        },
        details=_printable(mask(shown), keep="\n\t")[:_MAX_DETAILS],
    )


def _in_object(answer: Mapping[str, Any]) -> ErrorBody:
    # For each field the first format that has it counts: OAuth's may contain the old one as well.
    readings = [_old_envelope(answer), _new_envelope(answer), _other_object(answer)]
    return ErrorBody(
        message_id=next((one.message_id for one in readings if one.message_id), ""),
        text=next((one.text for one in readings if one.text), ""),
        validation_errors=next(
            (one.validation_errors for one in readings if one.validation_errors), {}
        ),
    )


def _old_envelope(answer: Mapping[str, Any]) -> ErrorBody:
    outer = _object(answer.get("requestError"))
    inner = _object(outer.get("serviceException")) or _object(outer.get("policyException"))
    errors = list(_object(inner.get("validationErrors")).items())[:_MAX_VIOLATIONS]
    return ErrorBody(
        message_id=_word(inner.get("messageId")),
        text=_word(inner.get("text")),
        validation_errors={name: tuple(_words(texts)) for name, texts in errors},
    )


def _new_envelope(answer: Mapping[str, Any]) -> ErrorBody:
    texts: dict[str, tuple[str, ...]] = {}
    violations = answer.get("violations")
    for violation in violations[:_MAX_VIOLATIONS] if isinstance(violations, list) else []:
        named = _object(violation)
        name = _word(named.get("property"))
        texts[name] = (*texts.get(name, ()), _word(named.get("violation")))
    words = [_word(answer.get("description")), _word(answer.get("action"))]
    return ErrorBody(
        message_id=_word(answer.get("errorCode")),
        text=" ".join(filter(None, words)),
        validation_errors=texts,
    )


def _other_object(answer: Mapping[str, Any]) -> ErrorBody:
    texts = ("error_description", "message", "text", "detail", "title")
    return ErrorBody(
        message_id=_word(answer.get("error")),
        text=next((_word(answer[name]) for name in texts if _word(answer.get(name))), ""),
    )


def _in_markup(shown: str) -> ErrorBody:
    element = {
        name: html.unescape(found[1]) if (found := pattern.search(shown)) else ""
        for name, pattern in _ELEMENTS.items()
    }
    return ErrorBody(
        message_id=element["messageId"] or element["errorCode"],
        text=element["text"]
        or element["description"]
        or element["title"]
        or html.unescape(_MARKUP.sub(" ", shown)),
    )


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _word(value: object) -> str:
    """Return a text or number as text; empty for anything else."""
    return str(value) if isinstance(value, str | int | float) else ""


def _words(value: object) -> Iterator[str]:
    items = value[:_MAX_VIOLATIONS] if isinstance(value, list) else [value]
    return filter(None, map(_word, items))


def _line(text: str, mask: MaskText, max_length: int) -> str:
    line = " ".join(_printable(mask(text)).split())
    return line if len(line) <= max_length else f"{line[: max_length - 1]}…"


def _printable(text: str, keep: str = "") -> str:
    """Replace control, bidi and surrogate characters, which could disguise a sentence."""
    return "".join(
        letter if letter in keep or not unicodedata.category(letter).startswith("C") else " "
        for letter in text
    )
