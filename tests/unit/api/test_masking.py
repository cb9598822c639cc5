"""Masking of credentials in answers, in every spelling and however the bytes are divided."""

import html
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.api.masking import Mask, mask_secret_headers
from ibconsole.secret import MASK, Secret

PLANTED = 'pl/an"t=ed+&<ü>b55aa966'
MASKS = Mask([Secret(PLANTED)])


@pytest.mark.parametrize(
    "spelt",
    [
        PLANTED,
        json.dumps(PLANTED)[1:-1],
        json.dumps(PLANTED, ensure_ascii=False)[1:-1],
        json.dumps(PLANTED)[1:-1].replace("/", "\\/"),
        quote(PLANTED),
        quote(PLANTED, safe=""),
        quote(PLANTED, safe="").lower(),
        quote_plus(PLANTED),
        html.escape(PLANTED),
    ],
)
def test_every_spelling(spelt: str) -> None:
    """A secret in plain text, or escaped for JSON, URL or HTML, becomes as many asterisks."""
    body = f'{{"received":"{spelt}","n":1}}'.encode()

    masked = MASKS.mask_bytes(body)

    stars = b"*" * len(spelt.encode())
    assert masked == b'{"received":"' + stars + b'","n":1}'
    assert spelt not in MASKS.mask_text(f"Received {spelt}.")


def test_without_its_scheme() -> None:
    """The part of a header after the scheme is masked as well."""
    masks = Mask([Secret("Bearer abcdefgh12345678")])

    assert masks.mask_bytes(b"token=abcdefgh12345678;") == b"token=****************;"


def test_short_secrets() -> None:
    """A short password is masked as a word in texts and logs, and not in message bodies."""
    masks = Mask([Secret("later")])

    assert masks.mask_bytes(b"see you later") == b"see you later"
    assert masks.mask_text("see you later") == f"see you {MASK}"
    assert masks.mask_for_log(b"later, latermost") == f"{MASK}, latermost".encode()


def test_unknown_credential() -> None:
    """Anything that looks like a credential is masked in texts, even if it is unknown."""
    text = Mask().mask_text("use Authorization: App 0123456789abcdef0123 instead of App store")

    assert text == f"use Authorization: App {MASK} instead of App store"


def test_secret_headers() -> None:
    """The values of secret headers are masked except for their scheme."""
    headers = (("Authorization", "Basic dXNlcg=="), ("COOKIE", "a=b"), ("Accept", "x"))

    assert mask_secret_headers(headers) == (
        ("Authorization", f"Basic {MASK}"),
        ("COOKIE", MASK),
        headers[2],
    )


@pytest.mark.slow
@given(
    parts=st.lists(st.sampled_from([b"planted-key-1", b"planted-", b"key-1", b"x", b"\xff", b""])),
    cuts=st.lists(st.integers(0, 200)),
)
def test_any_division_into_pieces(parts: list[bytes], cuts: list[int]) -> None:
    """Masking in pieces gives the same bytes as masking at once, and leaves no occurrence."""
    masks, whole = Mask([Secret("planted-key-1")]), b"".join(parts)
    stream, masked, start = masks.stream(), b"", 0
    for cut in [*sorted(cuts), len(whole)]:
        masked += stream.feed(whole[start:cut])
        start = max(start, cut)
    masked += stream.finish()

    assert masked == whole.replace(b"planted-key-1", b"*" * 13) == masks.mask_bytes(whole)


def test_stream_holds_back_as_little_as_possible() -> None:
    """Bytes that cannot begin a secret are returned at once."""
    stream = Mask([Secret("planted-key-1")]).stream()

    assert stream.feed(b'{"results":[') == b'{"results":['
    assert stream.feed(b"plan") == b""
    assert stream.feed(b"e") == b"plane"
    assert stream.feed(b"planted-key") == b""
    assert stream.finish() == b"planted-key"


def test_representation_of_a_mask() -> None:
    """The representation of a mask does not contain its secrets."""
    assert PLANTED not in repr(MASKS)
