"""Masking of credentials in answers, in every spelling and however the bytes are divided."""

import html
import itertools
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

    at_once = masks.mask_bytes(whole)
    assert at_once == whole.replace(b"planted-key-1", b"*" * 13)
    beginnings = [b"planted-key-1"[:length] for length in range(12, 7, -1)]
    beginning = next((one for one in beginnings if at_once.endswith(one)), b"")
    assert masked == at_once.removesuffix(beginning) + b"*" * len(beginning)


def test_stream_holds_back_as_little_as_possible() -> None:
    """Bytes that cannot begin a secret are returned at once."""
    stream = Mask([Secret("planted-key-1")]).stream()

    assert stream.feed(b'{"results":[') == b'{"results":['
    assert stream.feed(b"plan") == b""
    assert stream.feed(b"e") == b"plane"
    assert stream.feed(b"planted") == b""
    assert stream.finish() == b"planted"


def test_no_beginning_of_a_secret_is_left_at_the_end() -> None:
    """Of an answer that is cut in a secret, its beginning is masked, divided or not."""
    mask = Mask([Secret("planted-key-1")])
    whole, divided = mask.stream(), mask.stream()

    assert whole.feed(b'"planted-key') + whole.finish() == b'"***********'
    pieces = divided.feed(b'3\r\n"pl\r\n9\r\nanted-key\r') + divided.finish()
    assert pieces == b'3\r\n"**\r\n9\r\n*********\r'


def chunked(parts: list[bytes], line_end: bytes = b"\r\n", size: str = "{:x}") -> bytes:
    """Return the parts as chunks."""
    chunks = [size.format(len(part)).encode() + line_end + part + line_end for part in parts]
    return b"".join(chunks) + b"0" + line_end * 2


@pytest.mark.parametrize(
    ("line_end", "size"),
    [
        (b"\r\n", "{:x}"),
        (b"\n", "{:X}"),
        (b"\r", "{:x}"),
        (b"\r\n", "0x{:04x} "),
        (b"\r\n", "{:x};name=value"),
        (b"\r\n", "zz"),
        (b"\r\n\r\n", "{:x}"),
    ],
)
@pytest.mark.parametrize("length", [1, 2, 3, 7, 12])
@pytest.mark.parametrize("piece", [1, 5, 1000])
def test_a_secret_divided_by_chunks(line_end: bytes, size: str, length: int, piece: int) -> None:
    """A secret is masked wherever chunk sizes divide it, however these are spelled."""
    # A secret that looks like chunk sizes, at the beginning of a line.
    hex_digits = "0123456789abcdef"
    body = f'{{\n{hex_digits}, 01234, "{hex_digits}"'.encode()
    masked = body.replace(hex_digits.encode(), b"*" * len(hex_digits))
    parts = [body[at : at + length] for at in range(0, len(body), length)]
    whole = chunked(parts, line_end, size)
    stream = Mask([Secret(hex_digits)]).stream()

    fed = [stream.feed(whole[at : at + piece]) for at in range(0, len(whole), piece)]

    hidden = [masked[at : at + length] for at in range(0, len(body), length)]
    assert b"".join(fed) + stream.finish() == chunked(hidden, line_end, size)


@given(
    cuts=st.lists(st.integers(0, 60), max_size=12),
    pieces=st.lists(st.integers(0, 150), max_size=8),
    before=st.sampled_from([b"", b"pl", b"planted-", b"\n", b"planted-key-"]),
)
def test_any_division_into_chunks(cuts: list[int], pieces: list[int], before: bytes) -> None:
    """No division into chunks and pieces leaves a secret in the body, or changes another byte."""
    body = before + b'{"a":"planted-key-1","b":"planted-key-1"}'
    masked = body.replace(b"planted-key-1", b"*" * 13)
    edges = sorted({0, len(body), *(cut for cut in cuts if cut < len(body))})
    spans = list(itertools.pairwise(edges))
    whole = b"HTTP/1.1 200 OK\r\n\r\n" + chunked([body[a:b] for a, b in spans])
    stream, result, start = Mask([Secret("planted-key-1")]).stream(), b"", 0
    for cut in [*sorted(pieces), len(whole)]:
        result += stream.feed(whole[start:cut])
        start = max(start, cut)

    expected = b"HTTP/1.1 200 OK\r\n\r\n" + chunked([masked[a:b] for a, b in spans])
    assert result + stream.finish() == expected


def test_lines_that_do_not_divide_a_secret() -> None:
    """Text between line ends is left as it is, also after what could begin a secret."""
    mask = Mask([Secret("planted-key-1")])
    text = b"plan\n\nted-key-1 pl\r\nanted-key-1 p\r\n" + b"x" * 5000 + b"\r\nlanted-key-1"
    stream = mask.stream()

    assert stream.feed(text) + stream.finish() == text


def test_without_a_secret() -> None:
    """Without a credential every byte is passed on at once."""
    stream = Mask().stream()

    assert stream.feed(b"x\r\n1\r\n") == b"x\r\n1\r\n"
    assert stream.finish() == b""


def test_representation_of_a_mask() -> None:
    """The representation of a mask does not contain its secrets."""
    assert PLANTED not in repr(MASKS)
