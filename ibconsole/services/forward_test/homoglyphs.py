"""Homoglyphs in host names: foreign letters, digits for letters, and typing errors.

Only the spelling is examined. A result is a warning, never a refusal: some such names are
intended.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

_MOST_ALIKE = 50
# ASCII characters and pairs that are easily read as another letter.
_ASCII_TO_LETTER = str.maketrans("01|!ł5$", "ollllss")
_PAIR_TO_LETTER = (("rn", "m"), ("vv", "w"), ("cl", "d"))
# Letters of other alphabets that look like Latin ones (Unicode TS 39, those in common use).
_FOREIGN_TO_LATIN = str.maketrans(
    "аеорсухіјѕԁһԛԝңκνοαρτυιγ",
    "aeopcyxijsdhqwhkvoaptuiy",
)
_DIGITS = re.compile(r"\d+")
_JAPANESE = {"Hiragana", "Katakana", "Cjk", "Latin", "Katakana-hiragana"}


def decode_host(host: str) -> str:
    """Return the host with its punycode labels decoded; undecodable ones are not changed."""
    return ".".join(map(_decode_label, host.split(".")))


def alphabets_of(label: str) -> tuple[str, ...]:
    """Return the names of the alphabets that a label's letters belong to, in their order."""
    names = (unicodedata.name(letter, "") for letter in label if letter.isalpha())
    return tuple(dict.fromkeys(name.partition(" ")[0].capitalize() for name in names if name))


def find_lookalike(host: str, others: Iterable[str]) -> str:
    """Return the first of the other hosts that this one could be mistaken for; empty if none.

    Two hosts look alike if they read the same or differ by a single character. Hosts that
    differ by a number (`in1`, `in2`) do not, and the host itself is left out.
    """
    own = _Shape.of(host)
    shapes = {_Shape.of(other) for other in others}
    return min((one.readable for one in shapes if own.is_like(one)), default="")


def find_lookalikes(hosts: Iterable[str]) -> dict[str, str]:
    """Return each host that could be mistaken for another one, with that one; see `find_lookalike`.

    The time grows with the number of hosts, not with its square: two texts that differ by one
    character are equal once it is taken out of each, so only hosts with such a part in common are
    compared. At most 50 with the same part are.
    """
    shapes = {host: _Shape.of(host) for host in hosts}
    buckets: dict[str, set[str]] = defaultdict(set)
    for host, shape in shapes.items():
        name = shape.readable
        parts = {name[:at] + name[at + 1 :] for at in range(len(name))}
        for key in (*parts, name, f"={shape.skeleton}"):
            buckets[key].add(host)
    candidates: dict[str, set[str]] = defaultdict(set)
    for bucket in buckets.values():
        if 1 < len(bucket) <= _MOST_ALIKE:
            for host in bucket:
                candidates[host] |= bucket
    found = {}
    for host, others in candidates.items():
        alike = [shapes[other].readable for other in others if shapes[host].is_like(shapes[other])]
        if alike:
            found[host] = min(alike)
    return found


class _Shape(NamedTuple):
    """A host as it is read, its skeleton, and the host without its digits."""

    readable: str
    skeleton: str
    without_digits: str

    @classmethod
    def of(cls, host: str) -> "_Shape":
        readable = decode_host(host).lower().rstrip(".")
        return cls(readable, _skeleton(readable), _DIGITS.sub("", readable))

    def is_like(self, other: "_Shape") -> bool:
        """Return whether this host could be mistaken for the other one; see `find_lookalike`."""
        if not self.readable or not other.readable or self.readable == other.readable:
            return False
        if self.skeleton == other.skeleton:
            return True
        if self.without_digits == other.without_digits:
            return False
        return _differ_by_one(self.readable, other.readable)


def find_mixed_label(host: str) -> tuple[str, tuple[str, ...]]:
    """Return the first label with letters of several alphabets, and these; empty if none.

    The Japanese scripts, with Latin among them, count as one alphabet.
    """
    for label in decode_host(host).split("."):
        alphabets = alphabets_of(label)
        if len(alphabets) > 1 and not _JAPANESE.issuperset(alphabets):
            return label, alphabets
    return "", ()


def _decode_label(label: str) -> str:
    if not label.lower().startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError, OverflowError):
        return label


def _skeleton(text: str) -> str:
    """Reduce a text to its shape: equal for two texts that read the same (Unicode TS 39)."""
    plain = text.lower()
    if not plain.isascii():
        folded = unicodedata.normalize("NFKD", plain).translate(_FOREIGN_TO_LATIN)
        plain = "".join(letter for letter in folded if not unicodedata.combining(letter))
    plain = plain.translate(_ASCII_TO_LETTER)
    for pair, letter in _PAIR_TO_LETTER:
        plain = plain.replace(pair, letter)
    return plain.replace("i", "l")


def _differ_by_one(one: str, other: str) -> bool:
    """Return whether they differ by one wrong, missing, extra or swapped character."""
    if abs(len(one) - len(other)) > 1 or min(len(one), len(other)) < 5:
        return False
    if _DIGITS.sub("", one) == _DIGITS.sub("", other):
        return False
    start = next(
        (index for index, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )
    rest, others_rest = one[start:], other[start:]
    if rest[1:] == others_rest[1:] or rest[1:] == others_rest or rest == others_rest[1:]:
        return True
    return rest[:2] == others_rest[:2][::-1] and rest[2:] == others_rest[2:]
