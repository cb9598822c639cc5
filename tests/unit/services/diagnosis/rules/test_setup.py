"""IBC-10xx: rules about the setup, as the platform lists it."""

from ibconsole.services.diagnosis.rules.all_rules import diagnose
from ibconsole.services.diagnosis.rules.facts import ApplicationFacts, ConfigurationFacts
from tests.unit.services.diagnosis.samples import (
    account,
    application,
    configured,
    forward,
    numbers,
    pull,
)


def test_what_was_not_read_is_not_judged() -> None:
    """Nothing is said about configurations and actions that were not read."""
    unread = ApplicationFacts(application(), None)
    without_actions = ApplicationFacts(application("b"), (ConfigurationFacts("C", None),))

    assert numbers(account(unread, without_actions)) == []


def test_one_url_of_three_applications() -> None:
    """Each application is named once, and the finding says how many others there are."""
    found = diagnose(
        account(*(configured(forward(), code=f"application-{name}") for name in "abc"))
    )

    assert [one.number for one in found] == [1006, 1006, 1006]
    assert "2 other applications" in found[0].sentence
    assert len({one.subject.application for one in found}) == 3


def test_the_odd_one_of_three_twins() -> None:
    """Of three actions of one URL the one with other callback data is named."""
    facts = account(
        configured(forward(callbackData="a"), code="app-1"),
        configured(forward(key="F2", callbackData="a"), code="app-2"),
        configured(forward(key="F3", callbackData="b"), code="app-3"),
    )

    assert [one.subject.action for one in diagnose(facts) if one.number == 1007] == ["F3"]


def test_forward_and_pull_of_two_applications() -> None:
    """Two applications may use different ways."""
    facts = account(configured(forward(), code="app-1"), configured(pull(), code="app-2"))

    assert numbers(facts) == []
