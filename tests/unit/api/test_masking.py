"""Whatever an answer repeats of a credential is masked, however it is spelt or cut."""

import html
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.api.masking import Mask, discreet
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
    """Plain, escaped for JSON, for a URL or for HTML: as many asterisks as there were bytes."""
    body = f'{{"received":"{spelt}","n":1}}'.encode()

    masked = MASKS.data(body)

    stars = b"*" * len(spelt.encode())
    assert masked == b'{"received":"' + stars + b'","n":1}'
    assert spelt not in MASKS.text(f"Received {spelt}.")


def test_without_its_scheme() -> None:
    """Of a whole header the part behind the scheme is masked, too."""
    masks = Mask([Secret("Bearer abcdefgh12345678")])

    assert masks.data(b"token=abcdefgh12345678;") == b"token=****************;"


def test_short_secrets_are_masked_as_words_and_only_for_people() -> None:
    """A short password is no reason to spoil what customers wrote; a log can do without it."""
    masks = Mask([Secret("later")])

    assert masks.data(b"see you later") == b"see you later"
    assert masks.text("see you later") == f"see you {MASK}"
    assert masks.note(b"later, latermost") == f"{MASK}, latermost".encode()


def test_what_looks_like_a_credential() -> None:
    """A credential that is not ours is none of our readers' business either."""
    text = Mask().text("use Authorization: App 0123456789abcdef0123 instead of App store")

    assert text == f"use Authorization: App {MASK} instead of App store"


def test_headers_that_hold_secrets_by_their_name() -> None:
    """Of those only the scheme is told."""
    headers = (("Authorization", "Basic dXNlcg=="), ("COOKIE", "a=b"), ("Accept", "x"))

    assert discreet(headers) == (("Authorization", f"Basic {MASK}"), ("COOKIE", MASK), headers[2])


@given(
    parts=st.lists(st.sampled_from([b"planted-key-1", b"planted-", b"key-1", b"x", b"\xff", b""])),
    cuts=st.lists(st.integers(0, 200)),
)
def test_wherever_the_pieces_part(parts: list[bytes], cuts: list[int]) -> None:
    """In pieces the same bytes come out as at once, and no occurrence survives."""
    masks, whole = Mask([Secret("planted-key-1")]), b"".join(parts)
    stream, masked, start = masks.stream(), b"", 0
    for cut in [*sorted(cuts), len(whole)]:
        masked += stream.feed(whole[start:cut])
        start = max(start, cut)
    masked += stream.finish()

    assert masked == whole.replace(b"planted-key-1", b"*" * 13) == masks.data(whole)


def test_a_stream_holds_back_no_more_than_it_must() -> None:
    """Bytes that begin no secret are passed on at once."""
    stream = Mask([Secret("planted-key-1")]).stream()

    assert stream.feed(b'{"results":[') == b'{"results":['
    assert stream.feed(b"plan") == b""
    assert stream.feed(b"e") == b"plane"
    assert stream.feed(b"planted-key") == b""
    assert stream.finish() == b"planted-key"


def test_a_mask_shows_nothing() -> None:
    """Printing one does not tell what it masks."""
    assert PLANTED not in repr(MASKS)
