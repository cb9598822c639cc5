"""The texts of a dry run: what would be sent, what not, and who else may have delivered it."""

from collections.abc import Iterable, Sequence
from datetime import tzinfo

import msgspec

from ibconsole.errors import Severity
from ibconsole.plural import counted
from ibconsole.services.give_back import GiveBackPlan
from ibconsole.services.redelivery import RedeliveryPlan
from ibconsole.services.request_log import redact_url
from ibconsole.ui.toolkit import byte_size, one_line, times
from ibconsole.ui.viewers import Remark

_MOST_URLS = 3
_MOST_COMPUTERS = 5
_UNASKED = "The team's ledger is not asked: others may have given back the same messages."
_GIVEN = {
    "acknowledged": "acknowledged there by {0}, and not sent again",
    "accepted": "counted as delivered by a decision of {0}",
    "unknown": "sent there by {0} without an answer yet, and not sent again",
    "under way": "to be sent again there by {0}, and not sent from here",
    "claimed": "claimed by {0} since {1}, and not sent from here",
}
_FORWARDS = (
    "The platform forwards to this URL, and may have delivered some of them itself. Duplicates have"
    " the same messageId."
)


class DryRun(msgspec.Struct, frozen=True):
    """The result of a dry run in words: the number of messages to be sent, and remarks."""

    messages: int
    sentence: str
    remarks: tuple[Remark, ...] = ()

    @property
    def as_text(self) -> str:
        """All of it, for a ticket."""
        return "\n".join((self.sentence, *(remark.sentence for remark in self.remarks)))


def describe_resend(plan: RedeliveryPlan, zone: tzinfo | None = None) -> DryRun:
    """Return the dry run of messages that are sent again, in words."""
    sent = f"{counted(plan.messages, 'message')} in {counted(plan.requests, 'request')}"
    sentence = f"{sent} ({byte_size(plan.size)}){_arrived(plan.first, plan.last, zone)}."
    return DryRun(plan.messages, sentence, tuple(_resend_remarks(plan)))


def describe_give_back(
    plan: GiveBackPlan, zone: tzinfo | None = None, *, forwards: bool = False
) -> DryRun:
    """Return the dry run of messages that are given back, in words.

    `forwards` is true if the application has a forward action with the URL.
    """
    counts = plan.counts
    if not counts.stored:
        return DryRun(0, "No such message is stored.")
    stored = counted(counts.stored - counts.repeated, "message")
    team = sorted(_team(plan, zone), key=lambda one: one.severity is not Severity.WARNING)
    if not counts.missing:
        sentence = f"Nothing to send: none of {stored} is missing."
        return DryRun(0, sentence, (*_standing(plan), *team))
    requests = counted(plan.requests, "request")
    seconds = f" in {times.duration(plan.seconds)} or more" if plan.seconds >= 1 else ""
    arrived = _arrived(counts.first_at, counts.last_at, zone)
    sentence = (
        f"{counts.missing:,} of {stored} {'is' if counts.missing == 1 else 'are'} missing there:"
        f" {requests} ({byte_size(counts.size)}){seconds}{arrived}."
    )
    own = (Remark(Severity.WARNING, _FORWARDS),) if forwards else ()
    return DryRun(counts.missing, sentence, (*own, *_standing(plan), *team, *_others(plan)))


def _arrived(first: int | None, last: int | None, zone: tzinfo | None) -> str:
    if first is None or last is None:
        return ""
    if first == last:
        return f", arrived {times.exact(first, zone)}"
    return f", arrived {times.exact(first, zone)} to {times.exact(last, zone)}"


def _resend_remarks(plan: RedeliveryPlan) -> Iterable[Remark]:
    if plan.unknown:
        which = counted(plan.unknown, "message was", "messages were")
        yield Remark(
            Severity.WARNING,
            f"{which} sent to this URL before, and no whole answer came: sent again now.",
        )
    if plan.acknowledged:
        which = counted(plan.acknowledged, "message was", "messages were")
        yield Remark(Severity.WARNING, f"{which} acknowledged by this URL before: sent again now.")
    if plan.others:
        yield Remark(Severity.INFO, _forwarded_to(plan.others))
    if plan.duplicates:
        which = counted(plan.duplicates, "message is", "messages are")
        yield Remark(Severity.INFO, f"{which} stored here already, with the same messageId.")
    if plan.divided:
        which = counted(plan.divided, "message is", "messages are")
        yield Remark(
            Severity.INFO,
            f"{which} sent alone, because not all messages of the same forward are sent.",
        )


def _standing(plan: GiveBackPlan) -> tuple[Remark, ...]:
    """Return remarks on the messages that are not sent."""
    counts = plan.counts
    found = (
        (
            Severity.WARNING,
            counts.unknown,
            "unknown there, and not sent without a decision: see the tab Redelivery",
        ),
        (Severity.WARNING, counts.under_way, "in another job to this URL: resume that one"),
        (Severity.INFO, counts.acknowledged, "acknowledged there, and not sent again"),
        (Severity.INFO, counts.accepted, "counted as delivered by a decision"),
        (Severity.INFO, counts.repeated, "stored more than once, and sent once"),
    )
    return tuple(
        Remark(severity, f"{counted(number, 'message is', 'messages are')} {words}.")
        for severity, number, words in found
        if number
    )


def _team(plan: GiveBackPlan, zone: tzinfo | None) -> Iterable[Remark]:
    """Yield remarks on what others of the team have given, or have received alone."""
    if plan.team_unasked:
        yield Remark(Severity.WARNING, _UNASKED)
    if plan.team is None:
        return
    found = plan.team
    for (standing, source), number in found.given.most_common(_MOST_COMPUTERS):
        since = times.exact(found.claimed_since.get(source, 0), zone)
        words = _GIVEN[standing].format(one_line(source), since)
        severity = Severity.WARNING if standing == "claimed" else Severity.INFO
        yield Remark(severity, f"{counted(number, 'message is', 'messages are')} {words}.")
    for source, number in found.taken_over.most_common(_MOST_COMPUTERS):
        which = counted(number, "message is", "messages are")
        yield Remark(Severity.WARNING, f"{which} taken over from {one_line(source)}.")
    if found.received:
        which = counted(found.received.total(), "message was", "messages were")
        shown = [one_line(one) for one, _ in found.received.most_common(_MOST_URLS)]
        more = len(found.received) - len(shown)
        names = ", ".join([*shown, *([f"{more:,} more"] if more else [])])
        yield Remark(Severity.INFO, f"{which} received by {names} alone, which can give them back.")


def _others(plan: GiveBackPlan) -> Iterable[Remark]:
    if plan.others:
        yield Remark(Severity.WARNING, _forwarded_to(plan.others))
    for url, number in plan.counts.elsewhere.most_common(_MOST_URLS):
        which = counted(number, "message was", "messages were")
        yield Remark(Severity.INFO, f"{which} acknowledged by {_shown([url])} before.")


def _forwarded_to(urls: Sequence[str]) -> str:
    return (
        f"The platform forwarded to {_shown(urls)}, and may have delivered them there."
        " Duplicates have the same messageId."
    )


def _shown(urls: Sequence[str]) -> str:
    shown = [one_line(redact_url(url)) for url in urls[:_MOST_URLS]]
    more = len(urls) - len(shown)
    return ", ".join([*shown, *([f"{more:,} more"] if more else [])])
