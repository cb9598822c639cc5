"""The settings of a simulated platform, including the behaviour that is not documented."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Any, get_args, get_origin


class WithoutAction(StrEnum):
    """The fate of a message whose application has no action."""

    PULL = "pull"
    DROP = "drop"


class ConflictBody(StrEnum):
    """The body of a 409."""

    ENVELOPE = "envelope"
    EMPTY = "empty"
    NEW_ENVELOPE = "new_envelope"


# Clients rely on the account for as long as the simulator runs, and a request to the control
# endpoint must not be able to make the sandbox dangerous.
_CREDENTIALS = ("api_key", "user", "password", "session_token", "client_id", "client_secret")
# 1 min + n² min before retry 0, 1, 2 …, as for delivery reports (platform.md §5).
PUBLISHED_DELAYS = tuple(60.0 + 60.0 * number**2 for number in range(20))
_MOST_DELAYS = 1_000
_FIXED = (
    "seed",
    "applications",
    "messages",
    "forward_anywhere",
    "forward_connections",
    *_CREDENTIALS,
)


@dataclass(frozen=True, slots=True)
class SimulatorSettings:
    """The content and behaviour of a simulated account. Raises ValueError for invalid values.

    `messages` wait for a pull at the start; `rate` arrive per second. Empty credentials are
    generated from the seed; an access token is valid for `token_seconds`. `clock_speed`
    accelerates the retries of forwards, before which `retry_delays` pass, in simulated seconds;
    after the last one a message is lost. `forward_timeout` is in real seconds, and at most
    `forward_connections` are used at once. `bare_lists` returns lists without their envelope,
    as the old platform does.

    The other fields from `both_actions` on are the open questions of platform.md §8: whether
    PULL and HTTP_FORWARD both get a message (otherwise the older action gets it), how many
    actions a configuration may have, whether they are deleted with it (otherwise the next
    configuration of the application inherits them), the fate of messages without an action,
    the body of a 409, how many messages a pull returns without a limit and at most, and whether
    a larger limit is refused (otherwise it is reduced).
    """

    seed: int = 1
    applications: int = 6
    messages: int = 0
    rate: float = 0.0
    rate_limited: bool = True
    forward_anywhere: bool = False
    api_key: str = ""
    user: str = ""
    password: str = ""
    session_token: str = ""
    client_id: str = ""
    client_secret: str = ""
    token_seconds: float = 3600.0
    clock_speed: float = 1.0
    retry_delays: tuple[float, ...] = PUBLISHED_DELAYS
    forward_timeout: float = 10.0
    forward_connections: int = 20
    both_actions: bool = True
    max_actions: int | None = None
    deleting_configuration_deletes_actions: bool = True
    without_action: WithoutAction = WithoutAction.DROP
    conflict_body: ConflictBody = ConflictBody.ENVELOPE
    default_limit: int = 50
    max_limit: int = 1000
    refuse_larger_limits: bool = False
    bare_lists: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "retry_delays", _delays(self.retry_delays))
        for field in fields(self):
            if field.name == "retry_delays":
                continue
            _check_type(field.name, getattr(self, field.name), field.type)
        for name in ("applications", "messages", "rate"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must not be negative.")
        for name in (
            "clock_speed",
            "default_limit",
            "max_limit",
            "token_seconds",
            "forward_timeout",
            "forward_connections",
        ):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be greater than 0.")


def with_changes(settings: SimulatorSettings, changes: Mapping[str, Any]) -> SimulatorSettings:
    """Return the settings with some of them changed, given by name as JSON values.

    Raises ValueError for an unknown name, for an invalid value, and for what cannot change
    while an account exists (seed, applications, messages, forward_anywhere, forward_connections,
    credentials).
    """
    changeable = {field.name for field in fields(SimulatorSettings)}.difference(_FIXED)
    for name in changes:
        if name not in changeable:
            raise ValueError(f"There is no switch named {name}.")
    return replace(settings, **changes)


def without_credentials(settings: SimulatorSettings) -> dict[str, Any]:
    """Return every setting by name, except the credentials."""
    return {name: value for name, value in asdict(settings).items() if name not in _CREDENTIALS}


def _delays(value: object) -> tuple[float, ...]:
    """Return delays in seconds, which may be a list of JSON."""
    if not isinstance(value, tuple | list) or len(value) > _MOST_DELAYS:
        raise ValueError(f"retry_delays must be a list of at most {_MOST_DELAYS} numbers.")
    for one in value:
        _check_type("retry_delays", one, float)
        if one < 0:
            raise ValueError("retry_delays must not be negative.")
    return tuple(float(one) for one in value)


def _check_type(name: str, value: object, kind: Any) -> None:
    """Accept an int as a float, a valid string as a StrEnum, and no bool as a number."""
    accepted = get_args(kind) if get_origin(kind) else (kind,)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        _check_choice(name, value, tuple(kind))
        return
    if float in accepted:
        accepted = (*accepted, int)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{name} must be finite.")
    if (isinstance(value, bool) and bool not in accepted) or not isinstance(value, accepted):
        raise ValueError(f"{name} cannot be {value!r}.")


def _check_choice(name: str, value: object, choices: tuple[StrEnum, ...]) -> None:
    if value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}.")


DEFAULTS = SimulatorSettings()
