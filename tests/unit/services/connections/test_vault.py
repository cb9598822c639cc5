"""The vault on real keyrings (unlocked, locked, absent, unresponsive) and on a faulty one."""

import asyncio
import sys
import threading
import traceback
from pathlib import Path

import pytest

from ibconsole.secret import Secret
from ibconsole.services.connections.vault import (
    TRUSTED,
    KeyringLocked,
    KeyringRefused,
    KeyringTimeout,
    NoKeyring,
    SecretNotStored,
    SecretPlace,
    Vault,
    trusted_names,
)
from tests.keyrings import KeyringSession, needs_gnome_keyring

PLANTED = "planted-key-b55aa966-f170-4c72"

# The keyring library leaves its connection to the bus open when it raises.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


@pytest.fixture
def unlocked(bus: KeyringSession) -> KeyringSession:
    bus.unlock()
    return bus


@pytest.fixture
def absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No session bus at all, as over ssh."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'nothing'}")


@pytest.mark.slow
@needs_gnome_keyring
async def test_write_read_and_delete(unlocked: KeyringSession) -> None:
    """A stored secret is read unchanged, by other processes too, until it is deleted."""
    vault = Vault()
    assert await vault.read("one") is None

    await vault.write("one", Secret(PLANTED))
    await vault.write("two", Secret("ü€😀 with blanks "))
    assert await Vault().read("one") == Secret(PLANTED)
    assert await Vault().read("two") == Secret("ü€😀 with blanks ")
    await vault.write("one", Secret("another"))
    assert await vault.read("one") == Secret("another")
    await vault.delete("one")

    assert await vault.read("one") is None
    assert await vault.read("two") is not None


@needs_gnome_keyring
async def test_no_plain_text_on_disk(unlocked: KeyringSession) -> None:
    """The keyring's files do not contain the secret in plain text."""
    await Vault().write("one", Secret(PLANTED))

    written = list(unlocked.files())

    assert written
    assert not [path for path in written if PLANTED.encode() in path.read_bytes()]


@needs_gnome_keyring
async def test_deleting_an_absent_secret(unlocked: KeyringSession) -> None:
    """Deleting a secret that is not stored is not an error."""
    await Vault().delete("nothing")


@needs_gnome_keyring
async def test_the_backend_is_named(unlocked: KeyringSession) -> None:
    """The vault names the keyring in use and its library."""
    backend = await Vault().backend()

    assert backend.name == "Secret Service"
    assert backend.library.startswith("keyring 2")


@needs_gnome_keyring
async def test_locked(bus: KeyringSession) -> None:
    """A keyring that stays locked raises KeyringLocked, and nothing is changed."""
    bus.start_locked()

    with pytest.raises(KeyringLocked, match="nothing was changed"):
        await Vault().write("one", Secret(PLANTED))
    with pytest.raises(KeyringLocked):
        await Vault().read("one")


async def test_absent(absent: None) -> None:
    """Without a keyring nothing is stored, and the error gives the reason of each backend."""
    with pytest.raises(NoKeyring, match="Secret Service: ") as caught:
        await Vault().write("one", Secret(PLANTED))

    assert "KWallet: " in str(caught.value)
    with pytest.raises(NoKeyring):
        await Vault().read("one")


async def test_for_this_session(absent: None) -> None:
    """Without a keyring, a secret can be used until the program ends."""
    vault = Vault()

    vault.store_for_session("one", Secret(PLANTED))

    assert await vault.read("one") == Secret(PLANTED)
    assert await vault.place("one") is SecretPlace.SESSION
    await vault.delete("one")
    assert await vault.place("one") is SecretPlace.NOWHERE
    with pytest.raises(NoKeyring):
        await vault.read("one")
    with pytest.raises(NoKeyring):
        await vault.delete("one")


@needs_gnome_keyring
async def test_a_keyring_that_starts_later(
    bus: KeyringSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A vault that found no keyring searches again at the next request."""
    address = bus.environment["DBUS_SESSION_BUS_ADDRESS"]
    vault = Vault()
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    with pytest.raises(NoKeyring):
        await vault.read("one")

    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    bus.unlock()

    assert await vault.read("one") is None


@needs_gnome_keyring
async def test_unresponsive(bus: KeyringSession) -> None:
    """A keyring that never answers causes a time-out, and its thread is a daemon."""
    unresponsive = bus.start_unresponsive()
    try:
        vault = Vault(timeout=0.2)
        with pytest.raises(KeyringTimeout, match=r"unlock it, and try again"):
            await vault.read("one")
        with pytest.raises(KeyringTimeout):
            await vault.read("one")
        waiting = [one for one in threading.enumerate() if one.name == "keyring"]
        assert waiting
        assert all(one.daemon for one in waiting)
    finally:
        unresponsive.kill()
        unresponsive.communicate()


@needs_gnome_keyring
async def test_cancelled_while_the_keyring_is_unresponsive(bus: KeyringSession) -> None:
    """A request to an unresponsive keyring can be cancelled."""
    unresponsive = bus.start_unresponsive()
    try:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(Vault().read("one"), 0.2)
    finally:
        unresponsive.kill()
        unresponsive.communicate()


class Faulty:
    """A backend that truncates long secrets, and raises or blocks on demand."""

    priority = 5
    stored: str | None = None
    error: Exception | None = None
    pause: threading.Event | None = None

    def get_password(self, service: str, name: str) -> str | None:
        assert service == "ibconsole"
        return Faulty.stored

    def set_password(self, service: str, name: str, value: str) -> None:
        if Faulty.pause:
            Faulty.pause.wait(10)
        if Faulty.error:
            raise Faulty.error
        Faulty.stored = value[:8] if len(value) > 20 else value

    def delete_password(self, service: str, name: str) -> None:
        Faulty.stored = None


@pytest.fixture
def faulty() -> type[Faulty]:
    """The faulty backend in its initial state."""
    Faulty.stored = Faulty.error = Faulty.pause = None
    return Faulty


def faulty_vault() -> Vault:
    return Vault(backends=[(__name__, "Faulty", "Faulty")])


async def test_a_keyring_that_stores_something_else(faulty: type[Faulty]) -> None:
    """A secret that is read back changed is an error, and the former one is restored."""
    vault = faulty_vault()
    await vault.write("one", Secret("short"))

    with pytest.raises(SecretNotStored, match="returns something else"):
        await vault.write("one", Secret(PLANTED))

    assert await vault.read("one") == Secret("short")


async def test_an_error_that_contains_the_secret(faulty: type[Faulty]) -> None:
    """A secret in an error of the keyring is masked, and no traceback contains it."""
    faulty.error = OSError(f"cannot keep {PLANTED}")

    with pytest.raises(KeyringRefused) as caught:
        await faulty_vault().write("one", Secret(PLANTED))

    assert "cannot keep •" in str(caught.value)
    text = "".join(traceback.format_exception(caught.value))
    assert PLANTED not in text
    assert caught.value.__cause__ is None


async def test_cancelled_during_a_write(faulty: type[Faulty]) -> None:
    """A write that completes after its cancellation is undone."""
    faulty.pause = threading.Event()
    vault = faulty_vault()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(vault.write("one", Secret("short")), 0.1)

    faulty.pause.set()

    assert await vault.read("one") is None


async def test_cancelled_in_the_queue(faulty: type[Faulty]) -> None:
    """A request that is cancelled while it waits for another one is dropped."""
    pause = faulty.pause = threading.Event()
    vault = faulty_vault()

    async def cancel() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(vault.write("one", Secret("second")), 0.1)
        pause.set()

    await asyncio.gather(vault.write("one", Secret("first")), cancel())

    assert await vault.read("one") == Secret("first")


async def test_too_long_for_windows(faulty: type[Faulty], monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret that is too long for Windows is refused with a sentence."""
    monkeypatch.setattr(sys, "platform", "win32")

    with pytest.raises(SecretNotStored, match=r"1,282 characters, of which it keeps 1,280"):
        await faulty_vault().write("one", Secret("\N{GRINNING FACE}" * 641))
    await faulty_vault().write("one", Secret("short"))


def test_only_safe_keyrings_are_trusted() -> None:
    """No trusted backend writes plain files, stores nothing, or chooses another backend."""
    modules = {one[0] for system in ("win32", "darwin") for one in TRUSTED[system]}

    assert modules == {"keyring.backends.Windows", "keyring.backends.macOS"}
    assert trusted_names("linux") == ["Secret Service", "libsecret", "KWallet"]
    assert trusted_names("win32") == ["Credential Locker"]


@pytest.mark.parametrize("backend", ["keyring.backends.null.Keyring", "keyring.backends.fail"])
async def test_a_configured_backend_is_not_used(
    absent: None, monkeypatch: pytest.MonkeyPatch, backend: str
) -> None:
    """A backend that is configured for the keyring library is not used."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", backend)

    with pytest.raises(NoKeyring):
        await Vault().write("one", Secret(PLANTED))


def test_a_vault_does_not_show_secrets() -> None:
    """The representation of a vault does not contain its session secrets."""
    vault = Vault()
    vault.store_for_session("one", Secret(PLANTED))

    assert PLANTED not in repr(vault)
    assert PLANTED not in repr(vars(vault))
