"""Maintenance of the archive: verification, backup and decoding all bodies again.

Each runs in a worker thread, so that a window stays responsive; see `run_in_worker`.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec.structs import replace

from ibconsole.archive import (
    DeliveryCondition,
    Progress,
    ProgressCallback,
    Reader,
    RedecodingResult,
    Verification,
    back_up,
)
from ibconsole.plural import counted
from ibconsole.services.intake import open_archive
from ibconsole.services.messages.jobs import run_in_worker
from ibconsole.services.protection import PolicyInForce, find_policy

_LISTED = 20  # ids of a list; the others are counted
_CONDITIONS = {
    DeliveryCondition.WHOLE: "whole",
    DeliveryCondition.CUT: "interrupted, cut or broken on the way; what arrived is kept",
    DeliveryCondition.UNDECODABLE: "with a body in which no message could be read; it is kept",
    DeliveryCondition.UNDER_WAY: "still under way, or not decoded yet",
    DeliveryCondition.NOT_SENT: "never sent: nothing was handed out",
    DeliveryCondition.WITHOUT_BODY: "imported without a body",
    DeliveryCondition.DAMAGED: "damaged: not as they were stored",
}


class Maintenance:
    """The maintenance of one archive; belongs to one loop, on which progress is reported."""

    def __init__(self, path: Path, policy: Callable[[], PolicyInForce] = find_policy) -> None:
        self.path = path
        self._policy = policy

    async def verify(self, on_progress: ProgressCallback) -> Verification:
        """Verify everything in the archive; see `Reader.verify`. Writes nothing."""

        def work(report: ProgressCallback) -> Verification:
            with Reader(self.path) as reader:
                return reader.verify(report)

        return await run_in_worker(work, on_progress)

    async def back_up(self, target: Path, on_progress: ProgressCallback) -> Verification:
        """Copy the archive to a new file, also while others write; see `archive.back_up`.

        A backup contains all raw bodies: raises NotPermitted where the policy forbids their export.
        """

        def work(report: ProgressCallback) -> Verification:
            self._policy().require("forbid_raw_exports", "A backup, which contains all raw bodies,")
            return back_up(self.path, target, report)

        return await run_in_worker(work, on_progress)

    async def redecode(self, on_progress: ProgressCallback) -> RedecodingResult:
        """Decode every stored body again and return the sum of the changes.

        See `Archive.redecode`; each call of it is a transaction.
        """
        return await run_in_worker(self._redecode, on_progress)

    def _redecode(self, report: ProgressCallback) -> RedecodingResult:
        with open_archive(self.path) as archive, Reader(self.path) as reader:
            newest = reader.counts().newest_delivery
            total = RedecodingResult(last=0)
            while (batch := archive.redecode(total.last)).last > total.last:
                total = _sum(total, batch)
                report(Progress("Reading again", total.last, max(total.last, newest)))
        return total


def _sum(total: RedecodingResult, batch: RedecodingResult) -> RedecodingResult:
    return replace(
        batch,
        deliveries=total.deliveries + batch.deliveries,
        changed=total.changed + batch.changed,
        added=total.added + batch.added,
        without_body=total.without_body + batch.without_body,
        fewer=total.fewer + batch.fewer,
    )


def describe_verification(verification: Verification) -> str:
    """Describe the result of a verification, what it means, and what to do about damage."""
    deliveries = counted(sum(verification.deliveries.values()), "delivery", "deliveries")
    extent = f"{deliveries} and {counted(verification.messages, 'message')} were looked at"
    if not verification.damaged:
        items = verification.ledger_items
        ledger = (
            f" The ledger agrees, with {counted(items, 'message')} sent again." if items else ""
        )
        return (
            f"The archive is undamaged: {extent}, and all are as they were stored. So is the audit,"
            f" with {counted(verification.audit_rows, 'row')}.{ledger}"
        )
    return (
        f"The archive is damaged in {counted(verification.damaged, 'place')}: {extent}. What is"
        " not named is as it was stored; messages that are named may be wrong or missing. Damage"
        " like this comes from a failing disk or from another program: copy the whole data"
        " directory to another disk first, then verify a backup in the same way and compare."
    )


def verification_report(verification: Verification) -> str:
    """Return all results of a verification as lines of text, without content of messages."""
    lines = [describe_verification(verification), ""]
    lines += [
        f"{verification.deliveries[condition]:>10,}  {_CONDITIONS[condition]}"
        for condition in DeliveryCondition
    ]
    for condition, ids in verification.remarkable.items():
        if ids:
            listed = _listed(ids, verification.deliveries[condition])
            lines += ["", f"{_CONDITIONS[condition]}: {listed}"]
    if verification.damages:
        lines += ["", "Damage:", *(f"- {damage.sentence}" for damage in verification.damages)]
    if verification.damaged > len(verification.damages):
        lines.append(f"- and {verification.damaged - len(verification.damages):,} more")
    return "\n".join(lines)


def describe_redecoding(result: RedecodingResult) -> str:
    """Describe the changes of decoding everything again, in sentences."""
    sentences = [
        f"{counted(result.deliveries, 'body', 'bodies')} read again:"
        f" {counted(result.changed, 'message')} changed, {result.added:,} new."
    ]
    if result.without_body:
        skipped = counted(result.without_body, "imported delivery", "imported deliveries")
        sentences.append(f"{skipped} skipped, because they have no body.")
    if result.fewer:
        sentences.append(
            "Fewer messages than are stored were found in"
            f" {counted(len(result.fewer), 'delivery', 'deliveries')}, which are not changed:"
            f" {_listed(result.fewer, len(result.fewer))}."
        )
    return " ".join(sentences)


def _listed(ids: Sequence[int], count: int) -> str:
    shown = ", ".join(str(one) for one in ids[:_LISTED])
    return shown if count <= _LISTED else f"{shown} and {count - _LISTED:,} more"
