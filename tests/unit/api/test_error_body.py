"""Error bodies: the platform's words are read from every known format."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibconsole.api.error_body import ErrorBody, read_error_body
from ibconsole.model.reading import encode

OLD = (
    b'{"requestError":{"serviceException":{"messageId":"BAD_REQUEST","text":"Bad request",'
    b'"validationErrors":{"forwardUrl":["must not be blank","must be a URL"],"type":"unknown"}}}}'
)
NEW = (
    b'{"errorCode":"E400","description":"Bad request.","action":"Check the fields.",'
    b'"violations":[{"property":"type","violation":"unknown"},'
    b'{"property":"type","violation":"blank"}],"resources":[]}'
)
XML = (
    b'<?xml version="1.0"?><r:requestError><serviceException><messageId>8</messageId>'
    b"<text>Tom &amp; Jerry</text></serviceException></r:requestError>"
)
HTML = b"<html><head><title>502 Bad\n Gateway</title><style>p{}</style></head><body>x</body></html>"


@pytest.mark.parametrize(
    ("body", "message_id", "text", "validation_errors"),
    [
        (
            OLD,
            "BAD_REQUEST",
            "Bad request",
            {"forwardUrl": ("must not be blank", "must be a URL"), "type": ("unknown",)},
        ),
        (
            b'{"requestError":{"serviceException":{"messageId":8,"text":"Invalid"}}}',
            "8",
            "Invalid",
            {},
        ),
        (
            b'{"requestError":{"policyException":{"messageId":"P1","text":"No"}}}',
            "P1",
            "No",
            {},
        ),
        (NEW, "E400", "Bad request. Check the fields.", {"type": ("unknown", "blank")}),
        (
            b'{"error":"invalid_client","error_description":"Who?"}',
            "invalid_client",
            "Who?",
            {},
        ),
        (
            b'{"error":"x","requestError":{"serviceException":{"messageId":"UNAUTHORIZED"}}}',
            "UNAUTHORIZED",
            "",
            {},
        ),
        (b'{"status":404,"error":"Not Found","message":"no route"}', "Not Found", "no route", {}),
        (XML, "8", "Tom & Jerry", {}),
        (HTML, "", "502 Bad Gateway", {}),
        (b"<p>go <b>away</b><script>x()</script></p>", "", "go away", {}),
        (b"plain words", "", "plain words", {}),
        (b"[1]", "", "[1]", {}),
        (b"", "", "", {}),
    ],
)
def test_envelopes(
    body: bytes, message_id: str, text: str, validation_errors: dict[str, tuple[str, ...]]
) -> None:
    """Old, new and OAuth envelopes, XML, HTML and an empty body are each recognised."""
    error_body = read_error_body(body)

    assert (error_body.message_id, error_body.text) == (message_id, text)
    assert error_body.validation_errors == validation_errors


def test_as_text() -> None:
    """An error body as text has the identifier, the text and the fields, if present."""
    error_body = ErrorBody("8", "Invalid", {"type": ("unknown", "blank")})

    assert str(error_body) == "8 “Invalid”; type: unknown, blank"
    assert str(ErrorBody(text="Invalid")) == "“Invalid”"
    assert str(ErrorBody()) == ""


def test_disguising_characters() -> None:
    """Control and bidi characters are removed, so that they cannot disguise a sentence."""
    error_body = read_error_body('{"message":"a\u202eb\\u0007\\nc"}'.encode())

    assert error_body.text == "a b c"


def test_secret_is_masked_before_the_text_is_cut() -> None:
    """No part of a secret is left at the end of an excerpt."""
    secret = "s3cret" * 20
    error_body = read_error_body(
        b"x" * 290 + secret.encode(), lambda text: text.replace(secret, "*")
    )

    assert error_body.text == "x" * 290 + "*"
    assert "s3c" not in error_body.details


def test_long_answers_are_cut() -> None:
    """A long page of a gateway becomes one line and an excerpt."""
    error_body = read_error_body(b"word " * 200_000)

    assert len(error_body.text) == 300
    assert error_body.text.endswith("…")
    assert len(error_body.details) == 2_000


def test_too_many_violations() -> None:
    """At most 20 violations are read."""
    fields = ",".join(f'"f{number}":["x"]' for number in range(100))
    old = f'{{"requestError":{{"serviceException":{{"validationErrors":{{{fields}}}}}}}}}'

    assert len(read_error_body(old.encode()).validation_errors) == 20


@pytest.mark.slow
@settings(max_examples=30)
@given(
    st.binary()
    | st.recursive(st.text() | st.none() | st.integers(), st.lists).map(repr).map(str.encode)
)
def test_any_bytes(body: bytes) -> None:
    """Any bytes are read without an error."""
    assert isinstance(read_error_body(body), ErrorBody)


@pytest.mark.slow
@settings(max_examples=30)
@given(
    st.dictionaries(
        st.sampled_from(["requestError", "violations", "errorCode", "error", "description"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(),
            lambda inner: (
                st.lists(inner)
                | st.dictionaries(
                    st.sampled_from(["serviceException", "validationErrors", "text", "property"]),
                    inner,
                )
            ),
        ),
    )
)
def test_unexpected_types(envelope: dict[str, object]) -> None:
    """Envelopes with known names and values of unexpected types are read without an error."""
    assert isinstance(read_error_body(encode(envelope)), ErrorBody)
