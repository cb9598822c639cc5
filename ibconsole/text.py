"""Received text: masked codes, visible control characters, and folding for comparisons."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import chain, pairwise

_ENDS = 4
# Characters that reorder their neighbours, break a line or are invisible; escaped as in JSON.
# Without the joiners (200c, 200d), which emoji and several scripts need.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
)

# What has to be decomposed before it is folded, because its iota below becomes a letter.
_IOTA = "\u03b9"
_WITH_IOTA = re.compile("[\u0345\u1f80-\u1fff]")
# The vowels and final consonants of Hangul, which compose with what precedes them.
_JAMO = re.compile("[\u1160-\u11ff\ud7b0-\ud7ff]")
# All spellings that `fold` makes ASCII characters of, besides these themselves.
ASCII_SPELLINGS = (
    *"\xdf\u0130\u0131\u0149\u017f\u037e\u1e9a\u1e9e\u1fef\u212a",
    *"\ufb00\ufb01\ufb02\ufb03\ufb04\ufb05\ufb06",
    "i\u0307",
    "I\u0307",
)
_DOTTED_I = "i\u0307"
_DOTLESS_I = "\u0131"


def mask_code(code: str) -> str:
    """Keep the first and last four characters: enough to recognize a code, not to use it.

    An application's code doubles as the mobile SDK's credential (platform.md §3). A mask stays.
    """
    if not code or code[_ENDS:-_ENDS] == "…":
        return code
    if len(code) < 4 * _ENDS:
        return "…"
    return f"{code[:_ENDS]}…{code[-_ENDS:]}"


def escape_invisible(text: str) -> str:
    """Replace each invisible character by its escape; tab and newline stay."""
    # Hardly any text contains such a character: testing first takes a fifth of the time.
    if text.isprintable():
        return text
    return _INVISIBLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def fold(text: str) -> str:
    """Return a text for comparisons: equal for canonical equivalents, in either case.

    All typed text is compared with stored text in this form (Unicode Standard, D145, composed).
    Composed, because "e" is no part of "é" then, and Hangul and kana stay short. Both letters i of
    Turkish are one, as "I" may be the capital of either. Compatibility forms, such as those of full
    width, stay different.
    """
    if text.isascii():
        return text.lower()
    folded = text.casefold()
    if _IOTA in folded and _WITH_IOTA.search(text):
        folded = unicodedata.normalize("NFD", text).casefold()
    folded = unicodedata.normalize("NFC", folded)
    if _DOTLESS_I in folded or _DOTTED_I in folded:
        folded = folded.replace(_DOTLESS_I, "i").replace(_DOTTED_I, "i")
        return unicodedata.normalize("NFC", folded)
    return folded


def find_folded(words: Iterable[str], text: str) -> Sequence[tuple[int, int]]:
    """Return where a text has the words, compared by `fold`: start and length of each.

    The first place of each word that is found, in whole characters as they are read: a letter with
    its accents.
    """
    folded = fold(text)
    found = [(folded.find(word), len(word)) for word in map(fold, words)]
    spans = folded_spans(text)
    return [
        (spans[start][0], spans[start + length - 1][1] - spans[start][0])
        for start, length in found
        if start >= 0 and length
    ]


def folded_spans(text: str) -> Sequence[tuple[int, int]]:
    """Return for each character of the folded text the start and the end of its origin."""
    starts = [place for place, letter in enumerate(text) if not place or _begins(letter)]
    origins = pairwise([*starts, len(text)])
    return list(chain.from_iterable([span] * len(fold(text[slice(*span)])) for span in origins))


def _begins(letter: str) -> bool:
    """Return whether this never belongs to the character before it."""
    return letter.isascii() or not (
        unicodedata.category(letter).startswith("M") or _JAMO.match(letter)
    )
