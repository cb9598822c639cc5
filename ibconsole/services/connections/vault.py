"""Keeps secrets in the system's keyring. The only module that knows keyring.

A keyring answers when it likes: it may wait for its user to unlock it, and some libraries
wait for ever. So it is asked on a thread of its own, one question after another, by whoever
is ready to wait only so long; a daemon thread, which holds up nobody's exit.

Only backends that are known to be safe are used, and they are called directly: what keyring
would choose by itself may be a plain file, or one that keeps nothing and says it did.
"""

import asyncio
import contextlib
import importlib
import queue
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from ibconsole.errors import UserError
from ibconsole.lazy import LazyModule
from ibconsole.secret import Secret

if TYPE_CHECKING:
    from importlib import metadata

    import keyring.errors as keyring_errors
else:
    metadata = LazyModule("importlib.metadata")
    keyring_errors = LazyModule("keyring.errors")

T = TypeVar("T")

SERVICE = "ibconsole"

# Module and class of each backend that may be trusted, the best one of a system first.
_LINUX = (
    ("keyring.backends.SecretService", "Keyring", "Secret Service"),
    ("keyring.backends.libsecret", "Keyring", "libsecret"),
    ("keyring.backends.kwallet", "DBusKeyring", "KWallet"),
)
TRUSTED = {
    "win32": (("keyring.backends.Windows", "WinVaultKeyring", "Credential Locker"),),
    "darwin": (("keyring.backends.macOS", "Keyring", "Keychain"),),
}

# UTF-16 units: more than that Windows refuses, with a number for a message.
LONGEST_ON_WINDOWS = 1_280
_LONGEST_COMPLAINT = 200


class VaultError(UserError):
    """The keyring did not do what it was asked. Nothing that it kept before has changed."""


class NoKeyring(VaultError):
    """The system has no keyring that could be trusted with a secret."""


class KeyringLocked(VaultError):
    """The keyring is locked, and its user did not unlock it."""


class KeyringSilent(VaultError):
    """The keyring does not answer: most likely it waits for its user."""


class KeyringRefused(VaultError):
    """The keyring answered, and would not."""


class NotKept(VaultError):
    """The keyring said that it kept a secret, and did not; or it could not keep this one."""


@dataclass(frozen=True, slots=True)
class Keeper:
    """What keeps the secrets: the vendor's name of it, and whose version of what."""

    name: str
    library: str


class Vault:
    """The secrets of saved connections, each under its connection's UUID.

    `patience` is how many seconds a keyring may take, its user's included. Every method may
    raise VaultError, and may be cancelled: what a keyring was told to keep by then it is
    told to forget again.
    """

    def __init__(self, *, patience: float = 60.0) -> None:
        self._patience = patience
        self._session: dict[str, Secret] = {}
        self._desk = _Desk()

    async def read(self, connection: str) -> Secret | None:
        """The secret of a connection; None if none is kept."""
        if kept := self._session.get(connection):
            return kept
        value = await self._ask(lambda keyring, _: keyring.get(connection))
        return None if value is None else Secret(value)

    async def write(self, connection: str, secret: Secret) -> None:
        """Keep a secret, instead of the former one; it is there once this returns."""
        if sys.platform == "win32":
            _require_short(secret, LONGEST_ON_WINDOWS)
        await self._ask(lambda keyring, given_up: _keep(keyring, connection, secret, given_up))
        self._session.pop(connection, None)

    async def delete(self, connection: str) -> None:
        """Forget a secret, if there is one."""
        held = self._session.pop(connection, None)
        try:
            await self._ask(lambda keyring, _: keyring.delete(connection))
        except NoKeyring:
            if not held:
                raise

    def keep_for_session(self, connection: str, secret: Secret) -> None:
        """Keep a secret in memory alone, until the program ends."""
        self._session[connection] = secret

    async def keeper(self) -> Keeper:
        """Who keeps the secrets on this system. Raises NoKeyring."""
        return await self._ask(lambda keyring, _: keyring.keeper)

    async def _ask(self, question: "Callable[[_Keyring, _GivenUp], T]") -> T:
        try:
            async with asyncio.timeout(self._patience):
                return await self._desk.ask(question)
        except TimeoutError:
            raise KeyringSilent(
                f"The keyring has not answered for {self._patience:.0f} s. Most likely it waits to"
                " be unlocked: look for its window, unlock it, and try again. What it kept before"
                " is unchanged."
            ) from None


# Whether whoever asked has stopped waiting.
_GivenUp = Callable[[], bool]


class _Keyring:
    """A backend, its failures put into words. For the desk's thread alone."""

    def __init__(self, backend: Any, name: str) -> None:
        self._backend = backend
        self.keeper = Keeper(name, f"keyring {metadata.version('keyring')}")

    def get(self, connection: str) -> str | None:
        with _in_words():
            value: str | None = self._backend.get_password(SERVICE, connection)
            return value

    def set(self, connection: str, value: str) -> None:
        with _in_words(value):
            self._backend.set_password(SERVICE, connection, value)

    def delete(self, connection: str) -> None:
        try:
            with _in_words():
                self._backend.delete_password(SERVICE, connection)
        except VaultError:
            # Backends do not agree on what they say where there is nothing to delete.
            if self.get(connection) is not None:
                raise


class _Desk:
    """One thread that asks the keyring, one question at a time.

    While the keyring waits for its user everybody else waits in line: a second question
    would open a second window. Whoever has given up by then is not asked for.
    """

    def __init__(self) -> None:
        self._line: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._keyring: _Keyring | None = None
        self._thread: threading.Thread | None = None

    async def ask(self, question: Callable[[_Keyring, _GivenUp], T]) -> T:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()

        def work() -> None:
            if answer.cancelled():
                return
            try:
                result = question(self._open(), answer.cancelled)
            except Exception as error:  # noqa: BLE001 it is raised where it was asked
                _tell(loop, answer, partial(answer.set_exception, error))
            else:
                _tell(loop, answer, partial(answer.set_result, result))

        self._line.put(work)
        self._begin()
        return await answer

    def _begin(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="keyring", daemon=True)
            self._thread.start()

    def _serve(self) -> None:
        while True:
            self._line.get()()

    def _open(self) -> _Keyring:
        # Anew until there is one: a keyring may come up after us.
        self._keyring = self._keyring or _find()
        return self._keyring


def _tell(
    loop: asyncio.AbstractEventLoop, answer: "asyncio.Future[Any]", say: Callable[[], None]
) -> None:
    def unless_given_up() -> None:
        if not answer.done():
            say()

    with contextlib.suppress(RuntimeError):  # the loop has ended, and nobody waits
        loop.call_soon_threadsafe(unless_given_up)


def _find() -> _Keyring:
    """The first trusted backend of this system that works."""
    reasons = []
    for module, name, words in TRUSTED.get(sys.platform, _LINUX):
        try:
            backend = getattr(importlib.import_module(module), name)
            # Asked for its priority a backend says why it cannot work.
            _ = backend.priority
            return _Keyring(backend(), words)
        except Exception as error:  # noqa: BLE001 what they raise here is their own affair
            reasons.append(f"{words}: {_complaint(error)}")
    raise NoKeyring(
        "There is no keyring that could be trusted with a secret; nothing was kept. "
        + " ".join(reasons)
    )


def _keep(keyring: _Keyring, connection: str, secret: Secret, given_up: _GivenUp) -> None:
    value = secret.reveal()
    before = keyring.get(connection)
    keyring.set(connection, value)
    kept = keyring.get(connection) == value
    if kept and not given_up():
        return
    if before is None:
        keyring.delete(connection)
    else:
        keyring.set(connection, before)
    raise NotKept(
        "The keyring said that it kept the secret, but gives back something else. What it kept"
        " before has been put back; ibconsole doctor looks closer."
    )


@contextlib.contextmanager
def _in_words(value: str = "") -> Iterator[None]:
    """Say in a sentence what a backend raises; its cause is left out, for it may hold a secret."""
    try:
        yield
    except keyring_errors.KeyringLocked:
        raise KeyringLocked(
            "The keyring is locked and was not unlocked; nothing was changed. Unlock it and try"
            " again."
        ) from None
    except Exception as error:  # noqa: BLE001 as many kinds as there are systems
        said = Secret(value).mask(_complaint(error))
        raise KeyringRefused(
            f"The keyring refused: {said} What it kept before is unchanged; ibconsole doctor looks"
            " closer."
        ) from None


def _complaint(error: Exception) -> str:
    """What an error of somebody else's says, as a sentence."""
    said = " ".join(str(error).split()).rstrip(".") or type(error).__name__
    return f"{said}." if len(said) <= _LONGEST_COMPLAINT else f"{said[:_LONGEST_COMPLAINT]}…"


def _require_short(secret: Secret, longest: int) -> None:
    length = len(secret.reveal().encode("utf-16-le", "surrogatepass")) // 2
    if length > longest:
        raise NotKept(
            f"The secret is too long for this system's keyring: {length:,} characters, of which"
            f" it keeps {longest:,}. Nothing was kept; it can be used for this session only."
        )


def trusted_names(system: str) -> Sequence[str]:
    """What the trusted keyrings of a `sys.platform` are called, the best first."""
    return [words for _, _, words in TRUSTED.get(system, _LINUX)]
