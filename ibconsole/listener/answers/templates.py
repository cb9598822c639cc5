"""Templates of answers: text with fields of the request in braces, such as `{messageId}`.

`{json.text}` is the field as JSON, with its quotation marks. Braces around anything that does not
look like a name stay as they are, so that JSON needs no escapes; `{{text}}` gives `{text}`.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence

import msgspec

from ibconsole.http1 import Request
from ibconsole.model import MessageFields

_FIELD = re.compile(r"\{\{([A-Za-z][\w.-]*)\}\}|\{([A-Za-z][\w.-]*)\}")
_HEADER = "header."
_JSON = "json."
# Fields of the first message of a request; they are empty if it has none.
_OF_MESSAGE: Mapping[str, str] = {
    "messageId": "message_id",
    "applicationCode": "application_code",
    "from": "sender",
    "keyword": "keyword",
    "text": "text",
}
_OF_REQUEST = ("method", "path", "query", "peer", "messageCount", "number", "now")
FIELDS = (*_OF_MESSAGE, *_OF_REQUEST)


class TemplateRequest(msgspec.Struct, frozen=True):
    """A request whose fields a template shows.

    `messages` reads its messages, whenever one is shown. `number` counts the requests of a rule
    from 1, and `now` is a time in words.
    """

    request: Request
    messages: Callable[[], Sequence[MessageFields]] = tuple
    number: int = 1
    now: str = ""

    def value(self, name: str) -> str:
        """Return the value of a field; empty if the request has none."""
        if name.startswith(_JSON):
            return json.dumps(self.value(name.removeprefix(_JSON)), ensure_ascii=False)
        if name.startswith(_HEADER):
            return self.request.header(name.removeprefix(_HEADER)) or ""
        if attribute := _OF_MESSAGE.get(name):
            messages = self.messages()
            return str(getattr(messages[0], attribute)) if messages else ""
        if name == "messageCount":
            return str(len(self.messages()))
        source = self if name in {"number", "now"} else self.request
        return str(getattr(source, name))


class TooLargeAnswer(Exception):
    """The fields of a request make an answer larger than permitted."""


class AnswerTemplate:
    """A template that is read once, and has no fields that `unknown_fields` objects to."""

    def __init__(self, template: str) -> None:
        # Texts and names of fields in turn, from a text to a text.
        self._parts = [""]
        end = 0
        for found in _FIELD.finditer(template):
            self._parts[-1] += template[end : found.start()]
            if found[1]:
                self._parts[-1] += f"{{{found[1]}}}"
            else:
                self._parts += found[2], ""
            end = found.end()
        self._parts[-1] += template[end:]
        # The text of a template without fields, which is the same for every request.
        self.fixed = self._parts[0] if len(self._parts) == 1 else None

    def render(self, fields: TemplateRequest, limit: int) -> str:
        """Fill in the fields.

        Raises TooLargeAnswer for more than `limit` characters: fields can be long, and be repeated.
        """
        if self.fixed is not None:
            return self.fixed
        rendered: list[str] = []
        size = 0
        for place, part in enumerate(self._parts):
            rendered.append(fields.value(part) if place % 2 else part)
            size += len(rendered[-1])
            if size > limit:
                raise TooLargeAnswer
        return "".join(rendered)


def unknown_fields(template: str) -> list[str]:
    """Return the names in braces that are no fields, in their order."""
    names = (found[2] for found in _FIELD.finditer(template) if found[2])
    return [name for name in names if not _is_known(name)]


def _is_known(name: str) -> bool:
    name = name.removeprefix(_JSON)
    return name in FIELDS or (name.startswith(_HEADER) and name != _HEADER)
