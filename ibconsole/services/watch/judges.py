"""The judges of the watch: one pure function for each kind of trouble, from facts to alarms.

`active` are the alarms that have not ended, by their keys. A judge may need less to keep an alarm
than to raise it, so that one trouble is one alarm.
"""

from collections.abc import Iterator, Mapping
from itertools import pairwise, takewhile
from statistics import median

import msgspec
from msgspec.structs import replace

from ibconsole.plural import counted
from ibconsole.services.runtime import Alarm, AlarmKind, ListenerState, PullState
from ibconsole.services.watch.facts import (
    ArrivalHistory,
    StoredArrivals,
    WatchFacts,
    WatchPlan,
)
from ibconsole.services.watch.rhythm import FORGOTTEN, is_quiet_time, usual_silence

Active = Mapping[tuple[str, ...], Alarm]

_PULL = "pull"
_HALF = "The team's archive is away: this is what this computer has stored."
_MINUTE = 60_000
_DAY = 86_400_000
_TOLERANCE = _MINUTE  # ms by which a stored time may be ahead of the clock
_CALM = 10 * _MINUTE  # without an error, after which errors among accepted forwards have ended
_GROWING = 3  # pulls in a row after each of which more waits than after the one before
_REGULAR = 10  # pulls that make a habit
_OFTEN = 15 * _MINUTE  # ms between two of them at most
_PULLS_MISSING = 6  # gaps, after which the pulls have stopped
_SHORTEST = 5 * _MINUTE
_USED = 5  # forwards of a day, after which a listener is missed


def judge(facts: WatchFacts, plan: WatchPlan, active: Active) -> list[Alarm]:
    """Return the alarms of all kinds of the plan; those without facts stay as they are."""
    judges = {
        AlarmKind.SILENCE: judge_silence,
        AlarmKind.ERROR: judge_errors,
        AlarmKind.CERTIFICATE: judge_certificates,
        AlarmKind.PENDING: judge_pending,
        AlarmKind.SOURCE: judge_sources,
    }
    return [
        alarm
        for kind, judge_kind in judges.items()
        if kind in plan.kinds
        for alarm in judge_kind(facts, plan, active)
    ]


def judge_silence(facts: WatchFacts, plan: WatchPlan, active: Active) -> Iterator[Alarm]:
    """Judge whether nothing arrives while something used to.

    A silence of the whole connection is one alarm, and not one for each of its applications.
    """
    if facts.stored is None or facts.away:  # a member of the team may receive meanwhile
        yield from _unchanged(AlarmKind.SILENCE, plan, active)
        return
    for history in facts.stored.histories:
        if plan.application in {"", history.application}:
            alarm = _silence(history, facts, plan, active)
            if alarm:
                yield alarm
                if not history.application:
                    return


def silence_limit(history: ArrivalHistory, plan: WatchPlan) -> int | None:
    """Return the silence in ms that is an alarm; None without a rhythm to judge by.

    The minutes of a connection are those of all its applications together: one of them may be
    silent for as long as it usually is.
    """
    given = None if plan.minutes is None else plan.minutes * _MINUTE
    if given is not None and history.application == plan.application:
        return given
    usual = usual_silence(history.times) if history.times else None
    return usual if usual is None or given is None else max(usual, given)


def silent_since(history: ArrivalHistory, facts: WatchFacts, plan: WatchPlan) -> int | None:
    """Return the time of the last arrival if that is too long ago; the time of day is not judged.

    Only time counts in which this computer ran.
    """
    last_at = _last_arrival(history, facts.now)
    if last_at is None or facts.now - last_at > FORGOTTEN:
        return None
    limit = silence_limit(history, plan)
    began = max(last_at, facts.watching_since)
    return last_at if limit is not None and facts.now - began >= limit else None


def _silence(
    history: ArrivalHistory, facts: WatchFacts, plan: WatchPlan, active: Active
) -> Alarm | None:
    name = history.name or plan.name
    key = (AlarmKind.SILENCE, plan.connection, history.application, "")
    former, last_at = active.get(key), _last_arrival(history, facts.now)
    if former and former.since == last_at and facts.now - former.since <= FORGOTTEN:
        return former  # only an arrival ends it: neither a suspended computer nor the night
    since = silent_since(history, facts, plan)
    if since is None or history.counts is None:
        return None
    is_given = plan.minutes is not None and history.application == plan.application
    if is_quiet_time(history.counts, is_given=is_given):
        return None
    limit = silence_limit(history, plan) or 0
    whose = f"of {name}" if history.application else f"on {name}" if name else ""
    return Alarm(
        AlarmKind.SILENCE,
        plan.connection,
        f"{f'No message {whose}'.rstrip()} for more than {_duration(limit)}.",
        since,
        1601,
        application=history.application,
        name=name if history.application else "",
    )


def judge_errors(facts: WatchFacts, plan: WatchPlan, active: Active) -> Iterator[Alarm]:
    """Judge whether the listener answers forwards with an error.

    It ends with an accepted forward, if no error followed for ten minutes.
    """
    known = list(_unchanged(AlarmKind.ERROR, plan, active))
    if facts.stored is None or (facts.away and known):
        yield from known
        return
    lately = [one for one in facts.stored.answers if -_TOLERANCE <= facts.now - one.at < _DAY]
    refused = [one for one in lately if one.status >= 400]
    accepted_at = max((one.at for one in lately if one.status < 400), default=0)
    if not refused or (refused[0].at <= accepted_at and facts.now - refused[0].at >= _CALM):
        return
    since = min(one.at for one in refused if refused[0].at - one.at < _CALM)
    count = sum(one.at >= since for one in refused)
    sentence = (
        f"{count:,} forwards were answered with an error, the last with {refused[0].status}."
        if count > 1
        else f"A forward was answered with {refused[0].status}."
    )
    if refused[0] not in facts.stored.own_answers:
        sentence = f"{sentence} It came to another computer of the team."
    alarm = Alarm(
        AlarmKind.ERROR,
        plan.connection,
        f"{sentence}{_limits_of(facts)}",
        since,
        1605,
    )
    yield _since_the_first(alarm, active)


def judge_certificates(facts: WatchFacts, plan: WatchPlan, active: Active) -> Iterator[Alarm]:
    """Judge whether a certificate of a forward URL has expired or expires soon."""
    if facts.certificates is None:
        yield from _unchanged(AlarmKind.CERTIFICATE, plan, active)
        return
    hosts = set()
    for one in facts.certificates:
        if plan.application in {"", one.application} and one.host not in hosts:
            hosts.add(one.host)
            alarm = Alarm(
                AlarmKind.CERTIFICATE,
                plan.connection,
                one.sentence,
                facts.now,
                one.finding,
                application=one.application,
                name=one.name,
                part=one.host,
            )
            yield _since_the_first(alarm, active)


def judge_pending(facts: WatchFacts, plan: WatchPlan, active: Active) -> Iterator[Alarm]:
    """Judge whether more messages wait after each pull, by what the answers to pulls say.

    It ends once half as many wait as at most. Nothing is known a day after the last pull.
    """
    if facts.stored is None or facts.away:
        yield from _unchanged(AlarmKind.PENDING, plan, active)
        return
    figures = facts.stored.figures
    if not figures or not -_TOLERANCE <= facts.now - figures[0].at < _DAY:
        return
    former = active.get((AlarmKind.PENDING, plan.connection, "", ""))
    if former:
        peak = max((one.pending for one in figures if one.at >= former.since), default=0)
        if figures[0].pending * 2 > peak:
            yield former
        return
    pairs = takewhile(lambda pair: pair[0].pending > pair[1].pending, pairwise(figures))
    rising = sum(1 for _ in pairs)
    if rising >= _GROWING:
        yield Alarm(
            AlarmKind.PENDING,
            plan.connection,
            f"{figures[0].pending:,} messages wait; the number has grown with each of the last"
            f" {counted(rising, 'pull')}.",
            figures[rising].at,
            1503,
        )


def judge_sources(facts: WatchFacts, plan: WatchPlan, active: Active) -> Iterator[Alarm]:
    """Judge whether the listener, the pull or the archive of this computer has stopped."""
    troubles = [
        _archive_trouble(facts),
        _listener_trouble(facts, facts.stored or StoredArrivals()),
        _pull_trouble(facts, facts.stored or StoredArrivals()),
    ]
    for one in filter(None, troubles):
        alarm = Alarm(
            AlarmKind.SOURCE, plan.connection, one.sentence, one.since, one.finding, part=one.part
        )
        yield _since_the_first(alarm, active)
    pull = active.get((AlarmKind.SOURCE, plan.connection, "", _PULL))
    if (facts.stored is None or facts.away) and pull and troubles[-1] is None:
        yield pull


class _Trouble(msgspec.Struct, frozen=True):
    """A source that has stopped; the fields are those of the alarm."""

    part: str
    sentence: str
    since: int
    finding: int


def _archive_trouble(facts: WatchFacts) -> _Trouble | None:
    problem = facts.sources.archive_problem
    return _Trouble("archive", problem, facts.now, 1804) if problem else None


def _listener_trouble(facts: WatchFacts, stored: StoredArrivals) -> _Trouble | None:
    listener, now = facts.sources.listener, facts.now
    if listener is None:
        return None
    if listener.state is ListenerState.FAILED:
        return _Trouble("listener", f"The listener failed. {listener.sentence}", now, 1801)
    if listener.storage_error:
        sentence = f"The listener cannot store. {listener.storage_error}"
        return _Trouble("listener", sentence, now, 1804)
    accepted = [one for one in stored.answers if one.status < 400]
    used = [one.at for one in stored.own_answers if one.status < 400 and 0 <= now - one.at < _DAY]
    if listener.state is not ListenerState.STOPPED or len(used) < _USED:
        return None
    # What another computer of the team has received since is not missed here.
    is_new = now - max(used[0], facts.watching_since) < _SHORTEST
    if is_new or any(one.at > used[0] for one in accepted):
        return None
    sentence = "The listener is off, and forwards used to arrive here."
    return _Trouble("listener", sentence, used[0], 1801)


def _pull_trouble(facts: WatchFacts, stored: StoredArrivals) -> _Trouble | None:
    loop, pull, now = facts.sources.pull_loop, stored.pull, facts.now
    if loop and loop.failed and not loop.running:
        return _Trouble(_PULL, f"The pull loop ended. {loop.sentence}", loop.last_at or now, 1505)
    failed = pull is not None and pull.state in {PullState.FAILED, PullState.REJECTED}
    at = pull.last_at if failed and pull else None
    if pull and at is not None and 0 <= now - at < _DAY:
        sentence = f"The last pull failed. {pull.sentence}{_limits_of(facts)}"
        return _Trouble(_PULL, sentence, at, 1505)
    since = None if loop or facts.away else _pulls_stopped(facts, stored)
    if since is None:
        return None
    return _Trouble(_PULL, "Nothing pulls any more; it was pulled at intervals.", since, 1501)


def _limits_of(facts: WatchFacts) -> str:
    """Return a sentence that an alarm ends with while half of the facts are away."""
    return f" {_HALF}" if facts.away else ""


def _pulls_stopped(facts: WatchFacts, stored: StoredArrivals) -> int | None:
    """Return the time of the last of many regular pulls, if one is overdue."""
    times = sorted(one for one in stored.pulls if one <= facts.now + _TOLERANCE)
    gaps = [later - earlier for earlier, later in pairwise(times)][-2 * _REGULAR :]
    if len(gaps) < _REGULAR or (usual := median(gaps)) > _OFTEN:
        return None
    overdue = max(_SHORTEST, _PULLS_MISSING * usual)
    if facts.now - max(times[-1], facts.watching_since) < overdue:
        return None
    return times[-1] if facts.now - times[-1] < _DAY else None


def _last_arrival(history: ArrivalHistory, now: int) -> int | None:
    """Return the time of the last arrival, without those of a clock that was ahead."""
    return next((at for at in reversed(history.times) if at <= now + _TOLERANCE), None)


def _unchanged(kind: AlarmKind, plan: WatchPlan, active: Active) -> Iterator[Alarm]:
    for alarm in active.values():
        own = plan.application in {"", alarm.application} or not alarm.application
        if alarm.kind is kind and alarm.connection == plan.connection and own:
            yield alarm


def _since_the_first(alarm: Alarm, active: Active) -> Alarm:
    former = active.get(alarm.key)
    return replace(alarm, since=former.since) if former else alarm


def _duration(ms: int) -> str:
    minutes = ms // _MINUTE
    if minutes < 120:
        return f"{minutes:,} min"
    hours = minutes // 60
    return f"{hours:,} h" if hours < 48 else counted(hours // 24, "day")
