"""What a simulated platform is like, and the switches for what nobody knows about the real one."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, get_args, get_origin

WITHOUT_ACTION = ("pull", "drop")
CONFLICT_BODIES = ("envelope", "empty", "new_envelope")

# The account itself cannot be exchanged under its users, and whoever reaches the control
# endpoint cannot make the sandbox dangerous.
_CREDENTIALS = ("api_key", "user", "password", "session_token", "client_id", "client_secret")
_FIXED = ("seed", "applications", "messages", "forward_anywhere", *_CREDENTIALS)


@dataclass(frozen=True, slots=True)
class SimulatorSettings:
    """How a simulated account looks and behaves. Raises ValueError for what makes no sense.

    `messages` wait for the pull at the start, `rate` arrive per second. Credentials that are
    empty are made from the seed; an access token lives `token_seconds`. `clock_speed`
    hastens the retries of forwards. `bare_lists` answers lists without their envelope, as
    the old platform does. The other fields from `both_actions` on are the open questions of
    platform.md §8: whether PULL and
    HTTP_FORWARD both get a message (otherwise the older action does), how many actions a
    configuration may have, whether they are deleted with it (otherwise the next
    configuration of the application has them), what becomes of messages without an
    action, and the body of a 409.
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
    both_actions: bool = True
    max_actions: int | None = None
    deleting_configuration_deletes_actions: bool = True
    without_action: str = "drop"
    conflict_body: str = "envelope"
    default_limit: int = 50
    max_limit: int = 1000
    bare_lists: bool = False

    def __post_init__(self) -> None:
        for field in fields(self):
            _check_type(field.name, getattr(self, field.name), field.type)
        for name in ("applications", "messages", "rate"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must not be negative.")
        for name in ("clock_speed", "default_limit", "max_limit", "token_seconds"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be greater than 0.")
        _check_choice("without_action", self.without_action, WITHOUT_ACTION)
        _check_choice("conflict_body", self.conflict_body, CONFLICT_BODIES)


def changed(settings: SimulatorSettings, switches: Mapping[str, Any]) -> SimulatorSettings:
    """The settings with some switched.

    Raises ValueError for an unknown switch, a wrong value, and for what is fixed once an
    account exists (seed, applications, messages, forward_anywhere, the credentials).
    """
    known = {field.name for field in fields(SimulatorSettings)}.difference(_FIXED)
    for name in switches:
        if name not in known:
            raise ValueError(f"There is no switch named {name}.")
    return replace(settings, **switches)


def shown(settings: SimulatorSettings) -> dict[str, Any]:
    """Every setting by its name, but for the credentials."""
    return {name: value for name, value in asdict(settings).items() if name not in _CREDENTIALS}


def _check_type(name: str, value: object, kind: Any) -> None:
    """A bool is no number here, and a whole number is a float."""
    accepted = get_args(kind) if get_origin(kind) else (kind,)
    if float in accepted:
        accepted = (*accepted, int)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{name} must be finite.")
    if (isinstance(value, bool) and bool not in accepted) or not isinstance(value, accepted):
        raise ValueError(f"{name} cannot be {value!r}.")


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}.")


DEFAULTS = SimulatorSettings()
