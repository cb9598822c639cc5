"""The secrets that the console knows, and the bytes by which a scan finds each of them.

They are held in memory only: nothing here is written, logged or shown.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from ibconsole.secret import Secret

SHORTEST = 6  # characters: a shorter text occurs by chance
_FOLDED = 12  # bytes: a shorter one could be a word in another case
# What is left out at both ends of a long secret: the spelling of its surroundings may have eaten
# into them, as "%4" does in front of an "a".
_EDGE, _WITH_EDGES = 4, 20
LONGEST_NEEDLE = 64  # bytes that are enough to recognize a longer secret, such as a token


class KnownSecret(msgspec.Struct, frozen=True):
    """A secret, and words for users that name it without showing it: `API key of Acme`."""

    label: str
    secret: Secret


class KnownSecrets(msgspec.Struct, frozen=True, kw_only=True):
    """Every secret that must not leave the console.

    `problems` are sentences on secrets that could not be read, so that they cannot be searched for:
    an export must not go on with them unless its user agrees.
    """

    secrets: tuple[KnownSecret, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def searchable(self) -> Sequence[KnownSecret]:
        """Those that are long enough to be searched for."""
        return [one for one in self.secrets if len(one.secret.reveal()) >= SHORTEST]

    @property
    def too_short(self) -> Sequence[KnownSecret]:
        """Those shorter than 6 characters, masked only in places that are made for secrets."""
        return [one for one in self.secrets if 0 < len(one.secret.reveal()) < SHORTEST]

    def joined_with(self, *others: "KnownSecrets") -> "KnownSecrets":
        """Return the secrets and problems of all, each once; the first name of a secret stays."""
        everything = (self, *others)
        secrets: dict[Secret, KnownSecret] = {}
        for known in everything:
            for one in known.secrets:
                secrets.setdefault(one.secret, one)
        problems = dict.fromkeys(problem for known in everything for problem in known.problems)
        return KnownSecrets(secrets=tuple(secrets.values()), problems=tuple(problems))


class Needle:
    """Bytes that occur nowhere but in a secret; `folded` ones are compared in lower case.

    They begin `offset` bytes behind the secret's own first byte.
    """

    __slots__ = ("data", "folded", "label", "offset")

    def __init__(self, label: str, whole: bytes) -> None:
        core = whole[_EDGE:-_EDGE] if len(whole) >= _WITH_EDGES else whole
        data = core[-LONGEST_NEEDLE:]
        self.label = label
        self.folded = len(data) >= _FOLDED
        self.data = data.lower() if self.folded else data
        self.offset = whole.index(data)

    def __repr__(self) -> str:
        return f"Needle({self.label!r})"


def needles(secrets: KnownSecrets) -> Sequence[Needle]:
    """Return what to search for, each once: the secrets as the codings of text write them."""
    found: dict[bytes, Needle] = {}
    for known in secrets.searchable:
        for data in _spellings(known.secret.reveal()):
            needle = Needle(known.label, data)
            found.setdefault(needle.data, needle)
    return list(found.values())


def _spellings(value: str) -> Iterator[bytes]:
    """Yield the bytes of a secret in each coding; wide ones of ASCII are read without zeros."""
    for text in dict.fromkeys(_forms(value)):
        yield text.encode("utf-8", "surrogatepass")
        if not text.isascii():
            yield from _encoded(text, ("latin-1", "cp1252"))
            for wide in _encoded(text, ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")):
                yield wide
                if len(narrow := wide.replace(b"\0", b"")) >= SHORTEST:
                    yield narrow


def _forms(value: str) -> Iterable[str]:
    yield value
    yield unicodedata.normalize("NFC", value)
    yield unicodedata.normalize("NFD", value)
    yield value.replace(" ", "+")  # as in a form


def _encoded(text: str, codecs: Iterable[str]) -> Iterator[bytes]:
    for codec in codecs:
        try:
            yield text.encode(codec, "surrogatepass" if codec.startswith("utf") else "strict")
        except UnicodeEncodeError:
            continue
