"""The inspector's page about the answer to a forwarded request: its rule, and what was sent."""

from datetime import tzinfo

from ibconsole.errors import Severity
from ibconsole.model import AnswerEnd, AnswerOutcome, GivenAnswer, PlannedAnswer
from ibconsole.plural import counted
from ibconsole.services.messages import Delivery
from ibconsole.services.request_log import mask_body_codes
from ibconsole.services.runtime import format_duration
from ibconsole.services.team.reading import number_of
from ibconsole.text import escape_invisible
from ibconsole.ui.toolkit import times
from ibconsole.ui.viewers import Fact, Remark, Summary

_MAX_BODY = 4000  # characters of a body in a label
_USUAL = "None: the usual answer, because no rule was set or none matched."


def answered(delivery: Delivery) -> str:
    """Return the status of the answer and its rule; empty if there is neither."""
    status = "" if delivery.status is None else str(delivery.status)
    if not delivery.answer:
        return status
    return f"{status or 'No status'}, by the rule “{delivery.answer.planned.rule}”"


def answer_summary(delivery: Delivery, zone: tzinfo | None = None) -> Summary:
    """Summarize the answer to a forwarded request."""
    answer = delivery.answer
    arrived = Fact("Arrived", times.exact(delivery.began_at, zone), times.iso(delivery.began_at))
    receiver = Fact("Received by", delivery.source)
    if answer is None:
        facts = (arrived, receiver, Fact("Answered", answered(delivery)), Fact("Rule", _USUAL))
        sections = [("", _filled(facts))]
    else:
        sections = [("", (*_filled((arrived, receiver)), *_given(answer, zone)))]
        sections += _planned(answer.planned)
    return Summary(
        title=f"Answer to request {number_of(delivery.id)}",
        lead="",
        remarks=_remarks(answer) if answer else (),
        sections=tuple((title, facts) for title, facts in sections if facts),
    )


def _given(answer: GivenAnswer, zone: tzinfo | None) -> tuple[Fact, ...]:
    planned, sent = answer.planned, answer.sent
    ended = (times.exact(sent.ended_at, zone), times.iso(sent.ended_at)) if sent else ("", "")
    return _filled(
        (
            Fact("Rule", planned.rule),
            Fact("Scenario", planned.scenario),
            Fact("Answer", planned.phrase),
            Fact("Sent", answer.sentence),
            Fact("Ended", *ended),
        )
    )


def _planned(planned: PlannedAnswer) -> list[tuple[str, tuple[Fact, ...]]]:
    has_body = planned.end.has_head and bool(planned.body)
    length = planned.declared_length
    facts = (
        Fact("Status", "" if planned.status is None else str(planned.status)),
        Fact("After", format_duration(planned.delay) if planned.delay else ""),
        Fact("End", "" if planned.end is AnswerEnd.NORMAL else planned.end.value),
        Fact("Duration", format_duration(planned.seconds) if planned.seconds else ""),
        Fact("Declared length", "" if length is None else counted(length, "byte")),
        Fact("Body", counted(planned.size, "byte") if planned.end.has_head else ""),
    )
    headers = tuple(Fact(name, value, is_code=True) for name, value in planned.headers)
    body = _body(planned) if has_body else ""
    return [
        ("Planned", _filled(facts)),
        ("Headers of the answer", headers if planned.end.has_head else ()),
        ("Body of the answer", (Fact("", body),) if body else ()),
    ]


def _body(planned: PlannedAnswer) -> str:
    text = mask_body_codes(planned.body).decode(errors="replace")
    shown = escape_invisible(text[:_MAX_BODY])
    return f"{shown}…" if len(text) > _MAX_BODY or planned.size > len(planned.body) else shown


def _remarks(answer: GivenAnswer) -> tuple[Remark, ...]:
    if answer.sent is None or answer.sent.outcome is AnswerOutcome.SENT:
        return ()
    return (Remark(Severity.WARNING, answer.sent.sentence),)


def _filled(facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
    return tuple(fact for fact in facts if fact.value)
