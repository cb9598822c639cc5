"""A probe of the system's keyring: write, read and delete an entry; advice where that fails."""

import asyncio
import secrets
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import msgspec

from ibconsole.secret import Secret
from ibconsole.services.connections import (
    KeyringBackend,
    KeyringLocked,
    KeyringTimeout,
    NoKeyring,
    SecretNotStored,
    Vault,
    VaultError,
    new_id,
    trusted_names,
)

T = TypeVar("T")

PROBE_TIMEOUT = 60.0  # seconds for all steps, in which the keyring's user may unlock it


class ProbeStep(msgspec.Struct, frozen=True):
    """One step of the probe; `sentence` is the error, empty if the step succeeded."""

    name: str
    good: bool
    sentence: str
    seconds: float


class KeyringDiagnosis(msgspec.Struct, frozen=True):
    """The result of a probe.

    `system` is a `sys.platform`; `backend` is None if no keyring was found; `advice` is empty if
    every step succeeded.
    """

    system: str
    backend: KeyringBackend | None
    steps: Sequence[ProbeStep]
    advice: Sequence[str]

    @property
    def healthy(self) -> bool:
        """True if every step succeeded."""
        return all(step.good for step in self.steps)

    @property
    def sentence(self) -> str:
        """The result in one sentence: that all is well, or the first error."""
        if self.healthy and self.backend:
            return f"{self.backend.name} keeps secrets as it should."
        failed = next(step for step in self.steps if not step.good)
        return failed.sentence

    @property
    def report(self) -> str:
        """The steps with their times, and the advice, as lines of text without any secret."""
        kept_by = f"{self.backend.name} ({self.backend.library})" if self.backend else "none"
        lines = [f"System: {self.system}", f"Keyring: {kept_by}"]
        lines += [
            f"{'ok' if step.good else 'FAILED':6}  {step.name} ({step.seconds * 1000:.0f} ms)"
            + ("" if step.good else f": {step.sentence}")
            for step in self.steps
        ]
        return "\n".join([*lines, *(f"- {one}" for one in self.advice)])


async def probe_keyring(vault: Vault, timeout: float = PROBE_TIMEOUT) -> KeyringDiagnosis:  # noqa: ASYNC109 a time-out is a result
    """Write, read and delete a random entry, within that many seconds. Never raises VaultError."""
    value, name = Secret(secrets.token_urlsafe(24)), f"doctor-{new_id()}"
    probe = _Probe(timeout)
    backend = await probe.run("Find a keyring", vault.backend)
    # A write that fails removes its own entry.
    if backend and await probe.succeeds("Write a probe", lambda: vault.write(name, value)):
        await probe.succeeds("Read it back", lambda: _require_equal(vault, name, value))
        if await probe.succeeds("Delete it", lambda: vault.delete(name)):
            await probe.succeeds("See that it is gone", lambda: _require_absent(vault, name))
    return KeyringDiagnosis(
        sys.platform, backend, probe.steps, advice_for(probe.failure, sys.platform)
    )


class _Probe:
    """The steps of one probe, with the first failure among them."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._deadline = asyncio.get_running_loop().time() + timeout
        self.steps: list[ProbeStep] = []
        self.failure: VaultError | None = None

    async def run(self, name: str, work: Callable[[], Awaitable[T]]) -> T | None:
        """Run and record a step; return its result, None if it fails."""
        began = time.monotonic()
        try:
            async with asyncio.timeout_at(self._deadline):
                result = await work()
        except TimeoutError:
            error: VaultError = KeyringTimeout(
                f"The keyring has not done this within {self._timeout:g} s. Most likely it waits"
                " to be unlocked: look for its window, unlock it, and try again."
            )
        except VaultError as failure:
            error = failure
        else:
            self._record(name, "", began)
            return result
        self.failure = self.failure or error
        self._record(name, str(error), began)
        return None

    async def succeeds(self, name: str, work: Callable[[], Awaitable[None]]) -> bool:
        """Run and record a step that has no result; return False if it fails."""
        before = self.failure
        await self.run(name, work)
        return self.failure is before

    def _record(self, name: str, error: str, began: float) -> None:
        self.steps.append(ProbeStep(name, not error, error, time.monotonic() - began))


async def _require_equal(vault: Vault, name: str, value: Secret) -> None:
    if await vault.read(name) != value:
        raise SecretNotStored("The keyring returned a value other than the one that was stored.")


async def _require_absent(vault: Vault, name: str) -> None:
    if await vault.read(name) is not None:
        raise SecretNotStored("The keyring still contains an entry that was deleted.")


def advice_for(failure: VaultError | None, system: str) -> Sequence[str]:
    """Return sentences on what to do about a failure on a `sys.platform`; none without one."""
    if failure is None:
        return ()
    waits = isinstance(failure, KeyringTimeout | KeyringLocked)
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
    "If it was set up on another desktop, log out and in again, so that its daemon starts again.",
)
_WINDOWS = (
    "Open Credential Manager and see whether it lets you add a generic credential.",
    "A policy may forbid storing credentials (Network access: Do not allow storage of passwords"
    " and credentials): ask the administrator of this computer.",
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
