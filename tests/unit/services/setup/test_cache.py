"""The cache of an account's setup."""

import pytest

from ibconsole.model.application import Configuration, read_action, read_configuration
from ibconsole.services.setup.cache import Cached, CachedActions, SetupCache

ONE = read_configuration({"key": "c1"})
TWO = read_configuration({"key": "c2"})
PULL = read_action({"key": "a1", "type": "PULL"})
FORWARD = read_action({"key": "a2", "type": "HTTP_FORWARD", "forwardUrl": "https://h/"})


@pytest.fixture
def cache() -> SetupCache:
    cache = SetupCache()
    cache.store_configurations("app", [ONE, TWO], 1000)
    cache.store_actions("app", "c1", [PULL, FORWARD], 2000)
    return cache


def test_new_cache() -> None:
    """A list that was not read is None, which differs from an empty list."""
    cache = SetupCache()

    assert cache.applications is None
    assert cache.configurations("app") is None
    assert cache.actions("app", "c1") is None


def test_cached_with_time(cache: SetupCache) -> None:
    """Everything is cached with the time when it was read."""
    assert cache.configurations("app") == Cached((ONE, TWO), 1000)
    assert cache.actions("app", "c1") == Cached((PULL, FORWARD), 2000)
    assert list(cache.all_configurations()) == [("app", ONE), ("app", TWO)]
    assert list(cache.all_actions()) == [CachedActions("app", "c1", Cached((PULL, FORWARD), 2000))]


@pytest.mark.parametrize("remaining", [[], [TWO]])
def test_actions_of_a_deleted_configuration(
    cache: SetupCache, remaining: list[Configuration]
) -> None:
    """The actions of a configuration that is not listed any more are dropped."""
    cache.store_actions("other", "c1", [], 1)

    cache.store_configurations("app", remaining, 3000)

    assert cache.actions("app", "c1") is None
    assert cache.actions("other", "c1") == Cached((), 1)


def test_clear(cache: SetupCache) -> None:
    """A cleared cache holds nothing of the former account."""
    cache.store_applications([], 1)
    before = cache.applications

    cache.clear()

    assert before is not None
    assert cache.applications is None
    assert not list(cache.all_configurations())
    assert not list(cache.all_actions())


def test_applications_with_pull(cache: SetupCache) -> None:
    """An application with several PULL actions is listed once."""
    cache.store_actions("app", "c2", [PULL], 2000)
    cache.store_actions("other", "c3", [FORWARD], 2000)

    assert cache.applications_with_pull() == ["app"]
