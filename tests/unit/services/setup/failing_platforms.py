"""Platforms that do something else than they were asked to."""

from ibconsole.api.platform import Platform
from ibconsole.errors import UserError
from ibconsole.model.application import Action, ActionDraft


class PlatformProxy:
    """Passes everything to the platform."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    async def actions(self, code: str, key: str) -> list[Action]:
        return await self._platform.actions(code, key)

    async def create_action(self, code: str, key: str, draft: ActionDraft) -> Action:
        return await self._platform.create_action(code, key, draft)

    async def delete_action(self, code: str, key: str, action: str, /) -> None:
        await self._platform.delete_action(code, key, action)


class Outage(PlatformProxy):
    """Fails to list from the given call on, until it is over."""

    def __init__(self, platform: Platform, failing_from: int) -> None:
        super().__init__(platform)
        self._left = failing_from
        self.over = False

    async def actions(self, code: str, key: str) -> list[Action]:
        self._left -= 1
        if self._left < 0 and not self.over:
            raise UserError("The platform did not answer.")
        return await super().actions(code, key)


class Forgetful(PlatformProxy):
    """Accepts an action and drops it."""

    async def create_action(self, code: str, key: str, draft: ActionDraft) -> Action:
        created = await super().create_action(code, key, draft)
        await super().delete_action(code, key, created.key)
        return created


class Careless(PlatformProxy):
    """Creates a different action than the one that was sent."""

    async def create_action(self, code: str, key: str, draft: ActionDraft) -> Action:
        return await super().create_action(code, key, ActionDraft(type="PULL"))
