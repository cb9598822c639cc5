"""One method per endpoint of platform.md §2."""

from collections.abc import Awaitable, Callable
from typing import TypeVar
from urllib.parse import quote

from ibconsole.api.errors import ApiError, ConfigurationExists, Conflict, PlatformBroken, Unnamed
from ibconsole.api.exchange import Answer, PullAnswer
from ibconsole.api.transport import Transport
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

    Every method raises an ApiError if the platform cannot be reached, refuses, or answers
    something unreadable, and Unnamed for a code or key that no path can name. Lists keep
    the platform's order.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    # https://www.infobip.com/docs/api/channels/mobile-app-messaging
    async def applications(self) -> list[Application]:
        """All applications of the account: the harmless check of a credential, too."""
        return _listed(await self._transport.request("GET", _APPLICATIONS), read_applications)

    async def application(self, code: str, *, by_id: bool = False) -> Application:
        """One application, by its code or by its id; raises NotFound."""
        query = "?useAppCodeAsAppId=true" if by_id else ""
        answer = await self._transport.request("GET", f"{_APPLICATIONS}/{_named(code)}{query}")
        return _only(answer, _read_application)

    async def configurations(self, code: str) -> list[Configuration]:
        """The configurations of an application: none or one, as far as is known."""
        return _listed(
            await self._transport.request("GET", _configurations(code)), read_configurations
        )

    async def configuration(self, code: str, key: str) -> Configuration:
        """One configuration; raises NotFound."""
        answer = await self._transport.request("GET", _configuration(code, key))
        return _only(answer, read_configurations)

    async def create_configuration(self, code: str) -> Configuration:
        """Create the configuration of an application, and return it with its key.

        Raises ConfigurationExists, which carries the existing ones, if there is one.
        """
        try:
            answer = await self._transport.request("POST", _configurations(code))
        except Conflict as refusal:
            raise ConfigurationExists(await self._existing(code)) from refusal
        created = [one for one in _mentioned(answer, read_configurations) if one.key]
        if created:
            return created[-1]
        return await self._created_configuration(code)

    async def delete_configuration(self, code: str, key: str) -> None:
        """Delete a configuration; what becomes of its actions is not documented."""
        await self._transport.request("DELETE", _configuration(code, key))

    async def actions(self, code: str, configuration: str) -> list[Action]:
        """The actions of a configuration."""
        return _listed(
            await self._transport.request("GET", _actions(code, configuration)), read_actions
        )

    async def create_action(self, code: str, configuration: str, draft: ActionDraft) -> Action:
        """Create an action, and return it as the platform has it.

        Its key is empty if the platform neither answered it nor lists the action.
        """
        answer = await self._transport.request(*new_action_request(code, configuration, draft))
        created = [one for one in _mentioned(answer, read_actions) if one.key]
        if created:
            return created[-1]
        try:
            listed = await self.actions(code, configuration)
        except ApiError:
            # The action is there all the same: an error would say that it is not.
            listed = []
        return next(
            (one for one in reversed(listed) if _matches(one, draft)), read_action(draft.raw)
        )

    async def delete_action(self, code: str, configuration: str, key: str) -> None:
        """Delete an action."""
        path = f"{_actions(code, configuration)}/{_named(key)}"
        await self._transport.request("DELETE", path)

    # https://www.infobip.com/docs/api/channels/mobile-app-messaging/receive-push-messages
    async def pull(
        self,
        limit: int | None,
        *,
        receive: Callable[[bytes], Awaitable[None]],
        sending: Callable[[], None] | None = None,
    ) -> PullAnswer:
        """Take up to `limit` waiting messages (None: the platform's default). DESTRUCTIVE.

        Sent once and never again, whatever happens; see `Transport.fetch_once`.
        """
        query = "" if limit is None else f"?limit={limit:d}"
        return await self._transport.fetch_once(
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
    """The method, path and body that create an action: for sending, and for showing before."""
    return "POST", _actions(code, configuration), encode(draft.raw)


_APPLICATIONS = "/push/1/applications"


def _configurations(code: str) -> str:
    return f"{_APPLICATIONS}/{_named(code)}/configurations"


def _configuration(code: str, key: str) -> str:
    return f"{_configurations(code)}/{_named(key)}"


def _actions(code: str, configuration: str) -> str:
    return f"{_configuration(code, configuration)}/actions"


def _named(name: str) -> str:
    """A code or key as one segment of a path.

    An empty one or dots would make a DELETE mean the thing above it.
    """
    try:
        segment = quote(name, safe="")
    except UnicodeEncodeError:
        segment = ""
    if segment in {"", ".", ".."}:
        raise Unnamed(
            "What this is about has no usable code or key, nothing was requested."
            " Look at the list again and choose it there."
        )
    return segment


def _listed(answer: Answer, read: Callable[[object], list[T]]) -> list[T]:
    # 204: there is no content, which for a list means that it is empty.
    return [] if answer.status == 204 else _decoded(answer, read)


def _mentioned(answer: Answer, read: Callable[[object], list[T]]) -> list[T]:
    """What the answer to a POST tells of what was made: often nothing."""
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
    """An application in whatever it is wrapped, even one that does not tell its code."""
    if isinstance(answer, dict) and ("applicationId" in answer or "name" in answer):
        return [read_application(answer)]
    return read_applications(answer)


def _matches(action: Action, draft: ActionDraft) -> bool:
    return (action.type, action.forward_url, action.callback_data) == (
        draft.type,
        draft.forward_url,
        draft.callback_data,
    )
