"""Changes in several steps, on a platform that fails in the middle of them."""

from collections.abc import AsyncIterator

import pytest
import stamina

from ibconsole.api.authorization import ApiKey
from ibconsole.api.budget import Budget
from ibconsole.api.platform import Platform
from ibconsole.api.transport import Transport
from ibconsole.errors import UserError
from ibconsole.model.application import Action, ActionDraft
from ibconsole.secret import Secret
from ibconsole.services.setup.multi_step import (
    REPLACING,
    Exists,
    Outcome,
    Place,
    Progress,
    Replacement,
    State,
    Step,
    create_actions,
    delete_actions,
    draft_of,
)
from ibconsole.simulator.running import RunningSimulator, simulate
from ibconsole.simulator.settings import SimulatorSettings

PULL = ActionDraft(type="PULL", callback_data="old")
FORWARD = ActionDraft(type="HTTP_FORWARD", forward_url="https://example.com/in")


@pytest.fixture
async def running() -> AsyncIterator[RunningSimulator]:
    async with simulate(SimulatorSettings(rate_limited=False)) as running:
        yield running


@pytest.fixture
async def platform(running: RunningSimulator) -> AsyncIterator[Platform]:
    key = ApiKey(Secret(running.api_key))
    async with Transport(running.base_url, key, budget=Budget(1_000)) as transport:
        with stamina.set_testing(testing=True, attempts=3):
            yield Platform(transport)


@pytest.fixture
async def place(platform: Platform) -> Place:
    """A configuration with no action in it."""
    for application in await platform.applications():
        if not await platform.configurations(application.code):
            created = await platform.create_configuration(application.code)
            return Place(application.code, created.key)
    raise AssertionError


@pytest.fixture
async def actions(platform: Platform, place: Place) -> list[Action]:
    """Three of them."""
    for number in range(3):
        draft = ActionDraft(type="PULL", callback_data=f"{number}")
        await platform.create_action(place.code, place.key, draft)
    return await platform.actions(place.code, place.key)


class Told:
    """Keeps what was told."""

    def __init__(self) -> None:
        self.all: list[tuple[Step, ...]] = []

    def __call__(self, steps: tuple[Step, ...]) -> None:
        self.all.append(steps)

    @property
    def states(self) -> list[State]:
        return [step.state for step in self.all[-1]]


@pytest.fixture
def told() -> Told:
    return Told()


def progress(actions: list[Action], told: Told) -> Progress:
    return Progress([action.key for action in actions], told)


async def keys(platform: Platform, place: Place) -> list[str]:
    return [action.key for action in await platform.actions(place.code, place.key)]


async def test_deleting_several(
    platform: Platform, place: Place, actions: list[Action], told: Told
) -> None:
    """They are deleted one after the other, and each is told."""
    outcome = await delete_actions(platform, place, actions, progress(actions, told))

    assert outcome == Outcome(tuple(actions))
    assert await keys(platform, place) == []
    assert [step.state for step in told.all[2]] == [State.DONE, State.RUNNING, State.WAITING]
    assert told.states == [State.DONE] * 3


async def test_deleting_stops_at_the_first_failure(
    platform: Platform, running: RunningSimulator, place: Place, actions: list[Action], told: Told
) -> None:
    """What was deleted and what was not is known, to the action."""
    running.simulator.inject_fault("403", match=f"/actions/{actions[1].key}")

    outcome = await delete_actions(platform, place, actions, progress(actions, told))

    assert outcome.done == (actions[0],)
    assert outcome.left == (actions[1], actions[2])
    assert outcome.error is not None
    assert not outcome.unsure
    assert told.states == [State.DONE, State.FAILED, State.LEFT]
    assert "It still exists." in told.all[-1][1].told
    assert await keys(platform, place) == [actions[1].key, actions[2].key]


async def test_one_that_is_gone_already(
    platform: Platform, place: Place, actions: list[Action], told: Told
) -> None:
    """Somebody else deleted it: that is what was wanted."""
    await platform.delete_action(place.code, place.key, actions[0].key)

    outcome = await delete_actions(platform, place, actions, progress(actions, told))

    assert outcome.done == tuple(actions)
    assert "not listed" in told.all[-1][0].told


async def test_deletion_without_an_answer(
    platform: Platform, running: RunningSimulator, place: Place, actions: list[Action], told: Told
) -> None:
    """A deletion whose answer was lost is looked up, and counts if it happened."""
    running.simulator.inject_fault("reset", times=3, match=f"/actions/{actions[0].key}")

    outcome = await delete_actions(platform, place, actions, progress(actions, told))

    assert outcome.done == tuple(actions)


async def test_nobody_can_tell(
    platform: Platform, running: RunningSimulator, place: Place, actions: list[Action], told: Told
) -> None:
    """Where the platform answers nothing any more, nothing is claimed."""
    running.simulator.inject_fault("reset", times=3, match=f"/actions/{actions[0].key}")
    running.simulator.inject_fault("403", match="GET /push/1/applications/")

    outcome = await delete_actions(platform, place, actions, progress(actions, told))

    assert outcome.unsure
    assert outcome.done == ()
    assert "may be deleted or not" in told.all[-1][0].told


async def test_stopping(
    platform: Platform, place: Place, actions: list[Action], told: Told
) -> None:
    """Who stops it keeps what was not begun."""
    outcome = await delete_actions(
        platform, place, actions, progress(actions, told), lambda: len(told.all) > 1
    )

    assert outcome == Outcome((actions[0],), (actions[1], actions[2]))
    assert told.states == [State.DONE, State.LEFT, State.LEFT]


async def test_creating_several(
    platform: Platform, running: RunningSimulator, place: Place, told: Told
) -> None:
    """Several are created in their order; a refusal ends it and is told where it happened."""
    running.simulator.change_settings(max_actions=2)
    drafts = [ActionDraft(type="PULL", callback_data=f"{number}") for number in range(4)]

    outcome = await create_actions(platform, place, drafts, Progress("abcd", told))

    assert [draft_of(action) for action in outcome.done] == drafts[:2]
    assert outcome.error is not None
    assert told.states == [State.DONE, State.DONE, State.FAILED, State.LEFT]


@pytest.fixture
async def old(platform: Platform, place: Place) -> Action:
    return await platform.create_action(place.code, place.key, PULL)


@pytest.fixture
def replacement(platform: Platform, place: Place, old: Action, told: Told) -> Replacement:
    return Replacement(platform, place, old, FORWARD, told)


async def drafts(platform: Platform, place: Place) -> list[ActionDraft]:
    return [draft_of(action) for action in await platform.actions(place.code, place.key)]


async def test_replacing(
    platform: Platform, replacement: Replacement, place: Place, told: Told
) -> None:
    """The new one is created and seen before the old one is deleted."""
    await replacement.run()

    assert await drafts(platform, place) == [FORWARD]
    assert replacement.finished
    assert replacement.error is None
    assert [step.words for step in told.all[-1]] == list(REPLACING)
    assert told.states == [State.DONE] * 3
    orders = [[step.state for step in steps] for steps in told.all]
    assert [State.DONE, State.DONE, State.RUNNING] in orders


async def test_old_one_is_gone(
    platform: Platform, replacement: Replacement, place: Place, old: Action
) -> None:
    """What is there no more cannot be replaced, and nothing is created instead."""
    await platform.delete_action(place.code, place.key, old.key)

    await replacement.run()

    assert "nothing was created" in str(replacement.error)
    assert await drafts(platform, place) == []


async def test_new_one_is_refused(
    platform: Platform,
    running: RunningSimulator,
    replacement: Replacement,
    place: Place,
    told: Told,
) -> None:
    """If the new one cannot be created the old one is not touched."""
    running.simulator.change_settings(max_actions=1)

    await replacement.run()

    assert replacement.exists is Exists.OLD
    assert "as it was" in replacement.sentence
    assert told.states == [State.FAILED, State.WAITING, State.WAITING]
    assert await drafts(platform, place) == [PULL]


async def test_creation_without_an_answer(
    platform: Platform, running: RunningSimulator, replacement: Replacement, place: Place
) -> None:
    """A creation whose answer was lost is found in the list, and not repeated."""
    running.simulator.inject_fault("reset", match="POST")

    await replacement.run()

    assert replacement.finished
    assert await drafts(platform, place) == [FORWARD]


async def test_creation_that_nobody_can_tell(
    platform: Platform, running: RunningSimulator, replacement: Replacement, place: Place
) -> None:
    """While it is not known whether there is a new one, the old one stays; one can look again."""
    running.simulator.inject_fault("reset", match="POST")
    outage = _Outage(platform, failing_from=1)
    replacement.setup = outage

    await replacement.run()
    assert replacement.exists is Exists.OLD_AND_PERHAPS_NEW
    assert "not known" in replacement.sentence

    outage.over = True
    await replacement.run()
    assert replacement.finished
    assert await drafts(platform, place) == [FORWARD]


async def test_accepted_but_not_listed(
    platform: Platform, replacement: Replacement, place: Place, old: Action
) -> None:
    """The old one is not deleted for one that nobody can see."""
    replacement.setup = _Forgetful(platform)

    await replacement.run()

    assert replacement.exists is Exists.OLD_AND_PERHAPS_NEW
    assert "not listed" in str(replacement.error)
    assert old.key in await keys(platform, place)


async def test_listed_otherwise(
    platform: Platform, replacement: Replacement, place: Place, old: Action
) -> None:
    """If the platform made something else of it, the user decides."""
    replacement.setup = _Careless(platform)

    await replacement.run()

    assert "not as it was sent" in str(replacement.error)
    assert old.key in await keys(platform, place)


async def test_old_one_stays(
    platform: Platform,
    running: RunningSimulator,
    replacement: Replacement,
    place: Place,
    old: Action,
    told: Told,
) -> None:
    """If the old one cannot be deleted both exist, which is said; one can try again."""
    running.simulator.inject_fault("403", match="DELETE")

    await replacement.run()
    assert replacement.exists is Exists.BOTH
    assert "handled twice" in replacement.sentence
    assert told.states == [State.DONE, State.DONE, State.FAILED]

    await replacement.run()
    assert replacement.finished
    assert await drafts(platform, place) == [FORWARD]


async def test_old_one_may_be_gone(
    platform: Platform, running: RunningSimulator, replacement: Replacement, place: Place
) -> None:
    """A deletion that nobody can tell of is not claimed to have happened."""
    outage = _Outage(platform, failing_from=2)
    replacement.setup = outage
    running.simulator.inject_fault("reset", times=3, match="DELETE")

    await replacement.run()

    assert replacement.exists is Exists.NEW_AND_PERHAPS_OLD


async def test_deletion_that_happened_all_the_same(
    platform: Platform, running: RunningSimulator, replacement: Replacement, place: Place
) -> None:
    """A deletion whose answer was lost is found to have happened."""
    running.simulator.inject_fault("reset", times=3, match="DELETE")

    await replacement.run()

    assert replacement.finished


async def test_withdrawing(
    platform: Platform, running: RunningSimulator, replacement: Replacement, place: Place
) -> None:
    """Who is left with both can delete the new one instead."""
    running.simulator.inject_fault("403", match="DELETE")
    await replacement.run()

    await replacement.withdraw()
    await replacement.withdraw()

    assert replacement.exists is Exists.OLD
    assert await drafts(platform, place) == [PULL]


async def test_withdrawing_fails(
    platform: Platform, running: RunningSimulator, replacement: Replacement, place: Place
) -> None:
    """If neither can be deleted both still exist, and it is said again."""
    running.simulator.inject_fault("403", times=2, match="DELETE")
    await replacement.run()

    with pytest.raises(Exception, match="not allow"):
        await replacement.withdraw()

    assert replacement.exists is Exists.BOTH


class _Around:
    """A platform, with something in between."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    async def actions(self, code: str, key: str) -> list[Action]:
        return await self._platform.actions(code, key)

    async def create_action(self, code: str, key: str, draft: ActionDraft) -> Action:
        return await self._platform.create_action(code, key, draft)

    async def delete_action(self, code: str, key: str, action: str, /) -> None:
        await self._platform.delete_action(code, key, action)


class _Outage(_Around):
    """Lists nothing from the given time on, until it is over."""

    def __init__(self, platform: Platform, failing_from: int) -> None:
        super().__init__(platform)
        self._left = failing_from
        self.over = False

    async def actions(self, code: str, key: str) -> list[Action]:
        self._left -= 1
        if self._left < 0 and not self.over:
            raise UserError("Nobody answered.")
        return await super().actions(code, key)


class _Forgetful(_Around):
    """Accepts an action and keeps none."""

    async def create_action(self, code: str, key: str, draft: ActionDraft) -> Action:
        created = await super().create_action(code, key, draft)
        await super().delete_action(code, key, created.key)
        return created


class _Careless(_Around):
    """Makes another action than the one it was given."""

    async def create_action(self, code: str, key: str, draft: ActionDraft) -> Action:
        return await super().create_action(code, key, ActionDraft(type="PULL"))
