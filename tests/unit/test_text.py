"""Masked codes, visible control characters, and texts that are equal in comparisons."""

import unicodedata
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.text import ASCII_SPELLINGS, escape_invisible, find_folded, fold, mask_code

# Letters and marks that fold, compose or reorder in unusual ways, and any others.
LETTERS = st.sampled_from(
    [
        *"aAeEiIsSkK\xdf\xe9\u0130\u0131\u0149\u017f\u01f0\u0345\u0390\u03b1\u03b9\u1fb3\u1fc3\u1ffc",
        *"\u0301\u0307\u0308\u0323\u0334\u0338;<=>`\u212a\u212b\u2126\ufb01\ufb03\u1e9e\u03c3\u03c2\u03a3",
        *"\u1112\u1161\u11ab\ud558\ud55c\u304b\u3099\u304c\u09c7\u09be\u09cb\u0915\u093c\u0958\uf900\u8c48",
        *"\u10d0\u1c90\u13a0\uab70\U00010400\U00010428\U0001f600",
    ]
)
ANY_TEXT = st.text(LETTERS, max_size=8) | st.text(max_size=8)


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("233623e3c860b49ec69a464834343481-8bj4el4a-256d-23fd-56ad-b5bc3d568b53", "2336…8b53"),
        ("0123456789abcdef", "0123…cdef"),
        ("0123…cdef", "0123…cdef"),
        ("0123456789abcde", "…"),
        ("", ""),
    ],
)
def test_masked(code: str, shown: str) -> None:
    """A code shows its ends, unless they would be half of it."""
    assert mask_code(code) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ü 🙂", "plain ü 🙂"),
        ("tab\tand\nnewline", "tab\tand\nnewline"),
        ("a\u202eb\x00", "a\\u202eb\\u0000"),
        ("family 👩\u200d👩", "family 👩\u200d👩"),
    ],
)
def test_escape_invisible(text: str, shown: str) -> None:
    """Invisible and reordering characters are shown as escapes; joiners of emoji stay."""
    assert escape_invisible(text) == shown


@given(ANY_TEXT)
def test_fold(text: str) -> None:
    """Canonical equivalents and both cases are equal, and folding again changes nothing."""
    folded = fold(text)
    spellings = [unicodedata.normalize(form, text) for form in ("NFC", "NFD")]

    assert {fold(one) for one in spellings} == {folded}
    assert fold(folded) == folded


@given(st.lists(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_both_cases(letters: list[str]) -> None:
    """Each letter of any script is found in every case."""
    for letter in letters:
        cases = {letter.upper(), letter.lower(), letter.title(), letter.casefold()}
        assert {fold(one) for one in cases} == {fold(letter)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Zu\u0308rich", "Z\xdcRICH"),
        ("\u1112\u1161\u11ab", "\ud55c"),
        ("Stra\xdfe", "STRASSE"),
        ("\u1e9e", "ss"),
        ("DI\u015e", "d\u0131\u015f"),
        ("\u0130stanbul", "istanbul"),
        ("I\u0307zmir", "IZMIR"),
        ("\u039f\u0394\u039f\u03a3", "\u03bf\u03b4\u03bf\u03c2"),
        ("\u212a\u212b\u2126", "k\xe5\u03c9"),
        ("\u1fb3\u0323", "\u03b1\u0323\u03b9"),
        ("\u304b\u3099", "\u304c"),
        ("\uf900", "\u8c48"),
    ],
)
def test_equal_texts(one: str, other: str) -> None:
    """Texts that read the same are equal, however they are spelled."""
    assert fold(one) == fold(other)


@pytest.mark.parametrize("text", ["\uff41", "\uff76", "\u00b2", "\u2460", "\xe9", "\u304c"])
def test_different_texts(text: str) -> None:
    """Compatibility forms and letters with other accents stay different."""
    simple = unicodedata.normalize("NFKD", text)[0]
    assert simple not in fold(text)


def test_ascii_spellings() -> None:
    """All other characters that a search for ASCII characters finds are listed."""
    found = {
        letter
        for letter in map(chr, [*range(128, 0xD800), *range(0xE000, 0x30000)])
        if any(map(str.isascii, fold(letter)))
    }
    assert found == {one for one in ASCII_SPELLINGS if len(one) == 1}


@pytest.mark.parametrize(
    ("words", "text", "found"),
    [
        (["zu\u0308"], "in Z\xfcrich", ["Z\xfc"]),
        (["z\xfc", "CH"], "in Zu\u0308rich", ["Zu\u0308", "ch"]),
        (["strasse"], "die Stra\xdfe 1", ["Stra\xdfe"]),
        (["as"], "Stra\xdfe", ["a\xdf"]),
        (["\u1112\u1161\u11ab"], "\ub300\ud55c", ["\ud55c"]),
        (["x", ""], "abc", []),
    ],
)
def test_find_folded(words: Sequence[str], text: str, found: list[str]) -> None:
    """What is found is marked in the original text, in whole characters."""
    assert [text[start : start + length] for start, length in find_folded(words, text)] == found


@given(ANY_TEXT)
def test_a_whole_text_is_found(text: str) -> None:
    """Every text is found in itself, from its start to its end."""
    assert find_folded([text], text) == ([(0, len(text))] if text else [])
