"""The state of a route, and its canonical form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.api.platform import Platform
from ibconsole.model import Action, ActionDraft, ActionType, Configuration, read_action
from ibconsole.services.setup.inbound_route import (
    ConfigurationState,
    InboundRoute,
    RouteNotRead,
    read_route,
    read_routes,
    route_bytes,
    route_of,
)
from ibconsole.services.setup.multi_step import ConfigurationId
from tests.unit.services.setup.failing_platforms import Outage

TEXTS = st.text(st.characters(), max_size=8)
ACTIONS = st.builds(
    lambda key, url, extra: read_action({"key": key, "forwardUrl": url, "other": extra}),
    TEXTS,
    TEXTS,
    st.dictionaries(TEXTS, st.integers() | st.none() | st.lists(st.booleans()), max_size=3),
)


def route_with(*actions: Action) -> InboundRoute:
    return InboundRoute((ConfigurationState("c1", actions, {"key": "c1"}),))


async def test_routes_of_several_applications_are_read(platform: Platform) -> None:
    """Each application is read once, and each that was read is counted."""
    applications, seen = await platform.applications(), list[tuple[int, int]]()

    routes = await read_routes(
        platform, [*applications, applications[0]], lambda *progress: seen.append(progress)
    )

    assert set(routes) == {one.code for one in applications}
    assert seen == [(number, len(routes)) for number in range(1, len(routes) + 1)]
    assert routes[applications[0].code] == await read_route(platform, applications[0].code)
    assert await read_routes(platform, []) == {}


async def test_a_route_that_cannot_be_read_ends_the_reading(platform: Platform) -> None:
    """Routes are complete, or there are none; the error names the application."""
    applications = await platform.applications()

    with pytest.raises(RouteNotRead, match=r"changed\. The platform did not answer"):
        await read_routes(Unlisted(platform), applications)


class Unlisted(Outage):
    """Lists configurations, and fails to list actions from the second time on."""

    def __init__(self, platform: Platform) -> None:
        super().__init__(platform, 1)

    async def configurations(self, code: str) -> list[Configuration]:
        return await self._platform.configurations(code)


async def test_the_route_is_read_whole(platform: Platform, target: ConfigurationId) -> None:
    draft = ActionDraft(type=ActionType.HTTP_FORWARD, forward_url="https://a.example/in")
    created = await platform.create_action(target.code, target.key, draft)
    route = await read_route(platform, target.code)
    [configuration] = route.configurations
    assert configuration.key == target.key
    assert [one.key for one in configuration.actions] == [created.key]
    assert configuration.drafts == (draft,)
    assert route.configuration(target.key) is configuration
    assert route.configuration("another") is None


@given(st.lists(ACTIONS, max_size=4))
def test_what_was_stored_is_read_again(actions: list[Action]) -> None:
    stored = route_bytes(route_with(*actions))
    assert route_bytes(route_of(stored)) == stored
    assert sorted(one.key for one in route_of(stored).configurations[0].actions) == sorted(
        one.key for one in actions
    )


@given(st.permutations([read_action({"key": str(n % 3), "type": "PULL"}) for n in range(4)]))
def test_the_order_of_a_list_does_not_matter(actions: list[Action]) -> None:
    assert route_bytes(route_with(*actions)) == route_bytes(route_with(*reversed(actions)))


def test_the_order_of_members_does_not_matter() -> None:
    one, other = read_action({"key": "a", "x": {"b": 1, "a": 2}}), {"x": {"a": 2, "b": 1}}
    assert route_bytes(route_with(one)) == route_bytes(
        route_with(read_action({**other, "key": "a"}))
    )


def test_a_different_value_is_another_route() -> None:
    one, other = read_action({"key": "a", "x": [1, 2]}), read_action({"key": "a", "x": [2, 1]})
    assert route_bytes(route_with(one)) != route_bytes(route_with(other))
