"""Plans and jobs of giving back, as lines for a reader and as JSON."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from ibconsole.archive.ledger import (
    ItemCounts,
    LedgerEntry,
    LedgerItem,
    Redelivery,
    RedeliveryAnswer,
    RedeliveryState,
    TeamUse,
)
from ibconsole.plural import counted
from ibconsole.services.give_back.planning import GiveBackPlan, GiveBackRequest
from ibconsole.services.messages import iso_time
from ibconsole.services.redelivery import RedeliveryProgress, retry_law_of
from ibconsole.services.request_log import redact_url

_LISTED = 10  # URLs


def plan_lines(request: GiveBackRequest, plan: GiveBackPlan) -> Iterator[str]:
    """Yield what would be sent, what not, and who may have delivered it."""
    counts, url = plan.counts, redact_url(request.criteria.url)
    if not counts.stored:
        yield "The archive has no message of this application from that time."
        return
    again = f", {counts.repeated:,} of them again" if counts.repeated else ""
    yield f"{counted(counts.stored, 'message')} of this application arrived{again}."
    for number, words in (
        (counts.acknowledged, "acknowledged by this URL, and not sent again"),
        (counts.accepted, "counted as delivered by a decision, and not sent again"),
        (counts.unknown, "unknown: sent there without an answer, and not sent without a decision"),
        (counts.under_way, "in another redelivery to this URL that is not over: resume that one"),
    ):
        if number:
            yield f"  {number:,} {words}"
    yield from (f"  {line}" for line in team_lines(plan))
    yield f"  {counts.missing:,} missing at {url}"
    yield from received_lines(plan)
    if not counts.missing:
        return
    first, last = iso_time(counts.first_at or 0), iso_time(counts.last_at or 0)
    yield (
        f"Missing: {counts.pulled:,} pulled, {counts.missing - counts.pulled:,} forwarded, from"
        f" {first} to {last}, {counts.size:,} bytes of JSON."
    )
    at_least = f", in {plan.seconds:,.0f} s or more" if plan.seconds >= 1 else ""
    yield f"{counted(plan.requests, 'request')}{at_least}. {request.sending.law.sentence}"
    yield from who_else(plan)


_GIVEN = {
    "acknowledged": "acknowledged there by {0}, and not sent again",
    "accepted": "counted as delivered by a decision of {0}, and not sent again",
    "unknown": "sent there by {0} without an answer yet, and not sent again",
    "under way": "to be sent again there by {0}, and not sent from here",
    "claimed": "claimed by {0} since {1}, and not sent from here",
}


def team_lines(plan: GiveBackPlan) -> Iterator[str]:
    """Yield what other computers of the team have given to the URL, or are about to, by computer.

    Times are in UTC.
    """
    if plan.team_unasked:
        yield (
            "The team's ledger is not asked: other computers may have given back the same messages."
        )
    if plan.team is None:
        return
    found = plan.team
    for (standing, source), number in sorted(found.given.items(), key=lambda one: one[0]):
        since = found.claimed_since.get(source)
        yield f"{number:,} {_GIVEN[standing].format(source, _iso(since))}"
    for source, number in sorted(found.taken_over.items()):
        yield f"{number:,} claimed by {source}, and taken over"


def received_lines(plan: GiveBackPlan) -> Iterator[str]:
    """Yield how many messages only other computers of the team have received."""
    if plan.team is None:
        return
    received = plan.team.received
    if received is None:
        yield "How many messages only others of the team have received is not known now."
    elif received:
        by_source = ", ".join(f"{one} {number:,}" for one, number in received.most_common(_LISTED))
        more = len(received) - _LISTED
        rest = f", and {counted(more, 'other')}" if more > 0 else ""
        total = counted(received.total(), "message was", "messages were")
        yield (
            f"{total} received by others of the team alone, which can give them back; this disk"
            f" does not have them: {by_source}{rest}."
        )


def team_note(job: Redelivery) -> str:
    """Return the part of a team in a job, as a sentence; empty without a team."""
    match job.options.team:
        case TeamUse.WITHOUT:
            return (
                "Made without the team's ledger: other computers of the team may have given back"
                " the same messages."
            )
        case TeamUse.CLAIMED if job.options.left_out:
            left_out = counted(job.options.left_out, "message")
            return f"Claimed in the team's archive; {left_out} given by others left out."
        case TeamUse.CLAIMED:
            return "Claimed in the team's archive."
    return ""


def who_else(plan: GiveBackPlan) -> Iterator[str]:
    """Yield who else may have delivered the missing messages, as far as is known."""
    if plan.others:
        yield (
            "The platform may have delivered them as well, to the forward actions of this"
            f" application: {_listed(plan.others)}."
        )
    for url, number in plan.counts.elsewhere.most_common(_LISTED):
        yield f"Acknowledged by {redact_url(url)}: {counted(number, 'message')} of them."
    yield "A message that arrives twice has the same messageId, which shows that it is a duplicate."


def plan_object(request: GiveBackRequest, plan: GiveBackPlan) -> dict[str, Any]:
    """Return a plan as JSON; names are added, never renamed or removed."""
    counts = plan.counts
    return {
        "url": redact_url(request.criteria.url),
        "stored": counts.stored,
        "repeated": counts.repeated,
        "acknowledged": counts.acknowledged,
        "accepted": counts.accepted,
        "unknown": counts.unknown,
        "underWay": counts.under_way,
        "missing": counts.missing,
        "pulled": counts.pulled,
        "size": counts.size,
        "firstAt": _iso(counts.first_at),
        "lastAt": _iso(counts.last_at),
        "requests": plan.requests,
        "seconds": plan.seconds,
        "law": _law(request),
        "forwardedTo": list(plan.others),
        "acknowledgedElsewhere": {redact_url(url): n for url, n in counts.elsewhere.items()},
        "excluded": counts.excluded,
        "team": _team_object(plan),
        "teamUnasked": plan.team_unasked,
    }


def job_object(job: Redelivery, counts: ItemCounts) -> dict[str, Any]:
    """Return a job with the numbers of its messages as JSON."""
    law = retry_law_of(job.options)
    return {
        "redelivery": job.id,
        "kind": job.kind.value,
        "state": job.state.value,
        "url": redact_url(job.url),
        "form": job.form.value,
        "madeAt": _iso(job.made_at),
        "beganAt": _iso(job.began_at),
        "endedAt": _iso(job.ended_at),
        "problem": job.problem,
        "messages": job.items,
        "counts": msgspec.structs.asdict(counts),
        "law": law.text,
        "lawAssumed": law.assumed,
        "rate": job.options.rate,
        "parallel": job.options.parallelism,
        "batch": job.options.batch_size,
        "team": job.options.team.value,
        "leftOut": job.options.left_out,
    }


def job_lines(job: Redelivery, counts: ItemCounts) -> Iterator[str]:
    """Yield a job and what is to be done about it."""
    yield f"Redelivery {job.id} ({job.kind}) to {redact_url(job.url)}: {job.state}"
    if job.problem:
        yield job.problem
    yield counts_sentence(counts)
    if note := team_note(job):
        yield note
    yield from next_steps(job, counts)


def next_steps(job: Redelivery, counts: ItemCounts) -> Iterator[str]:
    """Yield what a user can do about a job."""
    can_go_on = job.state not in {
        RedeliveryState.FINISHED,
        RedeliveryState.CANCELLED,
        RedeliveryState.RUNNING,
    }
    if can_go_on and counts.open:
        left = counted(counts.open, "message")
        yield f"`ibconsole give-back resume {job.id}` goes on with {left}."
    if counts.unknown:
        yield (
            f"{counted(counts.unknown, 'message')} may have arrived without an answer:"
            f" `ibconsole give-back decide {job.id} --accept-unknown` or `--resend-unknown`."
        )
    if counts.undelivered:
        yield (
            f"{counted(counts.undelivered, 'message')} could not be delivered:"
            f" `ibconsole give-back decide {job.id} --resend-undelivered` tries again."
        )


def counts_sentence(counts: ItemCounts) -> str:
    """Return the numbers of a job's messages by their state, in a sentence."""
    values = msgspec.structs.asdict(counts)
    parts = [f"{number:,} {state}" for state, number in values.items() if number]
    return f"{counted(counts.total, 'message')}: {', '.join(parts)}." if parts else "No messages."


def progress_line(progress: RedeliveryProgress) -> str:
    """Return the progress of a job that runs, as a line."""
    counts, due = progress.counts, progress.next_due
    speed = f", {progress.per_second:,.0f} a second" if progress.per_second >= 1 else ""
    waits = f" The next attempt is due at {iso_time(due)}." if due else ""
    return f"{counts_sentence(counts)[:-1]}{speed}.{waits}"


def item_object(
    item: LedgerItem,
    entries: Sequence[LedgerEntry] = (),
    answers: Sequence[RedeliveryAnswer] = (),
) -> dict[str, Any]:
    """Return an item as JSON, with its entries and the answers if they are given."""
    found: dict[str, Any] = {
        "item": item.id,
        "message": item.message,
        "messageId": item.message_id,
        "state": item.state.value,
        "attempts": item.attempts,
        "status": item.status,
        "problem": item.problem,
        "changedAt": _iso(item.changed_at),
        "dueAt": _iso(item.due_at or None),
        "decision": item.decision.value if item.decision else None,
    }
    if entries:
        found["entries"] = [
            {
                "number": one.number,
                "at": _iso(one.at),
                "kind": one.kind.value,
                "content": msgspec.json.decode(one.content),
                "hash": one.hash,
            }
            for one in entries
        ]
    if answers:
        found["answers"] = [
            {
                "at": _iso(one.at),
                "status": one.status,
                "headers": [list(pair) for pair in one.headers],
                "body": one.body.decode(errors="replace"),
                "size": one.size,
                "problem": one.problem,
                "seconds": one.seconds,
            }
            for one in answers
        ]
    return found


def _team_object(plan: GiveBackPlan) -> dict[str, Any] | None:
    if plan.team is None:
        return None
    found = plan.team
    return {
        "given": [
            {
                "standing": standing.value,
                "by": source,
                "messages": number,
                "since": _iso(found.claimed_since.get(source)) if standing == "claimed" else None,
            }
            for (standing, source), number in sorted(found.given.items(), key=lambda one: one[0])
        ],
        "takenOver": dict(found.taken_over),
        "receivedByOthers": None if found.received is None else dict(found.received),
    }


def _law(request: GiveBackRequest) -> dict[str, Any]:
    law = request.sending.law
    return {"text": law.text, "retries": law.attempts - 1, "assumed": law.assumed}


def _iso(at: int | None) -> str | None:
    return None if at is None else iso_time(at)


def _listed(urls: Sequence[str]) -> str:
    more = f" and {len(urls) - _LISTED:,} more" if len(urls) > _LISTED else ""
    return ", ".join(urls[:_LISTED]) + more
