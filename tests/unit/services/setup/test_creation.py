"""Actions are created once, on a platform whose answers are lost."""

import pytest

from ibconsole.api.platform import Platform
from ibconsole.errors import UserError
from ibconsole.model.application import Action, ActionDraft
from ibconsole.services.setup.creation import ActionCreation
from ibconsole.services.setup.multi_step import ConfigurationId
from tests.unit.services.setup.failing_platforms import Outage, PlatformProxy

PULL = ActionDraft(type="PULL", callback_data="x")


class Mute(Outage):
    """Creates an action, and loses the answer."""

    async def create_action(self, code: str, key: str, draft: ActionDraft) -> Action:
        await super().create_action(code, key, draft)
        raise UserError("The platform did not answer.")


class Refusing(PlatformProxy):
    """Creates nothing."""

    async def create_action(self, code: str, key: str, draft: ActionDraft) -> Action:
        raise UserError("Limit reached.")


async def count(platform: Platform, target: ConfigurationId) -> int:
    return len(await platform.actions(target.code, target.key))


async def test_a_lost_answer_is_found(platform: Platform, target: ConfigurationId) -> None:
    """An action whose answer was lost counts as created."""
    creation = ActionCreation(Mute(platform, failing_from=9), target)
    assert (await creation.run(PULL)).callback_data == "x"
    assert await count(platform, target) == 1


async def test_a_second_attempt_makes_no_duplicate(
    platform: Platform, target: ConfigurationId
) -> None:
    """If nothing could be read after a lost answer, the next attempt looks before it creates."""
    mute = Mute(platform, failing_from=1)
    creation = ActionCreation(mute, target)
    with pytest.raises(UserError, match="did not answer"):
        await creation.run(PULL)

    mute.over = True
    assert (await creation.run(PULL)).callback_data == "x"
    assert await count(platform, target) == 1


async def test_a_refused_draft_can_be_corrected(
    platform: Platform, target: ConfigurationId
) -> None:
    """A refusal is raised as it is, and nothing exists."""
    with pytest.raises(UserError, match="Limit reached"):
        await ActionCreation(Refusing(platform), target).run(PULL)
    assert await count(platform, target) == 0
