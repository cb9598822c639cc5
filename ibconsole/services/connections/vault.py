"""Secrets in the system's keyring. The only module that knows the keyring library.

A keyring may answer late or never: it may wait for its user to unlock it, and some libraries
wait forever. All calls therefore run on one daemon thread, one after another, and the caller
waits with a time-out; the thread never delays the end of the program.

Only backends that are known to be safe are used, and they are called directly: the backend that
keyring would choose may be a plain file, or one that stores nothing and reports success.
"""

import asyncio
import contextlib
import importlib
import queue
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

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

# Module, class and vendor's name of a backend of the keyring library.
BackendName = tuple[str, str, str]

# The trusted backends of each `sys.platform`, the best one first.
_LINUX = (
    ("keyring.backends.SecretService", "Keyring", "Secret Service"),
    ("keyring.backends.libsecret", "Keyring", "libsecret"),
    ("keyring.backends.kwallet", "DBusKeyring", "KWallet"),
)
TRUSTED: Mapping[str, Sequence[BackendName]] = {
    "win32": (("keyring.backends.Windows", "WinVaultKeyring", "Credential Locker"),),
    "darwin": (("keyring.backends.macOS", "Keyring", "Keychain"),),
}

# In UTF-16 code units; Windows refuses more with an error number and no text.
LONGEST_ON_WINDOWS = 1_280
_LONGEST_ERROR = 200
_NO_KEYRING = "No secure keyring is available"


class VaultError(UserError):
    """The keyring did not carry out a request. Its former contents are unchanged."""


class NoKeyring(VaultError):
    """The system has no trusted keyring."""

    def when_saving(self) -> "NoKeyring":
        """Return the error of a key that was to be saved."""
        reasons = str(self).removeprefix(f"{_NO_KEYRING}.")
        return NoKeyring(f"{_NO_KEYRING}, so the key was not saved.{reasons}")


class KeyringLocked(VaultError):
    """The keyring is locked, and its user did not unlock it."""


class KeyringTimeout(VaultError):
    """The keyring did not answer in time; most likely it waits for its user."""


class KeyringRefused(VaultError):
    """The keyring answered with an error."""


class SecretNotStored(VaultError):
    """The keyring reported success without storing the secret, or cannot hold this one."""


class SecretPlace(StrEnum):
    """The place of the secret of a connection."""

    KEYRING = "keyring"
    SESSION = "session"  # in the memory of this process only
    NOWHERE = "nowhere"
    UNKNOWN = "unknown"  # the keyring was not asked yet, or did not answer


class KeyringBackend(msgspec.Struct, frozen=True):
    """The keyring in use: the vendor's name for it, and the library with its version."""

    name: str
    library: str


class Vault:
    """The secrets of saved connections, each under the UUID of its connection.

    `timeout` is the number of seconds that a keyring may take, including the time its user
    needs. `backends` are tried in their order, by default the trusted ones of this system. Every
    method may raise VaultError. A cancelled or timed-out write is undone.
    """

    def __init__(
        self, *, timeout: float = 60.0, backends: Sequence[BackendName] | None = None
    ) -> None:
        self._timeout = timeout
        self._session: dict[str, Secret] = {}
        # What the keyring answered last; asking it again could open its window.
        self._kept: dict[str, bool] = {}
        self._thread = _KeyringThread(backends or trusted_backends(sys.platform))

    async def read(self, connection: str) -> Secret | None:
        """Return the secret of a connection, None if there is none."""
        if secret := self.session_secret(connection):
            return secret
        value = await self._call(lambda keyring, _: keyring.get(connection))
        self._kept[connection] = value is not None
        return None if value is None else Secret(value)

    def session_secret(self, connection: str) -> Secret | None:
        """Return the secret that is held for this session; does not ask the keyring."""
        return self._session.get(connection)

    async def place(self, connection: str) -> SecretPlace:
        """Return where the secret is, without making the keyring ask for its password."""
        if connection in self._session:
            return SecretPlace.SESSION
        try:
            await self.backend()
        except NoKeyring:
            return SecretPlace.NOWHERE
        except VaultError:
            return SecretPlace.UNKNOWN
        kept = self._kept.get(connection)
        if kept is None:
            return SecretPlace.UNKNOWN
        return SecretPlace.KEYRING if kept else SecretPlace.NOWHERE

    async def write(self, connection: str, secret: Secret) -> None:
        """Store a secret in place of the former one, and verify that it was stored."""
        if sys.platform == "win32":
            _require_short(secret, LONGEST_ON_WINDOWS)
        await self._call(
            lambda keyring, cancelled: _store_verified(keyring, connection, secret, cancelled)
        )
        self._kept[connection] = True
        self.forget_session(connection)

    async def delete(self, connection: str) -> None:
        """Delete the secret of a connection, if there is one."""
        try:
            await self._call(lambda keyring, _: keyring.delete(connection))
        except NoKeyring:
            if connection not in self._session:
                raise
        self._kept[connection] = False
        self.forget_session(connection)

    def store_for_session(self, connection: str, secret: Secret) -> None:
        """Hold a secret in memory only, until the program ends."""
        self._session[connection] = secret

    def forget_session(self, connection: str) -> None:
        """Drop the secret that is held for this session, if there is one."""
        self._session.pop(connection, None)

    async def backend(self) -> KeyringBackend:
        """Return the keyring in use on this system. Raises NoKeyring."""
        return await self._call(lambda keyring, _: keyring.backend)

    async def _call(self, request: "Callable[[_Keyring, _IsCancelled], T]") -> T:
        try:
            async with asyncio.timeout(self._timeout):
                return await self._thread.call(request)
        except TimeoutError:
            raise KeyringTimeout(
                f"The keyring has not answered for {self._timeout:.0f} s. Most likely it waits to"
                " be unlocked: look for its window, unlock it, and try again. What it kept before"
                " is unchanged."
            ) from None


# Returns true once the caller no longer waits.
_IsCancelled = Callable[[], bool]


class _Keyring:
    """A backend whose errors are translated into VaultError. Used by the keyring thread only."""

    def __init__(self, backend: Any, name: str) -> None:
        self._backend = backend
        self.backend = KeyringBackend(name, f"keyring {metadata.version('keyring')}")

    def get(self, connection: str) -> str | None:
        with _translated_errors():
            value: str | None = self._backend.get_password(SERVICE, connection)
            return value

    def set(self, connection: str, value: str) -> None:
        with _translated_errors(value):
            self._backend.set_password(SERVICE, connection, value)

    def delete(self, connection: str) -> None:
        try:
            with _translated_errors():
                self._backend.delete_password(SERVICE, connection)
        except VaultError:
            # Backends raise different errors when there is nothing to delete.
            if self.get(connection) is not None:
                raise


class _KeyringThread:
    """One thread that calls the keyring, one request at a time.

    While the keyring waits for its user, further requests wait in a queue: a second call would
    open a second window. A request that was cancelled in the queue is dropped.
    """

    def __init__(self, backends: Sequence[BackendName]) -> None:
        self._backends = backends
        self._requests: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._keyring: _Keyring | None = None
        self._thread: threading.Thread | None = None

    async def call(self, request: Callable[[_Keyring, _IsCancelled], T]) -> T:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()

        def run() -> None:
            if answer.cancelled():
                return
            try:
                result = request(self._open(), answer.cancelled)
            except Exception as error:  # noqa: BLE001 it is raised again where the call is awaited
                _resolve(loop, answer, partial(answer.set_exception, error))
            else:
                _resolve(loop, answer, partial(answer.set_result, result))

        self._requests.put(run)
        self._start()
        return await answer

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="keyring", daemon=True)
            self._thread.start()

    def _serve(self) -> None:
        while True:
            self._requests.get()()

    def _open(self) -> _Keyring:
        # Searched again until one is found: a keyring may start after this program.
        self._keyring = self._keyring or _find(self._backends)
        return self._keyring


def _resolve(
    loop: asyncio.AbstractEventLoop, answer: "asyncio.Future[Any]", resolve: Callable[[], None]
) -> None:
    def unless_done() -> None:
        if not answer.done():
            resolve()

    with contextlib.suppress(RuntimeError):  # the loop is closed, so the call is not awaited
        loop.call_soon_threadsafe(unless_done)


def _find(backends: Sequence[BackendName]) -> _Keyring:
    """Return the first backend that works. Raises NoKeyring with the reason of each."""
    reasons = []
    for module, name, vendor in backends:
        try:
            backend = getattr(importlib.import_module(module), name)
            # A backend that cannot work raises its reason here.
            _ = backend.priority
            return _Keyring(backend(), vendor)
        except Exception as error:  # noqa: BLE001 each backend raises errors of its own library
            reasons.append(f"{vendor}: {_error_sentence(error)}")
    raise NoKeyring(f"{_NO_KEYRING}. {' '.join(reasons)}")


def _store_verified(
    keyring: _Keyring, connection: str, secret: Secret, cancelled: _IsCancelled
) -> None:
    value = secret.reveal()
    before = keyring.get(connection)
    keyring.set(connection, value)
    stored = keyring.get(connection) == value
    if stored and not cancelled():
        return
    if before is None:
        keyring.delete(connection)
    else:
        keyring.set(connection, before)
    raise SecretNotStored(
        "The keyring reported that it kept the secret, but returns something else. Its former"
        " content was restored; run `ibconsole doctor` to find the cause."
    )


@contextlib.contextmanager
def _translated_errors(value: str = "") -> Iterator[None]:
    """Raise VaultError for an error of a backend, without its cause, which may hold the secret."""
    try:
        yield
    except keyring_errors.KeyringLocked:
        raise KeyringLocked(
            "The keyring is locked and was not unlocked; nothing was changed. Unlock it and try"
            " again."
        ) from None
    except Exception as error:  # noqa: BLE001 each backend raises errors of its own library
        reason = Secret(value).mask(_error_sentence(error))
        raise KeyringRefused(
            f"The keyring refused: {reason} What it kept before is unchanged; run"
            " `ibconsole doctor` to find the cause."
        ) from None


def _error_sentence(error: Exception) -> str:
    """Return the text of a foreign error as one line that ends with a full stop."""
    text = " ".join(str(error).split()).rstrip(".") or type(error).__name__
    return f"{text}." if len(text) <= _LONGEST_ERROR else f"{text[:_LONGEST_ERROR]}…"


def _require_short(secret: Secret, longest: int) -> None:
    length = len(secret.reveal().encode("utf-16-le", "surrogatepass")) // 2
    if length > longest:
        raise SecretNotStored(
            f"The secret is too long for this system's keyring: {length:,} characters, of which"
            f" it keeps {longest:,}. Nothing was kept; it can be used for this session only."
        )


def trusted_backends(system: str) -> Sequence[BackendName]:
    """Return the trusted backends of a `sys.platform`, the best first."""
    return TRUSTED.get(system, _LINUX)


def trusted_names(system: str) -> Sequence[str]:
    """Return the vendors' names of the trusted keyrings of a `sys.platform`, the best first."""
    return [vendor for _, _, vendor in trusted_backends(system)]
