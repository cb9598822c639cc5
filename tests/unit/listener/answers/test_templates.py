"""Templates of answers."""

from collections.abc import Sequence

import pytest

from ibconsole.http1 import Request
from ibconsole.listener.answers.templates import (
    AnswerTemplate,
    TemplateRequest,
    TooLargeAnswer,
    unknown_fields,
)
from ibconsole.model import MessageFields

MESSAGE = MessageFields("m-1", "APP", "385", "STOP", 'say "hi"', None, odd=False, known=True)
REQUEST = Request("POST", "/in?a=1", "1.1", ((b"X-Id", b"7"),), b"", "127.0.0.1", b"")
FIELDS = TemplateRequest(REQUEST, lambda: (MESSAGE,), number=3, now="noon")


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("plain", "plain"),
        ("{messageId} {applicationCode} {from} {keyword}", "m-1 APP 385 STOP"),
        ('{"id":"{messageId}","n":{number}}', '{"id":"m-1","n":3}'),
        ("{json.text}", '"say \\"hi\\""'),
        ("{method} {path}?{query} {peer} {messageCount} {now}", "POST /in?a=1 127.0.0.1 1 noon"),
        ("{header.x-id}{header.missing}", "7"),
        ("{{text}} {} { text } {1}", "{text} {} { text } {1}"),
    ],
)
def test_fields(template: str, text: str) -> None:
    """Fields are filled in, and JSON needs no escapes."""
    assert unknown_fields(template) == []
    assert AnswerTemplate(template).render(FIELDS, 1000) == text


def test_a_request_without_messages_has_empty_fields() -> None:
    """What a request lacks is no reason to fail."""
    assert AnswerTemplate("[{text}{messageCount}]").render(TemplateRequest(REQUEST), 10) == "[0]"


def test_unknown_fields_are_named() -> None:
    """A misspelled field is found before any request comes."""
    assert unknown_fields("{text} {txt} {{literal}} {header.} {json.nothing}") == [
        "txt",
        "header.",
        "json.nothing",
    ]


def test_the_size_is_bounded() -> None:
    """A long field that is repeated cannot fill the memory."""
    with pytest.raises(TooLargeAnswer):
        AnswerTemplate("{text}" * 1000).render(FIELDS, 100)


def test_messages_are_read_only_if_they_are_shown() -> None:
    """A template that shows no message costs no decoding."""

    def read() -> Sequence[MessageFields]:
        raise AssertionError

    template = AnswerTemplate("{path} {{text}}")

    assert template.render(TemplateRequest(REQUEST, read), 100) == "/in {text}"
    assert template.fixed is None
    assert AnswerTemplate("{{text}} {}").fixed == "{text} {}"
