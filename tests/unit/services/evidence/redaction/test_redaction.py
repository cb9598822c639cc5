"""What is redacted scans clean, whatever it was."""

import io
import json
import random
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.secret import MASK, Secret
from ibconsole.services.evidence.redaction.known_secrets import KnownSecret, KnownSecrets
from ibconsole.services.evidence.redaction.redaction import Redaction
from ibconsole.services.evidence.redaction.rules import (
    Pseudonyms,
    RedactionRules,
    ReplacementKind,
    TextChoice,
)
from ibconsole.services.evidence.redaction.scanning import Leak, scan
from tests.unit.services.evidence.redaction.spellings import ENCODERS, OF_TEXT, listed

KEY = "3f9a1c77be0240d8Qx/+a95e6f2b8c1d-4f0e7a62"
CODE = "233623e3c860b49ec69a464834343481-8bj4el4a-256d-23fd-56ad-b5bc3d568b53"
KNOWN = KnownSecrets(
    secrets=(KnownSecret("API key", Secret(KEY)), KnownSecret("password", Secret("s3cr3t")))
)
KEPT = RedactionRules(texts=TextChoice.KEPT, payloads=TextChoice.KEPT, other_bodies=TextChoice.KEPT)
PLACES = listed(KEY)


def leaks(redaction: Redaction, *outputs: str | bytes) -> list[Leak]:
    items = [
        ("item", io.BytesIO(one.encode("utf-8", "surrogatepass") if isinstance(one, str) else one))
        for one in outputs
    ]
    return list(scan(items, redaction.guarded))


def outputs(redaction: Redaction, data: bytes) -> Iterator[str | bytes]:
    """Yield what becomes of the data in every place of an export."""
    text = data.decode("latin-1")
    yield redaction.redact_text(text, "note")
    yield redaction.redact_url(text, "URL")
    yield redaction.redact_url(f"https://a.example/{text}?a={text}", "URL")
    yield from (value for _, value in redaction.redact_headers([("X-Note", text), ("Host", text)]))
    yield json.dumps(
        redaction.redact_value({"a": [text], text: {"text": text}}), ensure_ascii=False
    )
    yield redaction.redact_body(data)
    yield redaction.redact_content(data, [("Content-Type", "text/plain")], "body").body
    yield redaction.redact_body(b'{"a": {"text": "' + data)
    yield redaction.redact_message(data)
    head = f"POST /x?{len(data)} HTTP/1.1\r\nContent-Length: {len(data)}\r\nHost: a\r\n\r\n"
    yield redaction.redact_message(head.encode() + data)


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.parametrize("place", PLACES)
def test_no_planted_key_is_in_what_leaves(place: str) -> None:
    """Wherever the key was, and however it was spelled, it is in no output."""
    redaction = Redaction(KNOWN, KEPT)

    assert leaks(redaction, *outputs(redaction, PLACES[place])) == []


@given(
    st.sampled_from(list(ENCODERS)),
    st.sampled_from(list(OF_TEXT)),
    st.binary(max_size=40),
    st.integers(),
)
def test_redacted_output_scans_clean(outer: str, inner: str, context: bytes, seed: int) -> None:
    """No two encodings bring a secret through the redaction."""
    chance = random.Random(seed)  # noqa: S311 no cryptography
    encoded = ENCODERS[inner](f"key {KEY} pass s3cr3t".encode(), chance)
    if outer not in OF_TEXT or encoded.isascii():
        encoded = ENCODERS[outer](encoded, chance)
    redaction = Redaction(KNOWN, KEPT)

    assert leaks(redaction, *outputs(redaction, context + b" " + encoded + b" " + context)) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["from", "to", "text", "customPayload", "password", "name", "value", "url"]
            )
            | st.text(max_size=8),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON, st.sampled_from(list(TextChoice)))
def test_any_json_is_redacted_to_json(value: object, choice: TextChoice) -> None:
    """Whatever is in it, the result is JSON, and the value itself stays as it was."""
    before = json.dumps(value)

    shown = Redaction(KNOWN, RedactionRules(texts=choice, payloads=choice)).redact_value(value)

    json.dumps(shown)
    assert json.dumps(value) == before


@given(st.binary(max_size=300), st.text(max_size=100))
def test_rubbish_never_fails(data: bytes, text: str) -> None:
    """Whatever the bytes and texts are, something without secrets comes out."""
    redaction = Redaction(KNOWN)

    assert leaks(redaction, *outputs(redaction, data)) == []
    redaction.redact_text(text)
    redaction.redact_url(text)
    redaction.redact_headers([(text, text)])


def test_pseudonyms_are_the_same_in_all_parts() -> None:
    """A reader can follow an application from the URL to the message and the note."""
    redaction = Redaction(KNOWN)
    redaction.learn(ReplacementKind.APPLICATION, CODE)

    shown = (
        redaction.redact_url(f"/push/1/applications/{CODE}"),
        redaction.redact_text(f"The application {CODE} forwards."),
        redaction.redact_body(json.dumps({"applicationCode": CODE}).encode()).decode(),
    )

    assert shown == (
        "/push/1/applications/app-1",
        "The application app-1 forwards.",
        '{"applicationCode":"app-1"}',
    )
    assert leaks(redaction, *shown) == []
    assert [leak.secret for leak in leaks(redaction, f"but {CODE}")] == [
        "application code of app-1"
    ]


def test_a_case_keeps_its_pseudonyms() -> None:
    """A second export of a case names everything as the first one did."""
    pseudonyms = Pseudonyms()
    Redaction(KNOWN, pseudonyms=pseudonyms).redact_value({"from": "a"})

    again = Redaction(KNOWN, pseudonyms=Pseudonyms(pseudonyms.salt, pseudonyms.known))

    assert again.redact_value([{"from": "b"}, {"from": "a"}]) == [
        {"from": "installation-2"},
        {"from": "installation-1"},
    ]


def test_headers_are_checked_too() -> None:
    """A value with a secret in an unusual spelling is masked."""
    redaction = Redaction(KNOWN)

    assert redaction.redact_headers([("X-Note", KEY.encode().hex()), ("Host", "a")]) == (
        ("X-Note", MASK),
        ("Host", "a"),
    )


def test_only_the_word_with_the_secret_is_masked() -> None:
    """A note stays readable although a secret is spelled unusually in it."""
    redaction = Redaction(KNOWN)

    text = redaction.redact_text(f"The dump has {KEY.encode().hex()} in it.", "note")

    assert text == f"The dump has {MASK} in it."
    assert [one.kind for one in redaction.replacements] == [ReplacementKind.SECRET]
