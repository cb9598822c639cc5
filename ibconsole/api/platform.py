"""The platform's endpoints (platform.md §2), one method for each."""

from collections.abc import Awaitable, Callable
from typing import TypeVar
from urllib.parse import quote

from ibconsole.api.client import ApiClient
from ibconsole.api.errors import (
    ApiError,
    ConfigurationExists,
    Conflict,
    PlatformBroken,
    UnusableKey,
)
from ibconsole.api.exchange import Answer, PullAnswer
from ibconsole.model import (
    Action,
    ActionDraft,
    Application,
    Configuration,
    Undecodable,
    encode,
    parse,
    read_action,
    read_actions,
    read_application,
    read_applications,
    read_configurations,
)

T = TypeVar("T")


class Platform:
    """The platform, as seen by one account.

    Every method raises an ApiError if the platform cannot be reached, refuses the request, or
    sends an unreadable answer, and UnusableKey for a code or key that cannot be a part of a
    path. Lists keep the platform's order.
    """

    def __init__(self, client: ApiClient) -> None:
        self._client = client
        # The actions of configurations as listed last: what a delete deletes, for its record.
        self._listed: dict[str, list[Action]] = {}

    # https://www.infobip.com/docs/api/channels/mobile-app-messaging
    async def applications(self) -> list[Application]:
        """List all applications of the account; also a harmless check of the credential."""
        return _listed(await self._client.request("GET", _APPLICATIONS), read_applications)

    async def application(self, code: str, *, by_id: bool = False) -> Application:
        """Read one application by its code or by its id; raises NotFound."""
        query = "?useAppCodeAsAppId=true" if by_id else ""
        answer = await self._client.request("GET", f"{_APPLICATIONS}/{_quoted(code)}{query}")
        return _only(answer, _read_application)

    async def configurations(self, code: str) -> list[Configuration]:
        """List the configurations of an application: none or one, in all known cases."""
        return _listed(
            await self._client.request("GET", _configurations(code)), read_configurations
        )

    async def configuration(self, code: str, key: str) -> Configuration:
        """Read one configuration; raises NotFound."""
        answer = await self._client.request("GET", _configuration(code, key))
        return _only(answer, read_configurations)

    async def create_configuration(self, code: str) -> Configuration:
        """Create the configuration of an application, and return it with its key.

        Raises ConfigurationExists, with the existing ones, if there already is one.
        """
        try:
            answer = await self._client.request("POST", _configurations(code))
        except Conflict as refusal:
            raise ConfigurationExists(await self._existing(code)) from refusal
        created = [one for one in _mentioned(answer, read_configurations) if one.key]
        if created:
            return created[-1]
        return await self._created_configuration(code)

    async def delete_configuration(self, code: str, key: str) -> None:
        """Delete a configuration; the effect on its actions is not documented."""
        actions = self._listed.get(_actions(code, key))
        before = b"" if actions is None else encode({"actions": [one.raw for one in actions]})
        await self._client.request("DELETE", deletion_path(code, key), before=before)

    async def actions(self, code: str, configuration: str) -> list[Action]:
        """List the actions of a configuration."""
        path = _actions(code, configuration)
        self._listed[path] = _listed(await self._client.request("GET", path), read_actions)
        return list(self._listed[path])

    async def create_action(self, code: str, configuration: str, draft: ActionDraft) -> Action:
        """Create an action, and return it as the platform has it.

        Its key is empty if the platform neither returns it nor lists the action.
        """
        answer = await self._client.request(*new_action_request(code, configuration, draft))
        created = [one for one in _mentioned(answer, read_actions) if one.key]
        if created:
            return created[-1]
        try:
            listed = await self.actions(code, configuration)
        except ApiError:
            # The action was created: an error would claim that it was not.
            listed = []
        return next(
            (one for one in reversed(listed) if _matches(one, draft)), read_action(draft.raw)
        )

    async def delete_action(self, code: str, configuration: str, key: str) -> None:
        """Delete an action."""
        siblings = self._listed.get(_actions(code, configuration), ())
        known = [one for one in siblings if one.key == key]
        before = encode(known[0].raw) if known else b""
        await self._client.request("DELETE", deletion_path(code, configuration, key), before=before)

    # https://www.infobip.com/docs/api/channels/mobile-app-messaging/receive-push-messages
    async def pull(
        self,
        limit: int | None,
        *,
        receive: Callable[[bytes], Awaitable[None]],
        sending: Callable[[], None] | None = None,
    ) -> PullAnswer:
        """Take up to `limit` waiting messages (None: the platform's default). DESTRUCTIVE.

        The request is sent once and never repeated; see `ApiClient.fetch_once`.
        """
        query = "" if limit is None else f"?limit={limit:d}"
        return await self._client.fetch_once(
            f"/push/1/inbox/reports{query}", receive=receive, sending=sending
        )

    async def _existing(self, code: str) -> list[Configuration]:
        try:
            return await self.configurations(code)
        except ApiError:
            return []

    async def _created_configuration(self, code: str) -> Configuration:
        listed = await self._existing(code)
        if not listed:
            raise PlatformBroken(
                "The platform accepted the new configuration, but does not show it."
                " Look at the list again before you create another one."
            )
        return listed[-1]


def new_action_request(code: str, configuration: str, draft: ActionDraft) -> tuple[str, str, bytes]:
    """Return the method, path and body that create an action, for sending or for a preview."""
    return "POST", _actions(code, configuration), encode(draft.raw)


def deletion_path(code: str, configuration: str, action: str | None = None) -> str:
    """Return the path whose DELETE deletes an action, or a configuration if that is None.

    Raises UnusableKey.
    """
    if action is None:
        return _configuration(code, configuration)
    return f"{_actions(code, configuration)}/{_quoted(action)}"


_APPLICATIONS = "/push/1/applications"


def _configurations(code: str) -> str:
    return f"{_APPLICATIONS}/{_quoted(code)}/configurations"


def _configuration(code: str, key: str) -> str:
    return f"{_configurations(code)}/{_quoted(key)}"


def _actions(code: str, configuration: str) -> str:
    return f"{_configuration(code, configuration)}/actions"


def _quoted(name: str) -> str:
    """Return a code or key as one segment of a path.

    Raises UnusableKey for an empty one or dots, which would make a DELETE mean the parent.
    """
    try:
        segment = quote(name, safe="")
    except UnicodeEncodeError:
        segment = ""
    if segment in {"", ".", ".."}:
        raise UnusableKey(
            "The selected item has no usable code or key, so nothing was requested."
            " Look at the list again and choose it there."
        )
    return segment


def _listed(answer: Answer, read: Callable[[object], list[T]]) -> list[T]:
    # 204, no content, means an empty list.
    return [] if answer.status == 204 else _decoded(answer, read)


def _mentioned(answer: Answer, read: Callable[[object], list[T]]) -> list[T]:
    """Return what the answer to a POST contains of the created resource: often nothing."""
    return _decoded(answer, read) if answer.body.strip() else []


def _only(answer: Answer, read: Callable[[object], list[T]]) -> T:
    found = _decoded(answer, read)
    if len(found) != 1:
        raise _unreadable(answer)
    return found[0]


def _decoded(answer: Answer, read: Callable[[object], list[T]]) -> list[T]:
    try:
        return read(parse(answer.body))
    except Undecodable:
        raise _unreadable(answer) from None


def _unreadable(answer: Answer) -> PlatformBroken:
    return PlatformBroken(
        f"The platform's answer ({answer.status}) cannot be read: it is not what was asked for."
        " Check the base URL, and look at the list again before you repeat a change.",
        status=answer.status,
    )


def _read_application(answer: object) -> list[Application]:
    """Read a single application, with or without an envelope, even one without a code."""
    if isinstance(answer, dict) and ("applicationId" in answer or "name" in answer):
        return [read_application(answer)]
    return read_applications(answer)


def _matches(action: Action, draft: ActionDraft) -> bool:
    return (action.type, action.forward_url, action.callback_data) == (
        draft.type,
        draft.forward_url,
        draft.callback_data,
    )
