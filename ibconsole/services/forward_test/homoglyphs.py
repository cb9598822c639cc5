"""Hosts that look like another one: letters of other alphabets, digits for letters, slips.

Judged by the spelling alone. What is found is told, never refused: some are meant.
"""

import re
import unicodedata
from collections.abc import Iterable

# What one is easily read as: the Latin letter of the same shape.
_CONFUSED = str.maketrans("01|!ł5$", "ollllss")
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
# Letters of other alphabets that look like Latin ones (Unicode TS 39, those in use).
_TWINS = str.maketrans(
    "аеорсухіјѕԁһԛԝңκνοαρτυιγ",
    "aeopcyxijsdhqwhkvoaptuiy",
)
_DIGITS = re.compile(r"\d+")


def decoded(host: str) -> str:
    """The host with its labels as people read them; unreadable ones stay as they are."""
    return ".".join(map(_decoded, host.split(".")))


def alphabets(label: str) -> tuple[str, ...]:
    """The alphabets that the letters of a label belong to, by name, in order."""
    names = (unicodedata.name(letter, "") for letter in label if letter.isalpha())
    return tuple(dict.fromkeys(name.partition(" ")[0].capitalize() for name in names if name))


def looks_like(host: str, others: Iterable[str]) -> str:
    """Which of the others this host could be mistaken for; empty if none.

    That is one which reads the same, or differs by a single character; numbers count as
    meant (`in1`, `in2`), and the host itself is no other.
    """
    whole = decoded(host).lower().rstrip(".")
    candidates = sorted({decoded(other).lower().rstrip(".") for other in others} - {whole, ""})
    for other in candidates:
        if _skeleton(whole) == _skeleton(other) or _differs_by_one(whole, other):
            return other
    return ""


def _decoded(label: str) -> str:
    if not label.lower().startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError, OverflowError):
        return label


def _skeleton(text: str) -> str:
    """What the text looks like: alike for two texts that one could take for each other."""
    folded = unicodedata.normalize("NFKD", text.lower()).translate(_TWINS).translate(_CONFUSED)
    plain = "".join(letter for letter in folded if not unicodedata.combining(letter))
    for pair, letter in _PAIRS:
        plain = plain.replace(pair, letter)
    return plain.replace("i", "l")


def _differs_by_one(one: str, other: str) -> bool:
    """Whether a slip of one key makes one of the other: wrong, missing, extra or swapped."""
    if abs(len(one) - len(other)) > 1 or min(len(one), len(other)) < 5:
        return False
    if _DIGITS.sub("", one) == _DIGITS.sub("", other):
        return False
    start = next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )
    rest, others_rest = one[start:], other[start:]
    if rest[1:] == others_rest[1:] or rest[1:] == others_rest or rest == others_rest[1:]:
        return True
    return rest[:2] == others_rest[:2][::-1] and rest[2:] == others_rest[2:]


def mixed(host: str) -> tuple[str, tuple[str, ...]]:
    """The first label whose letters are of more than one alphabet, and these; else empty."""
    for label in decoded(host).split("."):
        found = alphabets(label)
        if len(found) > 1 and not _japanese(found):
            return label, found
    return "", ()


def _japanese(found: tuple[str, ...]) -> bool:
    """Hiragana, katakana and ideographs belong together, with Latin among them as well."""
    return {"Hiragana", "Katakana", "Cjk", "Latin", "Katakana-hiragana"}.issuperset(found)
