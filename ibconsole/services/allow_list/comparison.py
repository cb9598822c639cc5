"""The published networks compared with the rules of a firewall."""

import asyncio
import threading
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, collapse_addresses, summarize_address_range
from pathlib import Path

import msgspec

from ibconsole.errors import UserError
from ibconsole.model import to_utf8
from ibconsole.plural import counted
from ibconsole.services.allow_list.firewall_rules import (
    Rule,
    UnreadEntry,
    never_cancelled,
    read_rules,
)
from ibconsole.services.allow_list.published import Edition, editions

LARGEST = 4 << 20  # bytes of rules, or characters

_Span = tuple[int, int]


class NetworkCoverage(msgspec.Struct, frozen=True):
    """One published network; `missing` are the parts of it that may not connect."""

    network: IPv4Network
    missing: tuple[IPv4Network, ...]

    @property
    def missing_addresses(self) -> int:
        """The number of addresses that may not connect."""
        return sum(part.num_addresses for part in self.missing)


class AllowListResult(msgspec.Struct, frozen=True):
    """The published networks that a firewall lets pass.

    `networks` are all of the edition, in its order. `is_older_edition` is true if the rules allow
    all of an older edition and not all of this one. `rules` is the number of entries that were
    read.
    """

    edition: Edition
    networks: tuple[NetworkCoverage, ...]
    rules: int
    is_older_edition: bool = False
    unread: tuple[UnreadEntry, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[NetworkCoverage, ...]:
        """The networks that are missing, entirely or in parts."""
        return tuple(one for one in self.networks if one.missing)

    @property
    def missing_share(self) -> float:
        """The share of all published addresses that may not connect, from 0 to 1."""
        return sum(one.missing_addresses for one in self.networks) / self.edition.size

    @property
    def complete(self) -> bool:
        """True if every published address may connect."""
        return not self.missing


class RulesTooLarge(UserError):
    """The rules are larger than what is compared."""

    def __init__(self) -> None:
        super().__init__(
            f"The rules are larger than {LARGEST >> 20} MiB; nothing was compared. Leave out what"
            " is not about incoming HTTPS."
        )


def check_allow_list(
    text: str, is_cancelled: Callable[[], bool] = never_cancelled
) -> AllowListResult:
    """Compare firewall rules of any form with the newest edition of the published networks.

    Raises RulesTooLarge, and ReadingCancelled. Blocks for some seconds on the largest rules.
    """
    if len(text) > LARGEST:
        raise RulesTooLarge
    read = read_rules(text, is_cancelled)
    newest, *older = editions()
    rules = _relevant(read.rules, editions())
    networks = _coverage(newest, rules)
    complete = not any(one.missing for one in networks)
    return AllowListResult(
        edition=newest,
        networks=networks,
        rules=len(read.rules),
        is_older_edition=not complete
        and any(all(not one.missing for one in _coverage(edition, rules)) for edition in older),
        unread=read.unread,
        notes=read.notes,
    )


async def compare_rules(text: str) -> AllowListResult:
    """Do the same on a thread, which ends soon after a cancellation. Raises RulesTooLarge."""
    cancelled = threading.Event()
    try:
        return await asyncio.to_thread(check_allow_list, text, cancelled.is_set)
    finally:
        cancelled.set()


def rules_text(data: bytes) -> str:
    """Return rules as text, whatever their encoding. Raises RulesTooLarge."""
    if len(data) > LARGEST:
        raise RulesTooLarge
    return to_utf8(data).data.decode("utf-8", "replace").lstrip("\ufeff")


def read_rules_file(path: Path) -> str:
    """Read the text of a file with rules. Raises RulesTooLarge, or a UserError. Blocks."""
    try:
        if not path.is_file():  # a pipe might never answer
            raise UserError(f"{path} is no file; nothing was compared.")
        with path.open("rb") as file:
            return rules_text(file.read(LARGEST + 1))
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(f"{path} could not be read: {reason}. Nothing was compared.") from error


def describe_result(result: AllowListResult) -> tuple[str, ...]:
    """Return the result in sentences, the most important first."""
    return (_verdict(result), *_consequences(result), *_remarks(result))


def to_object(result: AllowListResult) -> dict[str, object]:
    """Return the result as JSON values."""
    return {
        "complete": result.complete,
        "edition": {
            "name": result.edition.name,
            "read": result.edition.read,
            "source": result.edition.source,
        },
        "rules": result.rules,
        "missing": [
            {"network": str(one.network), "parts": [str(part) for part in one.missing]}
            for one in result.missing
        ],
        "missingAddresses": sum(one.missing_addresses for one in result.networks),
        "addresses": result.edition.size,
        "isOlderEdition": result.is_older_edition,
        "unread": [{"line": one.line, "text": one.text} for one in result.unread],
        "sentences": describe_result(result),
    }


def _relevant(rules: Sequence[Rule], compared: Iterable[Edition]) -> Sequence[Rule]:
    """Leave out rules about no published address: of many thousand, few remain."""
    networks = collapse_addresses(one for edition in compared for one in edition.networks)
    spans = [(int(one.network_address), int(one.broadcast_address)) for one in networks]
    starts = [start for start, _ in spans]

    def overlaps(first: int, last: int) -> bool:
        place = bisect_right(starts, last) - 1
        return place >= 0 and spans[place][1] >= first

    return [one for one in rules if overlaps(one.addresses.first, one.addresses.last)]


def _coverage(edition: Edition, rules: Sequence[Rule]) -> tuple[NetworkCoverage, ...]:
    return tuple(NetworkCoverage(network, _missing(network, rules)) for network in edition.networks)


def _missing(network: IPv4Network, rules: Sequence[Rule]) -> tuple[IPv4Network, ...]:
    """Return the parts of a network that no rule allows before another one denies them."""
    undecided: list[_Span] = [(int(network.network_address), int(network.broadcast_address))]
    missing: list[_Span] = []
    for rule in rules:
        first, last = rule.addresses.first, rule.addresses.last
        if last < undecided[0][0] or first > undecided[-1][1]:
            continue
        if not rule.allows:
            missing += [
                (max(start, first), min(end, last))
                for start, end in undecided
                if start <= last and end >= first
            ]
        undecided = [part for span in undecided for part in _without(span, first, last)]
        if not undecided:
            break
    return tuple(
        part
        for start, end in sorted(missing + undecided)
        for part in summarize_address_range(IPv4Address(start), IPv4Address(end))
    )


def _without(span: _Span, first: int, last: int) -> list[_Span]:
    start, end = span
    if last < start or first > end:
        return [span]
    parts = [(start, first - 1), (last + 1, end)]
    return [(begin, finish) for begin, finish in parts if begin <= finish]


def _verdict(result: AllowListResult) -> str:
    total = len(result.networks)
    if result.complete:
        return f"All {total} published networks may connect."
    if not result.rules:
        return "No address was found in it, so nothing can be said about the published networks."
    missing = len(result.missing)
    if result.missing_share == 1:
        return f"None of the {total} published networks may connect."
    addresses = sum(one.missing_addresses for one in result.networks)
    return (
        f"{missing} of {total} published networks {'is' if missing == 1 else 'are'} missing,"
        f" entirely or in parts: {addresses:,} of {result.edition.size:,} addresses"
        f" ({_percent(result.missing_share)})."
    )


def _consequences(result: AllowListResult) -> tuple[str, ...]:
    if result.complete or not result.rules:
        return ()
    if result.missing_share == 1:
        return ("Forwards from the published networks are refused.",)
    sentences = [
        "This looks like an intermittent loss: forwards from the other networks arrive, those from"
        " the missing ones do not. Which share of the messages a network sends is not published."
    ]
    if result.is_older_edition:
        sentences.append("The list is an older edition; networks were added since then.")
    return tuple(sentences)


def _remarks(result: AllowListResult) -> tuple[str, ...]:
    remarks = list(result.notes)
    if result.unread:
        shown = ", ".join(one.text for one in result.unread[:5])
        remarks.append(
            f"{counted(len(result.unread), 'entry', 'entries')} could not be read: {shown}."
        )
    remarks.append(
        f"Compared with the list of {result.edition.read}. The platform also sends from public"
        " clouds, whose addresses it does not list."
    )
    return tuple(remarks)


def _percent(share: float) -> str:
    percent = share * 100
    return f"{percent:.1f} %" if percent >= 0.1 else "less than 0.1 %"
