"""Creation of actions: the preview of the request, and attempts that make no duplicates."""

from collections.abc import Sequence
from urllib.parse import quote, urlsplit
from uuid import uuid4

from ibconsole import __version__
from ibconsole.api import ACCEPTED, new_action_request
from ibconsole.errors import UserError
from ibconsole.model import Action, ActionDraft
from ibconsole.secret import MASK
from ibconsole.services.setup.multi_step import ActionSetup, ConfigurationId, draft_of


class ActionCreation:
    """The creation of one action, attempted until it succeeds; none makes a duplicate.

    A request that got no answer, or an error, may have created the action all the same. All
    attempts belong to one `act` of the user.
    """

    def __init__(self, setup: ActionSetup, target: ConfigurationId) -> None:
        self.act = uuid4().hex
        self._setup = setup
        self._target = target
        self._keys_before: frozenset[str] | None = None

    async def run(self, draft: ActionDraft) -> Action:
        """Create the action, or return the one that an earlier attempt has created."""
        listed = await self._list()
        if self._keys_before is None:
            self._keys_before = frozenset(action.key for action in listed)
        elif created := self._find(listed, draft):
            return created
        try:
            return await self._setup.create_action(self._target.code, self._target.key, draft)
        except UserError as refusal:
            try:
                created = self._find(await self._list(), draft)
            except UserError as error:
                raise refusal from error
            if created is None:
                raise
            return created

    async def _list(self) -> list[Action]:
        return await self._setup.actions(self._target.code, self._target.key)

    def _find(self, listed: Sequence[Action], draft: ActionDraft) -> Action | None:
        before = self._keys_before or frozenset()
        new = (one for one in listed if one.key not in before and draft_of(one) == draft)
        return next(new, None)


def preview_new_action(
    base_url: str, code: str, configuration: str, draft: ActionDraft, *, shown_code: str
) -> tuple[str, str]:
    """Return the head and the body of the request that creates an action.

    `shown_code` replaces the application's code, which is a credential (platform.md §3). The
    account's credential is masked. Raises UnusableKey, as sending does.
    """
    method, path, body = new_action_request(code, configuration, draft)
    path = path.replace(quote(code, safe=""), shown_code)
    head = (
        f"{method} {path} HTTP/1.1",
        f"Host: {urlsplit(base_url).netloc}",
        "Accept: application/json",
        f"Accept-Encoding: {ACCEPTED}",
        f"User-Agent: ibconsole/{__version__}",
        f"Authorization: {MASK}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    )
    return "\n".join(head), body.decode()
