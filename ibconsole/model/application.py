"""Applications, their configurations and actions, as the platform describes them."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

import msgspec

from ibconsole.model.reading import Fields, Undecodable

T = TypeVar("T")


class ActionType(StrEnum):
    """The types of action that are documented; the platform may have others."""

    HTTP_FORWARD = "HTTP_FORWARD"
    PULL = "PULL"


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """A mobile app that is registered for push on an account.

    `registrations`, `apns` and `gcm` are None if the platform did not give them. `raw` is
    the object as received, including unknown fields. `oddities` lists deviations from the
    documented format.
    """

    code: str
    id: str
    name: str
    description: str
    registrations: int | None
    apns: bool | None
    gcm: bool | None
    raw: Mapping[str, Any]
    oddities: tuple[str, ...] = ()


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """The container of an application's actions; `raw` is the object as received."""

    key: str
    raw: Mapping[str, Any]
    oddities: tuple[str, ...] = ()


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """The platform's handling of every inbound message of a configuration.

    `type` is one of ActionType or an undocumented value. `raw` is the object as received.
    """

    key: str
    type: str
    forward_url: str
    callback_data: str
    raw: Mapping[str, Any]
    oddities: tuple[str, ...] = ()


class ActionDraft(msgspec.Struct, frozen=True, kw_only=True):
    """An action that is not on the platform yet. An empty string means "not given"."""

    type: str
    forward_url: str = ""
    callback_data: str = ""

    @property
    def raw(self) -> dict[str, str]:
        """The object to send: the platform's field names, empty fields left out."""
        fields = {
            "type": self.type,
            "forwardUrl": self.forward_url,
            "callbackData": self.callback_data,
        }
        return {name: value for name, value in fields.items() if value}


def read_application(raw: Mapping[str, Any]) -> Application:
    """Read one application; deviations become `oddities`, never an error."""
    fields = Fields(raw)
    apns, gcm = fields.object("apns"), fields.object("gcm")
    return Application(
        code=fields.text("applicationCode"),
        id=fields.text("applicationId"),
        name=fields.text("name"),
        description=fields.text("description"),
        registrations=fields.integer("registrationsCount"),
        apns=apns.boolean("enabled"),
        gcm=gcm.boolean("enabled"),
        raw=raw,
        oddities=fields.oddities
        + tuple(f"apns.{note}" for note in apns.oddities)
        + tuple(f"gcm.{note}" for note in gcm.oddities),
    )


def read_configuration(raw: Mapping[str, Any]) -> Configuration:
    """Read one configuration; deviations become `oddities`, never an error."""
    fields = Fields(raw)
    return Configuration(key=fields.text("key"), raw=raw, oddities=fields.oddities)


def read_action(raw: Mapping[str, Any]) -> Action:
    """Read one action; deviations become `oddities`, never an error."""
    fields = Fields(raw)
    return Action(
        key=fields.text("key"),
        type=fields.text("type"),
        forward_url=fields.text("forwardUrl"),
        callback_data=fields.text("callbackData"),
        raw=raw,
        oddities=fields.oddities,
    )


def read_applications(answer: object) -> list[Application]:
    """Read a list of applications, in the platform's order.

    Accepts an envelope, a bare array, and a single object (platform.md §2). Elements that are
    not objects are skipped. Raises Undecodable if there is no list.
    """
    return _read_list(answer, "applications", "applicationCode", read_application)


def read_configurations(answer: object) -> list[Configuration]:
    """Read a list of configurations, as read_applications does."""
    return _read_list(answer, "configurations", "key", read_configuration)


def read_actions(answer: object) -> list[Action]:
    """Read a list of actions, as read_applications does."""
    return _read_list(answer, "actions", "key", read_action)


def _read_list(
    answer: object, envelope: str, identity: str, read: Callable[[Mapping[str, Any]], T]
) -> list[T]:
    # Elements that are not objects are skipped: they have no key that a request could name.
    items = answer
    if isinstance(answer, dict):
        items = [answer] if identity in answer else answer.get(envelope, [])
    if items is None:
        return []
    if not isinstance(items, list):
        raise Undecodable(f"The platform's answer contains no list of {envelope}.")
    return [read(item) for item in items if isinstance(item, dict)]
