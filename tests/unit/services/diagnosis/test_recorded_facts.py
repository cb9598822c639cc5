"""Recorded facts with a setup that is read."""

import msgspec
from msgspec.structs import replace

from ibconsole.services.diagnosis.recorded_facts import RecordedFacts
from ibconsole.services.diagnosis.rules.facts import (
    ApplicationFacts,
    ConfigurationFacts,
    Facts,
    ReadingProblem,
)
from tests.unit.services.diagnosis.rules.cases import CASES
from tests.unit.services.diagnosis.samples import (
    CODE,
    NOW,
    account,
    application,
    arrived,
    configured,
    forward,
    numbers,
    pull,
)

LATER = NOW + 90 * 86_400_000


def as_read(facts: Facts) -> tuple[ApplicationFacts, ...]:
    """Return the applications as they are read later: with nothing that only a recording has."""
    return tuple(
        replace(
            one,
            arrivals=None,
            read_at=LATER,
            configurations=one.configurations
            and tuple(replace(each, oddities=()) for each in one.configurations),
            problem=one.problem and ReadingProblem("Refused again.", one.problem.status),
        )
        for one in facts.applications or ()
    )


def test_the_same_setup_has_the_same_facts() -> None:
    """A setup that is read as it was recorded gives the recorded facts, of every fault."""
    for facts in CASES.values():
        recorded = RecordedFacts(msgspec.json.decode(msgspec.json.encode(facts), type=Facts))
        problem = ReadingProblem("Later.", 503)

        if facts.applications is None:
            assert recorded.without_setup(problem) == facts
        else:
            found = recorded.with_setup(as_read(facts))
            assert found == facts
            assert recorded.differences(found) == []


def test_what_was_changed_since_counts() -> None:
    """A changed action, a new configuration, and one that is gone are judged as they are."""
    other = configured(pull(), code="b", arrivals=arrived())
    facts = account(configured(forward(), pull(), arrivals=arrived()), other)
    recorded = RecordedFacts(facts)
    configuration = ConfigurationFacts(f"C-{CODE}", (forward("http://a.aero/in"),))
    more = ConfigurationFacts("new", (pull(),))
    moved = ApplicationFacts(application(), (configuration, more), LATER)
    emptied = ApplicationFacts(application("b"), (), LATER)

    found = recorded.with_setup((moved, emptied, ApplicationFacts(application("c"), ())))

    assert 1004 in numbers(facts)
    assert {1103, 1001} <= set(numbers(found))
    assert 1004 not in numbers(found)
    assert [one.arrivals is not None for one in found.applications or ()] == [True, True, False]
    assert (found.now, found.account) == (facts.now, facts.account)
    assert recorded.differences(found) == [
        f"The setup of Name of {CODE} is not as it was recorded.",
        "The setup of Name of b is not as it was recorded.",
        "The setup of Name of c is not as it was recorded.",
    ]
    assert recorded.differences(recorded.with_setup((moved,)))[1:] == [
        "The application Name of b is not listed any more."
    ]


def test_what_cannot_be_read_any_more_is_a_fact() -> None:
    """A failure that was not recorded is shown as it is."""
    recorded = RecordedFacts(account(configured(forward(), arrivals=arrived())))
    problem = ReadingProblem("It failed.", 500)

    nothing = recorded.without_setup(problem)
    unread = recorded.with_setup((ApplicationFacts(application(), None, LATER, problem),))
    half = ConfigurationFacts(f"C-{CODE}", None, problem=problem)
    partly = recorded.with_setup((ApplicationFacts(application(), (half,), LATER),))

    assert (nothing.account.problem, nothing.applications) == (problem, None)
    assert recorded.differences(nothing) == ["The list of applications is not as it was recorded."]
    assert numbers(unread) == numbers(partly) == [1014]
