"""What is remembered of a setup."""

import pytest

from ibconsole.model.application import Configuration, read_action, read_configuration
from ibconsole.services.setup.cache import Known, KnownActions, SetupCache

ONE = read_configuration({"key": "c1"})
TWO = read_configuration({"key": "c2"})
PULL = read_action({"key": "a1", "type": "PULL"})
FORWARD = read_action({"key": "a2", "type": "HTTP_FORWARD", "forwardUrl": "https://h/"})


@pytest.fixture
def known() -> SetupCache:
    known = SetupCache()
    known.learn_configurations("app", [ONE, TWO], 1000)
    known.learn_actions("app", "c1", [PULL, FORWARD], 2000)
    return known


def test_nothing_is_known_at_first() -> None:
    """Not to know is something else than to know that there is nothing."""
    known = SetupCache()

    assert known.applications is None
    assert known.configurations("app") is None
    assert known.actions("app", "c1") is None


def test_what_was_read_is_known_with_its_time(known: SetupCache) -> None:
    """What is shown again can say how old it is."""
    assert known.configurations("app") == Known((ONE, TWO), 1000)
    assert known.actions("app", "c1") == Known((PULL, FORWARD), 2000)
    assert list(known.every_configuration()) == [("app", ONE), ("app", TWO)]
    assert list(known.every_action()) == [KnownActions("app", "c1", Known((PULL, FORWARD), 2000))]


def test_a_deleted_action_is_known_no_more(known: SetupCache) -> None:
    """Who comes back to an application does not see what he deleted."""
    known.forget_action("app", "c1", "a1")
    known.forget_action("app", "other", "a1")

    assert known.actions("app", "c1") == Known((FORWARD,), 2000)


@pytest.mark.parametrize("left", [[], [TWO]])
def test_actions_go_with_their_configuration(known: SetupCache, left: list[Configuration]) -> None:
    """A configuration that is gone has no actions, and one created later gets none of them."""
    known.learn_configurations("app", left, 3000)

    assert known.actions("app", "c1") is None


def test_forgetting_an_application(known: SetupCache) -> None:
    """After a change that may or may not have been made, nothing is claimed."""
    known.learn_actions("other", "c1", [], 1)

    known.forget_application("app")

    assert known.configurations("app") is None
    assert known.actions("app", "c1") is None
    assert known.actions("other", "c1") == Known((), 1)


def test_forgetting_everything(known: SetupCache) -> None:
    """Nothing of one account is known of another."""
    known.learn_applications([], 1)
    before = known.applications
    known.forget()

    assert before is not None
    assert known.applications is None
    assert not list(known.every_configuration())
    assert not list(known.every_action())


def test_who_pulls(known: SetupCache) -> None:
    """An application is known to pull once, however many of its actions do."""
    known.learn_actions("app", "c2", [PULL], 2000)
    known.learn_actions("other", "c3", [FORWARD], 2000)

    assert known.pullers() == ["app"]
