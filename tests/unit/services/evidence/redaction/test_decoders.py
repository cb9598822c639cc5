"""Each decoder hands on what is encoded, wherever a stream is cut, and passes over the rest."""

import base64
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.services.evidence.redaction.decoders import (
    BASE64,
    ESCAPES,
    HEXADECIMAL,
    QUOTED_PRINTABLE,
    Alphabet,
    DigitsDecoder,
    EscapeDecoder,
    Escapes,
    Sink,
    WideDecoder,
)

WORD = b"0123-a secret word-4567"


class Kept:
    """The parts of a stream that were handed on; those of the first alignment, and all others."""

    def __init__(self) -> None:
        self.parts = [b""]
        self.all: list[Kept] = []

    def make(self) -> Sink:
        self.all.append(Kept() if self.all else self)
        return self.all[-1]

    @property
    def made(self) -> int:
        return len(self.all)

    def feed(self, data: bytes, /) -> None:
        self.parts[-1] += data

    def end(self) -> None:
        self.parts.append(b"")

    @property
    def everything(self) -> bytes:
        return b"|".join(part for kept in self.all for part in kept.parts)


def fed(decoder: Sink, data: bytes, cuts: list[int]) -> None:
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    for start, end in pairwise(places):
        decoder.feed(data[start:end])
    decoder.end()


CUTS = st.lists(st.integers(0, 500), max_size=8)


@given(st.binary(max_size=50), CUTS)
def test_base64_at_any_place(around: bytes, cuts: list[int]) -> None:
    """Digits may stand behind others, and be cut anywhere."""
    kept = Kept()
    lines = base64.b64encode(around + WORD + around)
    data = around + b" " + lines[:9] + b"\n    " + lines[9:] + b" " + around

    fed(DigitsDecoder(BASE64, 16, kept.make), data, cuts)

    assert WORD in kept.everything


@given(st.binary(max_size=50), CUTS)
def test_hexadecimal_at_any_place(around: bytes, cuts: list[int]) -> None:
    """Digits may begin at an odd place, and have separators between them."""
    kept = Kept()
    data = around + b" f" + WORD.hex(":").encode() + around

    fed(DigitsDecoder(HEXADECIMAL, 24, kept.make), data, cuts)

    assert WORD in kept.everything


@pytest.mark.parametrize("alphabet", [BASE64, HEXADECIMAL], ids=lambda one: one.name)
def test_short_runs_are_passed_over(alphabet: Alphabet) -> None:
    """Nothing is made where nothing can be, which is why ordinary text is scanned quickly."""
    kept = Kept()

    fed(
        DigitsDecoder(alphabet, 16, kept.make), b'{"a": "some words, 12345"}\n ' * 20, [7, 100, 333]
    )

    assert kept.made == 0


@given(st.sampled_from(["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]), CUTS)
def test_wide_text_at_any_place(codec: str, cuts: list[int]) -> None:
    """The zeros are removed, in any order of bytes and from any place on."""
    kept = Kept()
    data = b"\0x" * 3 + b"y" + WORD.decode().encode(codec) + b"z" * 500

    fed(WideDecoder(12, 200, kept.make), data, cuts)

    assert WORD in kept.everything


def test_zeros_alone_are_no_wide_text() -> None:
    """Binary data is passed over."""
    kept = Kept()

    fed(WideDecoder(12, 200, kept.make), bytes(500) + b"a\0b\0c" + b"x" * 500, [300])

    assert kept.made == 0


@pytest.mark.parametrize(
    ("escapes", "written", "meant"),
    [
        (ESCAPES, b"a%2Fb%2fc%u0041", b"a/b/cA"),
        (ESCAPES, rb"\u0041\u00e4\ud83d\ude00\x41\u{1f600}\n\/\"", 'Aä😀A😀\n/"'.encode()),
        (ESCAPES, rb"\ud83d alone", b"\xed\xa0\xbd alone"),
        (ESCAPES, b"a\\\nb", b"ab"),
        (ESCAPES, b"&#65;&#x41;&#0065&lt;&amp;&auml;", "AAA<&ä".encode()),
        (ESCAPES, b"&#99999999;&#xffffff;&unknown;", "\ufffd9;\ufffd&unknown;".encode()),
        (ESCAPES, b"&#4%38;", b"&#48;"),
        (ESCAPES, b"{0x41, 0x42,0x43}", b"{ABC}"),
        (ESCAPES, b"abc\r\n3;x=y\r\ndef", b"abcdef"),
        (ESCAPES, b"100% of %zz \\q &; 0x", b""),
        (QUOTED_PRINTABLE, b"a=3Db=\r\nc=\nd= e", b"a=bcd= e"),
    ],
)
def test_escapes(escapes: Escapes, written: bytes, meant: bytes) -> None:
    """Each escape is replaced by what it stands for; where there is none, nothing is handed on."""
    kept = Kept()

    fed(EscapeDecoder(escapes, 100, kept.make), written, [])

    assert kept.parts[0] == meant


@given(CUTS)
def test_escapes_may_be_cut(cuts: list[int]) -> None:
    """An escape at the end of a block is completed by the next one."""
    kept = Kept()
    data = b"x" * 200 + b"%30\\u0031&#50;&#x33;-a secret%20word-4567" + b"y" * 200

    fed(EscapeDecoder(ESCAPES, 50, kept.make), data, cuts)

    assert WORD in kept.everything


def test_only_what_is_around_escapes_is_handed_on() -> None:
    """Long stretches without escapes were searched already."""
    kept = Kept()

    fed(EscapeDecoder(ESCAPES, 5, kept.make), b"a" * 50 + b"%41" + b"b" * 50 + b"%42c", [20, 70])

    assert kept.parts == [b"a" * 5 + b"A" + b"b" * 5, b"b" * 5 + b"Bc", b""]


def test_escapes_can_be_looked_for_apart() -> None:
    """A secret may look like an escape of another kind."""
    assert ESCAPES.occur_in(b"a%41b")
    assert not ESCAPES.occur_in(b"100%")
    assert len(ESCAPES.apart) == len(ESCAPES.kinds)
