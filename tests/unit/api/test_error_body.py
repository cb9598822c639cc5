"""The platform's words are read out of every envelope that is met."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibconsole.api.error_body import Complaint, read_complaint
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
    """Old, new and OAuth envelopes, XML, HTML and nothing at all are told apart."""
    complaint = read_complaint(body)

    assert (complaint.message_id, complaint.text) == (message_id, text)
    assert complaint.validation_errors == validation_errors


def test_as_words() -> None:
    """A complaint reads as the word, the text and the fields, without what is missing."""
    complaint = Complaint("8", "Invalid", {"type": ("unknown", "blank")})

    assert str(complaint) == "8 “Invalid”; type: unknown, blank"
    assert str(Complaint(text="Invalid")) == "“Invalid”"
    assert str(Complaint()) == ""


def test_nothing_hides_in_a_complaint() -> None:
    """Control and bidi characters cannot make a sentence look like another."""
    complaint = read_complaint('{"message":"a\u202eb\\u0007\\nc"}'.encode())

    assert complaint.text == "a b c"


def test_a_secret_is_masked_before_the_text_is_cut() -> None:
    """No half of a secret is left at the end of an excerpt."""
    secret = "s3cret" * 20
    complaint = read_complaint(b"x" * 290 + secret.encode(), lambda text: text.replace(secret, "*"))

    assert complaint.text == "x" * 290 + "*"
    assert "s3c" not in complaint.details


def test_long_answers_are_cut() -> None:
    """A page of a gateway becomes one line and an excerpt."""
    complaint = read_complaint(b"word " * 200_000)

    assert len(complaint.text) == 300
    assert complaint.text.endswith("…")
    assert len(complaint.details) == 2_000


def test_too_many_violations() -> None:
    """A list of violations without end is cut."""
    fields = ",".join(f'"f{number}":["x"]' for number in range(100))
    old = f'{{"requestError":{{"serviceException":{{"validationErrors":{{{fields}}}}}}}}}'

    assert len(read_complaint(old.encode()).validation_errors) == 20


@settings(max_examples=50)
@given(
    st.binary()
    | st.recursive(st.text() | st.none() | st.integers(), st.lists).map(repr).map(str.encode)
)
def test_nothing_is_an_error_here(body: bytes) -> None:
    """Whatever bytes come, they are read."""
    assert isinstance(read_complaint(body), Complaint)


@settings(max_examples=50)
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
def test_no_shape_is_an_error_here(envelope: dict[str, object]) -> None:
    """Envelopes with the right names around the wrong things are read, too."""
    assert isinstance(read_complaint(encode(envelope)), Complaint)
