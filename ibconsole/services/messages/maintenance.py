"""Looking after the archive: verifying it, backing it up, reading its bodies again.

Each in a thread of its own, so that a window stays alive meanwhile; see `working`.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ibconsole.archive import (
    Archive,
    DeliveryCondition,
    Progress,
    ProgressCallback,
    Reader,
    RedecodingResult,
    Verification,
    back_up,
)
from ibconsole.services.messages.jobs import run_in_worker


class Maintenance:
    """Looks after one archive; belongs to one loop, on which `watch` is called, too."""

    def __init__(self, path: Path) -> None:
        self.path = path

    async def verify(self, watch: Callable[[Progress], None]) -> Verification:
        """Go through everything there is; see `Reader.verify`. Writes nothing."""

        def work(watched: ProgressCallback) -> Verification:
            with Reader(self.path) as reader:
                return reader.verify(watched)

        return await run_in_worker(work, watch)

    async def back_up(self, target: Path, watch: Callable[[Progress], None]) -> Verification:
        """Copy the archive to a new file while others write; see `archive.back_up`."""
        return await run_in_worker(lambda watched: back_up(self.path, target, watched), watch)

    async def redecode(self, watch: Callable[[Progress], None]) -> RedecodingResult:
        """Read every body again; what all of it brought. See `Archive.redecode`."""
        return await run_in_worker(self._redecode, watch)

    def _redecode(self, watch: ProgressCallback) -> RedecodingResult:
        with Archive(self.path) as archive, Reader(self.path) as reader:
            newest = reader.counts().newest_delivery
            told = RedecodingResult(last=0)
            while (some := archive.redecode(told.last)).last > told.last:
                told = _together(told, some)
                watch(Progress("Reading again", told.last, max(told.last, newest)))
        return told


def _together(one: RedecodingResult, other: RedecodingResult) -> RedecodingResult:
    return replace(
        other,
        deliveries=one.deliveries + other.deliveries,
        changed=one.changed + other.changed,
        added=one.added + other.added,
        without_body=one.without_body + other.without_body,
        fewer=one.fewer + other.fewer,
    )


def describe_verification(found: Verification) -> str:
    """What a verification has found, in a sentence: what it means, and what to do."""
    deliveries = sum(found.deliveries.values())
    looked_at = f"{_counted(deliveries, 'delivery', 'deliveries')} and" + (
        f" {_counted(found.messages, 'message')} were looked at"
    )
    if not found.damaged:
        return f"The archive is undamaged: {looked_at}, and all are as they were stored."
    return (
        f"The archive has {_counted(found.damaged, 'damage')}: {looked_at}. What is not named is"
        " as it was stored. Damage like this comes from a failing disk or from another program:"
        " copy the whole data directory to another disk first, then compare with a backup, which"
        " verifies in the same way. Messages that are named may be wrong or missing."
    )


def verification_report(found: Verification) -> str:
    """All that a verification has found, as lines of text. Holds no content of messages."""
    lines = [describe_verification(found), ""]
    lines += [
        f"{found.deliveries[standing]:>10,}  {_MEANING[standing]}" for standing in DeliveryCondition
    ]
    for standing, ids in found.remarkable.items():
        if ids:
            lines += ["", f"{_MEANING[standing]}: {_listed(ids, found.deliveries[standing])}"]
    if found.damages:
        lines += ["", "Damages:", *(f"- {damage.sentence}" for damage in found.damages)]
    if found.damaged > len(found.damages):
        lines.append(f"- and {found.damaged - len(found.damages):,} more")
    return "\n".join(lines)


def describe_redecoding(told: RedecodingResult) -> str:
    """What reading everything again has brought, in sentences."""
    sentences = [
        f"{_counted(told.deliveries, 'body', 'bodies')} read again:"
        f" {_counted(told.changed, 'message')} changed, {told.added:,} new."
    ]
    if told.without_body:
        without = _counted(told.without_body, "imported delivery", "imported deliveries")
        sentences.append(f"{without} without a body passed over.")
    if told.fewer:
        sentences.append(
            "Fewer messages than are stored were found in"
            f" {_counted(len(told.fewer), 'delivery', 'deliveries')}, which stay as they are:"
            f" {_listed(told.fewer, len(told.fewer))}."
        )
    return " ".join(sentences)


_LISTED = 20
_MEANING = {
    DeliveryCondition.WHOLE: "whole",
    DeliveryCondition.CUT: "interrupted, cut or broken on the way; what arrived is kept",
    DeliveryCondition.UNDECODABLE: "with a body in which no message could be read; it is kept",
    DeliveryCondition.UNDER_WAY: "still under way, or not decoded yet",
    DeliveryCondition.NOT_SENT: "never sent: nothing was handed out",
    DeliveryCondition.WITHOUT_BODY: "imported without a body",
    DeliveryCondition.DAMAGED: "damaged: not as they were stored",
}


def _listed(ids: tuple[int, ...], count: int) -> str:
    shown = ", ".join(str(one) for one in ids[:_LISTED])
    return shown if count <= _LISTED else f"{shown} and {count - _LISTED:,} more"


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
