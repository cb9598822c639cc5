"""The state before a change is on the disk before it is sent; the state after it follows."""

import asyncio
from itertools import pairwise

import pytest

from ibconsole.api.authorization import ApiKey
from ibconsole.api.client import ApiClient
from ibconsole.api.errors import ApiError
from ibconsole.api.gate import NotPermitted
from ibconsole.archive.history.points import SetupPart
from ibconsole.model.application import ActionDraft
from ibconsole.secret import Secret
from ibconsole.services.audit import AuditFilter, NotRecorded, audit_rows, user_act
from ibconsole.services.setup.history.recorded_setup import RecordedSetup
from ibconsole.services.setup.history.recorder import SetupRecorder
from ibconsole.services.setup.inbound_route import read_route, route_bytes, route_of
from ibconsole.services.setup.multi_step import (
    ActionReplacement,
    ChangeProgress,
    ChangeResult,
    ChangeStep,
    ConfigurationId,
    delete_actions,
)
from ibconsole.simulator.running import RunningSimulator
from tests.unit.services.setup.history.conftest import Recorded

PULL = ActionDraft(type="PULL")


def counts(recorded: Recorded, code: str) -> list[int]:
    """Return the number of actions at each point of an application."""
    return [
        sum(len(each.actions) for each in route_of(one.content or b"[]").configurations)
        for one in recorded.points(code)
    ]


def ignore(_: tuple[ChangeStep, ...]) -> None:
    """Show no progress."""


async def create(recorded: Recorded, target: ConfigurationId, actions: int) -> ChangeResult:
    with user_act():
        created = [
            await recorded.setup.create_action(target.code, target.key, PULL)
            for _ in range(actions)
        ]
    return ChangeResult(tuple(created))


async def test_every_change_has_the_states_around_it(
    recorded: Recorded, target: ConfigurationId
) -> None:
    """Creations and deletions are stored with what was there, of which the audit has the time."""
    setup, code = recorded.setup, target.code
    action = await setup.create_action(code, target.key, PULL)
    await recorded.other.create_action(code, target.key, PULL)
    await setup.delete_action(code, target.key, action.key)
    await setup.delete_configuration(code, target.key)
    await setup.create_configuration(code)

    points = recorded.points(code)
    rows = list(audit_rows(recorded.path, AuditFilter()))
    assert counts(recorded, code) == [0, 1, 2, 1, 0, 0]
    assert points[-1].content == route_bytes(await read_route(recorded.other, code))
    assert all(one.seen_until <= other.seen_from for one, other in pairwise(points))
    assert [row["method"] for row in rows] == ["POST", "DELETE", "DELETE", "POST"]
    assert action.key in rows[1]["before"]


async def test_the_route_after_a_change_is_not_read_twice(
    recorded: Recorded, target: ConfigurationId
) -> None:
    """A verification in the same act takes what was read for the history."""
    setup, code = recorded.setup, target.code
    with user_act():
        action = await setup.create_action(code, target.key, PULL)
        known = setup.route_after_change(code)

    assert known
    assert [one.key for one in known.configurations[0].actions] == [action.key]
    assert setup.route_after_change(code) is None


async def test_reads_are_recorded(recorded: Recorded, target: ConfigurationId) -> None:
    """What others change is seen at the next reading."""
    async with recorded.recorder:
        await read_route(recorded.setup, target.code)
        [first, *_] = await recorded.setup.applications()
    await recorded.other.create_action(target.code, target.key, PULL)
    async with recorded.recorder:
        await read_route(recorded.setup, target.code)

    assert counts(recorded, target.code) == [0, 1]
    assert len(recorded.points(first.code, SetupPart.APPLICATION)) == 1


async def test_reads_of_a_command_are_not(recorded: Recorded, target: ConfigurationId) -> None:
    """A command that only reads opens no archive."""
    recorder = SetupRecorder(recorded.path, recorded.account.connection, records_reads=False)
    setup = RecordedSetup(recorded.client, recorder)
    async with recorder:
        await setup.applications()
        await read_route(setup, target.code)

    assert not recorded.path.parent.exists()


async def test_nothing_is_sent_without_the_state_before(
    recorded: Recorded, target: ConfigurationId, running: RunningSimulator
) -> None:
    """Where it cannot be read, stored, or where changes are locked, no change is sent."""
    running.simulator.inject_fault("403", match="GET /push/1/applications/")
    with pytest.raises(ApiError):
        await recorded.setup.create_action(target.code, target.key, PULL)
    await asyncio.to_thread(recorded.path.mkdir, parents=True)
    with pytest.raises(NotRecorded, match="Nothing was sent"):
        await recorded.setup.create_action(target.code, target.key, PULL)

    assert await recorded.other.actions(target.code, target.key) == []


async def test_a_change_is_done_although_nothing_can_be_read_afterwards(
    recorded: Recorded, target: ConfigurationId, running: RunningSimulator
) -> None:
    """A failed reading after it is no failure of the change."""
    with user_act():
        await recorded.setup.create_action(target.code, target.key, PULL)
        running.simulator.inject_fault("403", match="GET /push/1/applications/")
        await recorded.setup.create_action(target.code, target.key, PULL)

    assert counts(recorded, target.code) == [0, 1]
    assert len(await recorded.other.actions(target.code, target.key)) == 2


async def test_the_requests_of_an_act_share_readings(
    recorded: Recorded, target: ConfigurationId, running: RunningSimulator
) -> None:
    """A state that an act has read just now is the state before its next change."""

    async def requests(changes: int) -> int:
        before = running.simulator.counters["requests"]
        with user_act():
            for _ in range(changes):
                await recorded.setup.create_action(target.code, target.key, PULL)
        return running.simulator.counters["requests"] - before

    assert await requests(1) == 5
    assert await requests(3) == 2 + 3 * 3
    before = running.simulator.counters["requests"]
    with user_act():
        await read_route(recorded.setup, target.code)
        await recorded.setup.create_action(target.code, target.key, PULL)
    assert running.simulator.counters["requests"] - before == 5
    assert counts(recorded, target.code) == [0, 1, 2, 3, 4, 5]


async def test_a_replacement_is_one_act(recorded: Recorded, target: ConfigurationId) -> None:
    """Its requests have one id in the audit, and so have those of several actions."""
    [old] = (await create(recorded, target, 1)).done
    replacement = ActionReplacement(
        recorded.setup, target, old, ActionDraft(type="PULL", callback_data="new"), ignore
    )
    await replacement.run()
    done = (await create(recorded, target, 2)).done
    await delete_actions(recorded.setup, target, done, ChangeProgress(["", ""], ignore))

    assert replacement.finished
    acts = [row["act"] for row in audit_rows(recorded.path, AuditFilter())]
    assert len(set(acts)) == 4
    assert [acts.index(act) for act in acts] == [0, 1, 1, 3, 3, 5, 5]


async def test_changes_of_one_application_follow_each_other(
    recorded: Recorded, target: ConfigurationId
) -> None:
    """Between the states around a change there is no other change of this program."""
    await asyncio.gather(
        *(recorded.setup.create_action(target.code, target.key, PULL) for _ in range(4))
    )

    assert counts(recorded, target.code) == [0, 1, 2, 3, 4]


async def test_a_locked_account_is_not_even_read(
    recorded: Recorded, target: ConfigurationId, running: RunningSimulator
) -> None:
    """A change that is not permitted makes no request at all."""
    before = running.simulator.counters["requests"]
    async with ApiClient(running.base_url, ApiKey(Secret(running.api_key))) as client:
        setup = RecordedSetup(client, recorded.recorder)
        with pytest.raises(NotPermitted):
            await setup.delete_action(target.code, target.key, "any")

    assert running.simulator.counters["requests"] == before
