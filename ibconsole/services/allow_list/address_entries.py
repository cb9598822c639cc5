"""IPv4 addresses, networks and ranges as people and firewalls write them, as first and last.

All spellings become intervals of integers: 10.0.0.0/24, 10.0.0.0/255.255.255.0, the mask after a
blank, Cisco's inverse masks, 10.0.0.1-10.0.0.9, 10.0.0.1-9, 10.0.0.*, 10.0.0/24.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from ipaddress import IPv4Address

import msgspec

_BITS = 32
EVERY = (0, (1 << _BITS) - 1)
_OCTET = r"\d{1,3}"
_ADDRESS = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
_TO = r"\s*(?:[-\u2013\u2014]|\.\.|\bto\b|\bthrough\b)\s*"
_ENTRY = re.compile(
    rf"""(?<![\w./])(?:
      (?P<first>{_ADDRESS}){_TO}(?P<last>{_ADDRESS}|{_OCTET}(?![\d./]))
    | (?P<network>{_ADDRESS})
      (?:/(?P<mask>{_ADDRESS}|\d+)|\s+(?:(?:net)?mask\s+)?(?P<apart>{_ADDRESS}))?
    | (?P<partial>{_OCTET}(?:\.{_OCTET}){{0,2}})
      (?:(?:\.[*xX])+|/(?P<bits>\d+)|\.(?!\w))
    )(?!\.?\d)(?![\w.]*[a-zA-Z_])(?!/\w)
    | (?<![\w./])(?P<wrong>{_ADDRESS}[\w./]*)""",
    re.VERBOSE,
)
_MAPPED = re.compile(rf"(?i)::ffff:({_ADDRESS})(?:/(\d+))?")
_SPELLED_DOT = re.compile(r"\\\.|\[\.\]|\(\.\)")


class Interval(msgspec.Struct, frozen=True):
    """Addresses from `first` to `last`, both included; `text` is the entry as written."""

    first: int
    last: int
    text: str


class BadEntry(ValueError):
    """The text looks like an address and is none."""


def find_intervals(line: str) -> Iterator[Interval | str]:
    """Yield the interval of each entry in a line, and the text of each that cannot be read."""
    line = _MAPPED.sub(_unmapped, _SPELLED_DOT.sub(".", line))
    position = 0
    while found := _ENTRY.search(line, position):
        position = found.end()
        if found["apart"] and _mask_bits(found["apart"]) is None:
            position = found.start("apart")  # two addresses, not an address and its mask
            yield _read(found["network"], partial(_network, found["network"], ""))
        else:
            yield _read(found[0], partial(_interval, found))


def partial_interval(octets: str) -> Interval | None:
    """Return the addresses that begin with these octets, such as `10.1`; None if it is wrong."""
    try:
        return Interval(*_partial(octets, None), octets)
    except BadEntry:
        return None


def _read(text: str, interval: Callable[[], tuple[int, int]]) -> Interval | str:
    try:
        first, last = interval()
    except BadEntry:
        return text.strip()
    return Interval(first, last, text.strip())


def _unmapped(found: re.Match[str]) -> str:
    return found[1] if found[2] is None else f"{found[1]}/{int(found[2]) - 96}"


def _interval(found: re.Match[str]) -> tuple[int, int]:
    if found["wrong"]:
        raise BadEntry(found["wrong"])
    if found["first"]:
        return _range(found["first"], found["last"])
    if found["network"]:
        return _network(found["network"], found["mask"] or found["apart"] or "")
    return _partial(found["partial"], found["bits"])


def _range(first: str, last: str) -> tuple[int, int]:
    start = _number(first)
    end = _number(last if "." in last else f"{first.rpartition('.')[0]}.{last}")
    if end < start:
        raise BadEntry(last)
    return start, end


def _network(address: str, mask: str) -> tuple[int, int]:
    number = _number(address)
    if not mask:
        return number, number
    if "." in mask and _number(mask) in EVERY:  # as a mask and as an inverse mask
        return EVERY if number == 0 else (number, number)
    bits = _mask_bits(mask) if "." in mask else int(mask)
    if bits is None or bits > _BITS:
        raise BadEntry(mask)
    return _block(number, bits)


def _partial(octets: str, bits: str | None) -> tuple[int, int]:
    parts = octets.split(".")
    length = 8 * len(parts) if bits is None else int(bits)
    if length > _BITS:
        raise BadEntry(octets)
    return _block(_number(".".join((*parts, *["0"] * (4 - len(parts))))), length)


def _block(number: int, bits: int) -> tuple[int, int]:
    host = (1 << (_BITS - bits)) - 1
    return number & ~host, number | host


def _mask_bits(mask: str) -> int | None:
    """Return the prefix length of a network mask or of an inverse mask; None if it is neither."""
    try:
        number = _number(mask)
    except BadEntry:
        return None
    for candidate in (number ^ EVERY[1], number):  # the host part: as a mask, as an inverse mask
        if candidate & (candidate + 1) == 0:
            return _BITS - candidate.bit_length()
    return None


def _number(address: str) -> int:
    # A leading zero means octal to some programs and decimal to others, so it is refused.
    try:
        return int(IPv4Address(address))
    except ValueError:
        raise BadEntry(address) from None
