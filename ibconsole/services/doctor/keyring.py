"""Examines the system's keyring: whether it keeps what it is given, and what to do if not."""

import secrets
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ibconsole.secret import Secret
from ibconsole.services.connections import (
    Keeper,
    KeyringLocked,
    KeyringSilent,
    NoKeyring,
    NotKept,
    Vault,
    VaultError,
    new_id,
    trusted_names,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was tried: whether it went well, what there is to say, how many seconds."""

    name: str
    good: bool
    sentence: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found. `keeper` is None where there is none; `advice` is empty if all is well."""

    system: str
    keeper: Keeper | None
    steps: Sequence[Step]
    advice: Sequence[str]

    @property
    def healthy(self) -> bool:
        """Whether secrets can be kept."""
        return all(step.good for step in self.steps)

    @property
    def sentence(self) -> str:
        """The finding in a sentence."""
        if self.healthy and self.keeper:
            return f"{self.keeper.name} keeps secrets as it should."
        failed = next(step for step in self.steps if not step.good)
        return failed.sentence

    @property
    def report(self) -> str:
        """All of it as lines of text, without any secret."""
        kept_by = f"{self.keeper.name} ({self.keeper.library})" if self.keeper else "none"
        lines = [f"System: {self.system}", f"Keyring: {kept_by}"]
        lines += [
            f"{'ok' if step.good else 'FAILED':6}  {step.name} ({step.seconds * 1000:.0f} ms)"
            + ("" if step.good else f": {step.sentence}")
            for step in self.steps
        ]
        return "\n".join([*lines, *(f"- {one}" for one in self.advice)])


async def examine(vault: Vault) -> Diagnosis:
    """Write, read and delete a probe, which is no secret of anybody's. Never raises VaultError."""
    probe, name = Secret(secrets.token_urlsafe(24)), f"doctor-{new_id()}"
    found = _Examination()
    keeper = await found.take("Find a keyring", vault.keeper)
    # A write that fails takes back what it did.
    if keeper and await found.done("Write a probe", lambda: vault.write(name, probe)):
        await found.done("Read it back", lambda: _read(vault, name, probe))
        if await found.done("Delete it", lambda: vault.delete(name)):
            await found.done("See that it is gone", lambda: _see_gone(vault, name))
    return Diagnosis(sys.platform, keeper, found.steps, _advice(found.failure, sys.platform))


class _Examination:
    """The steps so far, and the first thing that went wrong."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.failure: VaultError | None = None

    async def take(self, name: str, work: Callable[[], Awaitable[T]]) -> T | None:
        """Take a step; None if it fails."""
        began = time.monotonic()
        try:
            result = await work()
        except VaultError as error:
            self.failure = self.failure or error
            self._note(name, str(error), began)
            return None
        self._note(name, "", began)
        return result

    async def done(self, name: str, work: Callable[[], Awaitable[None]]) -> bool:
        """Take a step that has no result; whether it went well."""
        before = self.failure
        await self.take(name, work)
        return self.failure is before

    def _note(self, name: str, complaint: str, began: float) -> None:
        self.steps.append(Step(name, not complaint, complaint, time.monotonic() - began))


async def _read(vault: Vault, name: str, probe: Secret) -> None:
    if await vault.read(name) != probe:
        raise NotKept("The keyring gives back something else than it was given.")


async def _see_gone(vault: Vault, name: str) -> None:
    if await vault.read(name) is not None:
        raise NotKept("The keyring still has what it was told to delete.")


def _advice(failure: VaultError | None, system: str) -> Sequence[str]:
    """What its user can do about a failure, for a `sys.platform`."""
    if failure is None:
        return ()
    waits = isinstance(failure, KeyringSilent | KeyringLocked)
    if system == "win32":
        return _WINDOWS
    if system == "darwin":
        return _MACOS_LOCKED if waits else _MACOS
    if isinstance(failure, NoKeyring):
        return (*_LINUX_NONE, _SESSION)
    return (*(_LINUX_LOCKED if waits else _LINUX_OTHER), _SESSION)


_SESSION = "Until then a secret can be used for one session: it stays in memory, in no file."
_LINUX_NONE = (
    f"One of these has to run in your desktop session: {', '.join(trusted_names('linux'))}.",
    "On GNOME, Xfce and others, install the package gnome-keyring, then log out and in again.",
    "On KDE, install KWallet and switch on its Secret Service in the system settings.",
    "Over ssh or in a container there is no desktop session: run the command inside"
    " dbus-run-session, with a keyring daemon that you have unlocked there.",
)
_LINUX_LOCKED = (
    "Look for a window that asks for your keyring's password; it may be behind others.",
    "If none appears, open Passwords and Keys (seahorse) or KWallet Manager and unlock the"
    " default keyring there.",
    "Where you log in without a password the keyring stays locked: unlock it once in each"
    " session, or give it an empty password if your disk is encrypted.",
)
_LINUX_OTHER = (
    "Open Passwords and Keys (seahorse) or KWallet Manager: there has to be a default keyring"
    " that can be unlocked.",
    "If it was set up on another desktop, log out and in again, so that its daemon starts anew.",
)
_WINDOWS = (
    "Open Credential Manager and see whether it lets you add a generic credential.",
    "A policy may forbid storing credentials (Network access: Do not allow storage of passwords"
    " and credentials): ask whoever administers this computer.",
    _SESSION,
)
_MACOS_LOCKED = (
    "Look for a window that asks for the login keychain's password, and choose Always Allow.",
    "If none appears, unlock the login keychain in Keychain Access.",
    _SESSION,
)
_MACOS = (
    "Open Keychain Access and see whether the login keychain is there and is the default one.",
    "If ibconsole was denied access before, remove its entries there and try again.",
    _SESSION,
)
