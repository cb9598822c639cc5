"""The judges: which facts are an alarm, and which are not."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ibconsole.services.runtime import (
    Alarm,
    AlarmKind,
    ListenerState,
    ListenerStatus,
    PullLoopStatus,
    PullState,
    PullStatus,
)
from ibconsole.services.watch.facts import (
    ArrivalHistory,
    CertificateTrouble,
    ListenerAnswer,
    PendingFigure,
    SourceFacts,
    StoredArrivals,
    WatchFacts,
    WatchPlan,
)
from ibconsole.services.watch.judges import (
    judge,
    judge_certificates,
    judge_errors,
    judge_pending,
    judge_silence,
    judge_sources,
)
from tests.unit.services.watch.samples import (
    BUSY,
    DAY,
    HOUR,
    MINUTE,
    NOW,
    PLAN,
    QUIET,
    by_key,
    silent,
    steady,
)

GIVEN = replace(PLAN, minutes=30)
ALL = replace(PLAN, kinds=frozenset(AlarmKind))


@pytest.mark.parametrize(
    ("facts", "plan", "expected"),
    [
        (silent(10 * MINUTE), PLAN, False),  # the rhythm is 5 min
        (silent(25 * MINUTE), PLAN, True),
        (silent(25 * MINUTE), GIVEN, False),  # the user gave 30
        (silent(30 * MINUTE), GIVEN, True),
        (silent(14 * HOUR, counts=QUIET), PLAN, False),  # the night
        (silent(14 * HOUR, counts=QUIET), GIVEN, False),
        (silent(DAY, counts=(0, *BUSY[1:])), PLAN, False),  # Sunday, as a week ago
        (silent(HOUR, counts=(None, *[None] * 7)), PLAN, True),  # nothing to compare with
        (silent(HOUR, counts=(None, 9, 9, 0, *[None] * 4)), PLAN, True),  # most days
        (silent(HOUR, counts=None), PLAN, False),  # not compared yet
        (silent(31 * DAY), PLAN, False),  # nothing is expected any more
        (silent(31 * DAY), GIVEN, False),
        (silent(-HOUR), PLAN, False),  # stored under a clock that was ahead
        (silent(HOUR, watching_since=NOW - MINUTE), PLAN, False),  # resumed a minute ago
        (silent(HOUR, watching_since=NOW - HOUR), PLAN, True),
        (silent(HOUR, every=DAY // 4), PLAN, False),
        (WatchFacts(NOW, 0), PLAN, False),  # an empty archive
        (WatchFacts(NOW, 0, StoredArrivals((ArrivalHistory(()),))), GIVEN, False),
    ],
)
def test_silence(facts: WatchFacts, plan: WatchPlan, expected: bool) -> None:
    """A silence is an alarm if it is unusual for this rhythm, at this time of day and week."""
    assert bool(list(judge_silence(facts, plan, {}))) is expected


def test_few_arrivals() -> None:
    """Without a rhythm only a silence that the user has given is an alarm."""
    history = ArrivalHistory((NOW - HOUR,), NOW - HOUR, counts=(None,) * 8)
    facts = WatchFacts(NOW, 0, StoredArrivals((history,)))

    assert not list(judge_silence(facts, PLAN, {}))
    [alarm] = judge_silence(facts, GIVEN, {})
    assert alarm.sentence == "No message on Kestrel for more than 30 min."
    assert (alarm.since, alarm.finding) == (NOW - HOUR, 1601)


def test_duplicates_and_batches() -> None:
    """Retries and batches that arrive at once are one arrival each: they are no rhythm."""
    times = tuple(NOW - 2 * HOUR + number for number in range(500))
    history = ArrivalHistory(times, NOW - DAY, counts=BUSY)

    assert not list(judge_silence(WatchFacts(NOW, 0, StoredArrivals((history,))), PLAN, {}))


def test_one_silence_for_the_whole_connection() -> None:
    """A connection of which nothing comes is one alarm; else each silent application is one."""
    [whole] = silent(HOUR).stored.histories  # type: ignore[union-attr]
    [part] = silent(HOUR, application="code").stored.histories  # type: ignore[union-attr]
    live = replace(whole, times=steady(NOW))
    both = WatchFacts(NOW, 0, StoredArrivals((whole, part)))
    one = WatchFacts(NOW, 0, StoredArrivals((live, part)))

    assert [alarm.application for alarm in judge_silence(both, PLAN, {})] == [""]
    [alarm] = judge_silence(one, PLAN, {})
    assert (alarm.application, alarm.name) == ("code", "Lumen")
    assert alarm.sentence == "No message of Lumen for more than 20 min."
    assert not list(judge_silence(one, replace(PLAN, application="another"), {}))
    assert list(judge_silence(both, replace(PLAN, application="code"), {})) == [alarm]


def test_a_silence_goes_on() -> None:
    """A silence that was raised lasts through suspensions and quiet hours, until an arrival."""
    [alarm] = judge_silence(silent(HOUR), PLAN, {})
    active = by_key(alarm)
    resumed = silent(HOUR, counts=None, watching_since=NOW)

    assert list(judge_silence(resumed, PLAN, active)) == [alarm]
    assert not list(judge_silence(silent(MINUTE), PLAN, active))
    unread = WatchFacts(NOW, NOW, None)
    assert list(judge_silence(unread, PLAN, active)) == [alarm]
    late = silent(HOUR)
    assert not list(judge_silence(replace(late, now=NOW + 31 * DAY), PLAN, active))


def test_half_of_the_facts_raise_no_silence() -> None:
    """While the team's archive is away, what only all could say is neither raised nor ended."""
    away = "The server closed the connection."
    silence, source = Alarm(AlarmKind.SILENCE, "c", "x", NOW, 1), AlarmKind.SOURCE
    pending, pull = (
        replace(silence, kind=AlarmKind.PENDING),
        replace(silence, kind=source, part="pull"),
    )
    lonely = replace(silent(HOUR), away=away)
    lonely = replace(
        lonely,
        stored=replace(
            lonely.stored or StoredArrivals(),
            figures=tuple(PendingFigure(NOW - n, 9 - n) for n in range(5)),
            pulls=REGULAR,
        ),
    )
    assert judge(replace(lonely, away=""), PLAN, {}) != []
    assert judge(lonely, PLAN, {}) == []
    assert judge(lonely, PLAN, by_key(silence, pending, pull)) == [silence, pending, pull]


def test_errors_of_half_of_the_facts() -> None:
    """An error that this computer has stored is raised, and says that it is not everything."""
    refused = answers((0, 503))
    stored = refused.stored or StoredArrivals()
    [alarm] = judge_errors(replace(refused, away="It is away."), PLAN, {})
    [elsewhere] = judge_errors(replace(refused, stored=replace(stored, own_answers=())), PLAN, {})

    assert alarm.sentence == (
        "A forward was answered with 503. The team's archive is away: this is what this computer"
        " has stored."
    )
    assert elsewhere.sentence == (
        "A forward was answered with 503. It came to another computer of the team."
    )
    kept = replace(answers((MINUTE, 200)), away="It is away.")
    assert list(judge_errors(kept, PLAN, by_key(alarm))) == [alarm]


def test_a_listener_in_place_of_which_another_receives() -> None:
    """A listener is not missed that was replaced by one of the team."""
    sources = SourceFacts(OFF)
    stored = StoredArrivals(answers=FORWARDS, own_answers=FORWARDS)
    newer = replace(stored, answers=(ListenerAnswer(NOW, 200), *FORWARDS))

    found = [judge_sources(WatchFacts(NOW, 0, one, sources), PLAN, {}) for one in (stored, newer)]
    assert [len(list(one)) for one in found] == [1, 0]


def answers(*pairs: tuple[int, int]) -> WatchFacts:
    given = tuple(ListenerAnswer(NOW - ago, status) for ago, status in pairs)
    return WatchFacts(NOW, 0, StoredArrivals(answers=given, own_answers=given))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (answers(), ""),
        (answers((0, 200)), ""),
        (answers((0, 404), (MINUTE, 200)), "A forward was answered with 404."),
        (answers((0, 503), (1, 503)), "2 forwards were answered with an error, the last with 503."),
        (answers((0, 200), (MINUTE, 500)), "A forward was answered with 500."),
        (answers((0, 200), (11 * MINUTE, 500)), ""),  # accepted since, and calm
        (answers((2 * HOUR, 404)), "A forward was answered with 404."),
        (answers((25 * HOUR, 404)), ""),
        (answers((-HOUR, 404)), ""),
    ],
)
def test_errors(facts: WatchFacts, expected: str) -> None:
    """An error is an alarm until a forward was accepted and ten minutes were calm."""
    found = list(judge_errors(facts, PLAN, {}))

    assert [one.sentence for one in found] == list(filter(None, [expected]))


def figures(*pending: int, ago: int = 0) -> WatchFacts:
    """Return what waited after each pull, the newest first."""
    given = tuple(PendingFigure(NOW - ago - i * MINUTE, one) for i, one in enumerate(pending))
    return WatchFacts(NOW, 0, StoredArrivals(figures=given))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (figures(), False),
        (figures(40, 30, 20), False),
        (figures(40, 30, 20, 10), True),
        (figures(40, 30, 30, 10), False),
        (figures(10, 20, 30, 40), False),
        (figures(40, 30, 20, 10, ago=2 * DAY), False),
    ],
)
def test_pending(facts: WatchFacts, expected: bool) -> None:
    """Waiting messages are an alarm if three pulls in a row left more than the one before."""
    assert bool(list(judge_pending(facts, PLAN, {}))) is expected


def test_pending_ends() -> None:
    """A queue that has grown is one alarm until it has shrunk to half."""
    [alarm] = judge_pending(figures(40, 30, 20, 10), PLAN, {})
    active = by_key(alarm)

    assert alarm.since == NOW - 3 * MINUTE
    assert list(judge_pending(figures(35, 40, 30, 20), PLAN, active)) == [alarm]
    assert not list(judge_pending(figures(20, 40, 30, 20), PLAN, active))
    assert not list(judge_pending(figures(0), PLAN, active))
    assert list(judge_pending(WatchFacts(NOW, 0, None), PLAN, active)) == [alarm]


def test_certificates() -> None:
    """Each host is one alarm; those of other applications are not watched."""
    trouble = CertificateTrouble("a.aero", "It expires in 3 days.", 1312, "code", "Lumen")
    other = replace(trouble, host="b.aero", application="other")
    facts = WatchFacts(NOW, 0, certificates=(trouble, trouble, other))
    plan = replace(PLAN, application="code")
    [alarm] = judge_certificates(facts, plan, {})

    assert (alarm.part, alarm.sentence, alarm.finding) == ("a.aero", trouble.sentence, 1312)
    assert len(list(judge_certificates(facts, PLAN, {}))) == 2
    later = replace(facts, now=NOW + DAY, certificates=(trouble,))
    assert list(judge_certificates(later, plan, by_key(alarm))) == [alarm]
    unknown = replace(facts, certificates=None)
    assert list(judge_certificates(unknown, plan, by_key(alarm))) == [alarm]
    assert not list(judge_certificates(replace(facts, certificates=()), plan, by_key(alarm)))


LISTENER = ListenerStatus(state=ListenerState.LISTENING)
OFF = ListenerStatus(sentence="Off.")
FAILED = ListenerStatus(state=ListenerState.FAILED, sentence="The port is taken.")
FULL = replace(LISTENER, storage_error="The disk is full.")
FORWARDS = tuple(ListenerAnswer(NOW - HOUR - i, 200) for i in range(9))
REGULAR = steady(NOW - HOUR, every=MINUTE)
PULLED = PullStatus(PullState.FAILED, NOW - MINUTE, sentence="No route.")


@pytest.mark.parametrize(
    ("sources", "stored", "expected"),
    [
        (SourceFacts(), StoredArrivals(), ""),
        (SourceFacts(LISTENER), StoredArrivals(answers=FORWARDS, own_answers=FORWARDS), ""),
        (SourceFacts(OFF), StoredArrivals(), ""),
        (
            SourceFacts(OFF),
            StoredArrivals(answers=FORWARDS, own_answers=FORWARDS),
            "The listener is off",
        ),
        (SourceFacts(FAILED), StoredArrivals(), "The listener failed. The port is taken."),
        (SourceFacts(FULL), StoredArrivals(), "The listener cannot store. The disk is full."),
        (SourceFacts(archive_problem="Full."), StoredArrivals(), "Full."),
        (SourceFacts(), StoredArrivals(pull=PULLED), "The last pull failed. No route."),
        (SourceFacts(), StoredArrivals(pull=replace(PULLED, last_at=NOW - 2 * DAY)), ""),
        (SourceFacts(), StoredArrivals(pull=replace(PULLED, state=PullState.IDLE)), ""),
        (SourceFacts(), StoredArrivals(pulls=REGULAR), "Nothing pulls any more"),
        (SourceFacts(), StoredArrivals(pulls=steady(NOW, every=MINUTE)), ""),
        (SourceFacts(), StoredArrivals(pulls=steady(NOW - HOUR, every=HOUR)), ""),
        (SourceFacts(pull_loop=PullLoopStatus()), StoredArrivals(pulls=REGULAR), ""),
        (
            SourceFacts(pull_loop=PullLoopStatus(failed=True, sentence="Refused.")),
            StoredArrivals(),
            "The pull loop ended. Refused.",
        ),
    ],
)
def test_sources(sources: SourceFacts, stored: StoredArrivals, expected: str) -> None:
    """A source that stopped is an alarm if it failed, or if it used to bring messages."""
    found = list(judge_sources(WatchFacts(NOW, 0, stored, sources), PLAN, {}))

    assert [one.sentence.startswith(expected) for one in found] == [True] * bool(expected)


def test_sources_after_a_suspension() -> None:
    """A computer that was suspended has not pulled meanwhile, and that is no alarm."""
    for stored in (
        StoredArrivals(pulls=REGULAR),
        StoredArrivals(answers=FORWARDS, own_answers=FORWARDS),
    ):
        facts = WatchFacts(NOW, NOW - MINUTE, stored, SourceFacts(OFF))
        assert not list(judge_sources(facts, PLAN, {}))
    [alarm] = judge_sources(WatchFacts(NOW, 0, StoredArrivals(pull=PULLED)), PLAN, {})
    assert list(judge_sources(WatchFacts(NOW, 0, None), PLAN, by_key(alarm))) == [alarm]


def test_kinds() -> None:
    """Only the kinds of the plan are judged."""
    facts = replace(silent(HOUR), sources=SourceFacts(FAILED))

    assert [one.kind for one in judge(facts, PLAN, {})] == [AlarmKind.SILENCE, AlarmKind.SOURCE]
    assert not judge(facts, replace(PLAN, kinds=()), {})


times = st.integers(NOW - 40 * DAY, NOW + 40 * DAY)
histories = st.builds(
    ArrivalHistory,
    st.lists(times, max_size=60).map(sorted).map(tuple),
    st.none() | times,
    st.sampled_from(["", "code"]),
    counts=st.none() | st.tuples(*[st.none() | st.integers(0, 9)] * 8),
)
stored_arrivals = st.builds(
    StoredArrivals,
    st.lists(histories, max_size=3).map(tuple),
    st.lists(st.builds(ListenerAnswer, times, st.sampled_from([200, 404, 500])), max_size=9).map(
        tuple
    ),
    st.lists(st.builds(PendingFigure, times, st.integers(0, 99)), max_size=9).map(tuple),
    pulls=st.lists(times, max_size=30).map(tuple),
)


@settings(max_examples=25)
@given(stored_arrivals, times, st.none() | st.integers(1, 10_000))
def test_any_facts(stored: StoredArrivals, since: int, minutes: int | None) -> None:
    """No facts raise an exception; what was raised is found again by the same facts."""
    plan = replace(ALL, minutes=minutes)
    facts = WatchFacts(NOW, since, stored)
    found = judge(facts, plan, {})

    again = judge(facts, plan, by_key(*found))
    assert {one.key for one in again} == {one.key for one in found}


@settings(max_examples=25)
@given(st.lists(times, min_size=1, max_size=60), st.none() | st.integers(1, 600))
def test_no_alarm_right_after_a_break(found: Sequence[int], minutes: int | None) -> None:
    """Whatever the archive has: right after a suspension or a leap no silence is an alarm."""
    history = ArrivalHistory(tuple(sorted(found)), min(found), counts=BUSY)
    facts = WatchFacts(NOW, NOW - MINUTE + 1, StoredArrivals((history,)))

    assert not list(judge_silence(facts, replace(PLAN, minutes=minutes), {}))
