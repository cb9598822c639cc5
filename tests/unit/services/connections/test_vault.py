"""The vault on real keyrings: unlocked, locked, absent, silent, and one that lies."""

import asyncio
import sys
import threading
import traceback
from pathlib import Path

import pytest

from ibconsole.secret import Secret
from ibconsole.services.connections import vault as vaults
from ibconsole.services.connections.vault import (
    KeyringLocked,
    KeyringRefused,
    KeyringSilent,
    NoKeyring,
    NotKept,
    Vault,
    trusted_names,
)
from tests.keyrings import Session, needs_gnome_keyring

PLANTED = "planted-key-b55aa966-f170-4c72"

# keyring leaves its connection to the bus open where it raises.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


@pytest.fixture
def unlocked(bus: Session) -> Session:
    bus.unlock()
    return bus


@pytest.fixture
def absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No bus at all, as over ssh."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'nothing'}")


@needs_gnome_keyring
async def test_kept_read_and_forgotten(unlocked: Session) -> None:
    """A secret comes back as it was given, also to another program, until it is deleted."""
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
async def test_nothing_lies_about_in_plain(unlocked: Session) -> None:
    """The keyring's files hold the secret in no form that can be searched for."""
    await Vault().write("one", Secret(PLANTED))

    written = list(unlocked.files())

    assert written
    assert not [path for path in written if PLANTED.encode() in path.read_bytes()]


@needs_gnome_keyring
async def test_deleting_what_is_not_there(unlocked: Session) -> None:
    """To forget what nobody kept is no failure."""
    await Vault().delete("nothing")


@needs_gnome_keyring
async def test_the_keeper_is_named(unlocked: Session) -> None:
    """One can say who keeps the secrets."""
    keeper = await Vault().keeper()

    assert keeper.name == "Secret Service"
    assert keeper.library.startswith("keyring 2")


@needs_gnome_keyring
async def test_locked(bus: Session) -> None:
    """A locked keyring that nobody unlocks is told, and nothing is changed."""
    bus.start_locked()

    with pytest.raises(KeyringLocked, match="nothing was changed"):
        await Vault().write("one", Secret(PLANTED))
    with pytest.raises(KeyringLocked):
        await Vault().read("one")


async def test_absent(absent: None) -> None:
    """Without a keyring nothing is kept, and the reason of each backend is told."""
    with pytest.raises(NoKeyring, match="Secret Service: ") as caught:
        await Vault().write("one", Secret(PLANTED))

    assert "KWallet: " in str(caught.value)
    with pytest.raises(NoKeyring):
        await Vault().read("one")


async def test_for_this_session(absent: None) -> None:
    """Without a keyring a secret can be used until the program ends."""
    vault = Vault()

    vault.keep_for_session("one", Secret(PLANTED))

    assert await vault.read("one") == Secret(PLANTED)
    await vault.delete("one")
    with pytest.raises(NoKeyring):
        await vault.read("one")
    with pytest.raises(NoKeyring):
        await vault.delete("one")


@needs_gnome_keyring
async def test_a_keyring_that_comes_later(bus: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """A vault that found no keyring finds it once there is one."""
    address = bus.environment["DBUS_SESSION_BUS_ADDRESS"]
    vault = Vault()
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    with pytest.raises(NoKeyring):
        await vault.read("one")

    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    bus.unlock()

    assert await vault.read("one") is None


@needs_gnome_keyring
async def test_silent(bus: Session) -> None:
    """A keyring that never answers is waited for only so long, and holds up nobody's exit."""
    silent = bus.fall_silent()
    try:
        vault = Vault(patience=0.2)
        with pytest.raises(KeyringSilent, match=r"unlock it, and try again"):
            await vault.read("one")
        with pytest.raises(KeyringSilent):
            await vault.read("one")
        waiting = [one for one in threading.enumerate() if one.name == "keyring"]
        assert waiting
        assert all(one.daemon for one in waiting)
    finally:
        silent.kill()
        silent.communicate()


@needs_gnome_keyring
async def test_cancelled_while_the_keyring_is_silent(bus: Session) -> None:
    """Whoever has lost patience need not wait."""
    silent = bus.fall_silent()
    try:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(Vault().read("one"), 0.2)
    finally:
        silent.kill()
        silent.communicate()


class Lying:
    """A backend that does what it likes."""

    priority = 5
    kept: str | None = None
    complaint: Exception | None = None
    pause: threading.Event | None = None

    def get_password(self, service: str, name: str) -> str | None:
        assert service == "ibconsole"
        return Lying.kept

    def set_password(self, service: str, name: str, value: str) -> None:
        if Lying.pause:
            Lying.pause.wait(10)
        if Lying.complaint:
            raise Lying.complaint
        Lying.kept = value[:8] if len(value) > 20 else value

    def delete_password(self, service: str, name: str) -> None:
        Lying.kept = None


@pytest.fixture
def lying(monkeypatch: pytest.MonkeyPatch) -> type[Lying]:
    """The trusted backend of this system is another one."""
    monkeypatch.setitem(vaults.TRUSTED, sys.platform, ((__name__, "Lying", "Lying"),))
    Lying.kept = Lying.complaint = Lying.pause = None
    return Lying


async def test_a_keyring_that_keeps_something_else(lying: type[Lying]) -> None:
    """What does not come back as it was given was not kept, and the former secret is restored."""
    vault = Vault()
    await vault.write("one", Secret("short"))

    with pytest.raises(NotKept, match="gives back something else"):
        await vault.write("one", Secret(PLANTED))

    assert await vault.read("one") == Secret("short")


async def test_a_complaint_that_repeats_the_secret(lying: type[Lying]) -> None:
    """Whatever a keyring says of a secret, it is masked, and no traceback holds it."""
    lying.complaint = OSError(f"cannot keep {PLANTED}")

    with pytest.raises(KeyringRefused) as caught:
        await Vault().write("one", Secret(PLANTED))

    assert "cannot keep •" in str(caught.value)
    said = "".join(traceback.format_exception(caught.value))
    assert PLANTED not in said
    assert caught.value.__cause__ is None


async def test_given_up_while_it_was_written(lying: type[Lying]) -> None:
    """What a keyring keeps after its user gave up it is told to forget."""
    lying.pause = threading.Event()
    vault = Vault()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(vault.write("one", Secret("short")), 0.1)

    lying.pause.set()

    assert await vault.read("one") is None


async def test_who_has_given_up_is_not_asked_for(lying: type[Lying]) -> None:
    """While the keyring is busy with one question, the ones given up meanwhile are dropped."""
    pause = lying.pause = threading.Event()
    vault = Vault()

    async def give_up() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(vault.write("one", Secret("second")), 0.1)
        pause.set()

    await asyncio.gather(vault.write("one", Secret("first")), give_up())

    assert await vault.read("one") == Secret("first")


async def test_too_long_for_windows(lying: type[Lying], monkeypatch: pytest.MonkeyPatch) -> None:
    """What Windows would refuse with a number is refused in words."""
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setitem(vaults.TRUSTED, "win32", ((__name__, "Lying", "Lying"),))

    with pytest.raises(NotKept, match=r"1,282 characters, of which it keeps 1,280"):
        await Vault().write("one", Secret("\N{GRINNING FACE}" * 641))
    await Vault().write("one", Secret("short"))


def test_only_safe_keyrings_are_trusted() -> None:
    """Nothing that writes to a plain file, keeps nothing, or chooses by itself."""
    modules = {one[0] for system in ("win32", "darwin") for one in vaults.TRUSTED[system]}

    assert modules == {"keyring.backends.Windows", "keyring.backends.macOS"}
    assert trusted_names("linux") == ["Secret Service", "libsecret", "KWallet"]
    assert trusted_names("win32") == ["Credential Locker"]


@pytest.mark.parametrize("backend", ["keyring.backends.null.Keyring", "keyring.backends.fail"])
async def test_what_the_user_set_up_is_not_trusted(
    absent: None, monkeypatch: pytest.MonkeyPatch, backend: str
) -> None:
    """A backend that somebody chose for other programs is not used here."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", backend)

    with pytest.raises(NoKeyring):
        await Vault().write("one", Secret(PLANTED))


def test_a_vault_shows_nothing() -> None:
    """Not even what it keeps for the session."""
    vault = Vault()
    vault.keep_for_session("one", Secret(PLANTED))

    assert PLANTED not in repr(vault)
    assert PLANTED not in repr(vars(vault))
