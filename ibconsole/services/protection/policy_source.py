"""The place of the policy: a file, the Windows registry, or macOS preferences.

Nothing that a user can set leads elsewhere: no variable, no option, no file of the user's own.
The parts for Windows and macOS were never run.
"""

import os
import stat
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from ibconsole.api import NotPermitted
from ibconsole.files import read_up_to
from ibconsole.lazy import LazyModule
from ibconsole.services.protection.codes import ShownCodes
from ibconsole.services.protection.policy import (
    CLOSED,
    OPEN,
    BrokenPolicy,
    Policy,
    parse_policy,
    policy_of,
)

if TYPE_CHECKING:
    import plistlib
else:
    plistlib = LazyModule("plistlib")

POLICY_FILE = Path("/etc/ibconsole/policy.toml")
REGISTRY_KEY = r"Software\Policies\ibconsole"
# The name is the identifier of the program on macOS, as in its bundle.
PREFERENCES = Path("/Library/Managed Preferences/internal.ibconsole.ibconsole.plist")
_LARGEST = 1 << 20  # bytes


class PolicyInForce(msgspec.Struct, frozen=True):
    """The policy of this computer, its source, and why it could not be understood.

    `source` is empty without a policy. With a `problem` the policy is CLOSED.
    """

    policy: Policy = OPEN
    source: str = ""
    problem: str = ""

    def require(self, flag: str, act: str) -> None:
        """Raise NotPermitted if the policy sets this flag; `act` begins the sentence.

        A policy that could not be understood sets every flag.
        """
        if getattr(self.policy, flag):
            raise NotPermitted(f"{act} is not permitted on this computer. {self._why}")

    def team_objection(self, database: str) -> str:
        """Return why a database must not be used as a team's archive; empty if it may be."""
        if self.policy.permits_team(database):
            return ""
        pinned = ", ".join(self.policy.team_database or ()) or "none"
        return self.complaint or (
            "This database may not be used as a team's archive on this computer, so nothing is"
            f" shared there. Your administrator permits: {pinned}."
        )

    @property
    def codes(self) -> ShownCodes:
        """Application codes as the policy permits to show them."""
        return ShownCodes(self._why if self.policy.forbid_revealed_codes else "")

    @property
    def complaint(self) -> str:
        """A sentence on a policy that could not be understood; empty if there is no problem."""
        if not self.problem:
            return ""
        return (
            f"The policy of your administrator in {self.source} cannot be used ({self.problem}),"
            " so everything that a policy can forbid is forbidden. Ask your administrator to"
            " correct it."
        )

    @property
    def _why(self) -> str:
        return self.complaint or "This is set by your administrator."


def find_policy() -> PolicyInForce:
    """Read the policy of this computer. Blocks on the disk; raises nothing."""
    if sys.platform == "win32":  # pragma: no cover - never run here
        return _read(f"HKLM\\{REGISTRY_KEY}", lambda: policy_of(_registry_values()))
    if sys.platform == "darwin":  # pragma: no cover - never run here
        return _read(str(PREFERENCES), lambda: _preferences(PREFERENCES))
    return read_policy_file(POLICY_FILE)


def read_policy_file(path: Path, owner: int = 0) -> PolicyInForce:
    """Read a policy file; a missing one means no policy. Blocks on the disk; raises nothing.

    A file that others than `owner`, a user ID, can change or replace is not taken as a policy.
    """
    return _read(str(path), lambda: _parse_file(path, owner))


def _read(source: str, read: Callable[[], Policy | None]) -> PolicyInForce:
    try:
        policy = read()
    except BrokenPolicy as error:
        return PolicyInForce(CLOSED, source, str(error))
    except OSError as error:
        return PolicyInForce(CLOSED, source, f"it cannot be read: {error.strerror}")
    return PolicyInForce(policy, source) if policy else PolicyInForce()


def _parse_file(path: Path, owner: int) -> Policy | None:
    data = _read_trusted(path, owner)
    return None if data is None else parse_policy(data)


def _read_trusted(path: Path, owner: int = 0) -> bytes | None:
    """Read a file that only its owner can change. Raises BrokenPolicy or OSError."""
    try:
        found = path.stat()
    except FileNotFoundError:
        if path.is_symlink():
            raise BrokenPolicy("it is a link to nothing") from None
        return None
    if not stat.S_ISREG(found.st_mode):
        raise BrokenPolicy("it is not a regular file")
    if any(_is_open(one, owner) for one in (found, path.resolve().parent.stat())):
        raise BrokenPolicy("others than the administrator can change or replace it")
    data = read_up_to(path, _LARGEST + 1)
    if data is not None and len(data) > _LARGEST:
        raise BrokenPolicy("it is larger than 1 MB")
    return data


def _is_open(found: os.stat_result, owner: int) -> bool:
    return found.st_uid != owner or bool(found.st_mode & (stat.S_IWGRP | stat.S_IWOTH))


def _registry_values() -> Mapping[str, Any]:  # pragma: no cover - Windows
    """Return the values of the policy's key; none if there is no such key."""
    import winreg  # noqa: PLC0415

    values: dict[str, Any] = {}
    try:
        key = winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, REGISTRY_KEY)  # type: ignore[attr-defined]
    except FileNotFoundError:
        return values
    with key:
        for index in range(winreg.QueryInfoKey(key)[1]):  # type: ignore[attr-defined]
            name, value, _ = winreg.EnumValue(key, index)  # type: ignore[attr-defined]
            values[name] = bool(value) if _is_flag(name) else value
    return values


def _preferences(path: Path) -> Policy | None:  # pragma: no cover - macOS
    data = _read_trusted(path)
    if data is None:
        return None
    try:
        values = plistlib.loads(data)
    except (plistlib.InvalidFileException, ValueError) as error:
        raise BrokenPolicy(f"it is not a property list: {error}") from None
    # macOS adds keys of the profile that the preferences come from.
    own = {name: value for name, value in values.items() if not name.startswith("Payload")}
    return policy_of(own)


def _is_flag(name: str) -> bool:
    return isinstance(getattr(OPEN, name, None), bool)
