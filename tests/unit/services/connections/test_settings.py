"""The settings file, which is written atomically and never lost."""

import json
import multiprocessing
import os
import stat
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from ibconsole.errors import UserError
from ibconsole.files import FileLock
from ibconsole.services.connections.connection import Connection, Environment, new_id
from ibconsole.services.connections.settings import (
    LoadedSettings,
    Mute,
    SavedFilter,
    Settings,
    SettingsError,
    SettingsFile,
    SettingsTooNew,
    Watch,
    saved_names,
    with_connection,
    with_filter,
    with_watch,
    without_connection,
)

ACME = Connection(id=new_id(), name="Acme", base_url="https://acme.api.infobip.com")
BETA = Connection(
    id=new_id(),
    name="Beta",
    base_url="https://beta.api.infobip.com",
    environment=Environment.PRODUCTION,
    colour="red",
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "settings.json"


def test_no_file_means_the_defaults(path: Path) -> None:
    """A missing file means the defaults, and reading creates nothing."""
    assert SettingsFile(path).load() == LoadedSettings(Settings())
    assert not path.parent.exists()


def test_settings_survive_a_round_trip(path: Path) -> None:
    """Settings are read as they were written, in the same order."""
    file = SettingsFile(path)
    file.change(lambda _: Settings((BETA, ACME), last_opened=BETA.id))

    assert SettingsFile(path).load().settings == Settings((BETA, ACME), last_opened=BETA.id)
    assert json.loads(path.read_bytes())["version"] == 1


def test_fields_of_a_newer_program_survive(path: Path) -> None:
    """They stay in the file and in their connection; a connection of before teams has none."""
    entry = {"id": ACME.id, "name": "Acme", "base_url": ACME.base_url, "later": [1]}
    path.parent.mkdir()
    path.write_text(json.dumps({"version": 1, "connections": [entry], "newer": {"a": 1}}))
    file = SettingsFile(path)
    assert file.load() == LoadedSettings(Settings((ACME,)))

    shared = replace(ACME, team="postgresql://team.example/x", team_account="acme")
    file.change(lambda settings: with_connection(with_connection(settings, shared), BETA))
    document = json.loads(path.read_bytes())

    assert document["newer"] == {"a": 1}
    assert [one.get("later") for one in document["connections"]] == [[1], None]
    assert file.load() == LoadedSettings(Settings((shared, BETA)))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_the_file_is_private(path: Path) -> None:
    """Only its owner can read the file, because it holds base URLs and user names."""
    SettingsFile(path).change(lambda _: Settings((ACME,)))

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "damaged", [b"", b"{", b"\xff\xfe", b"[]", b"null", b'{"version": "x"}', b"[" * 100_000]
)
def test_a_damaged_file_is_moved_aside(path: Path, damaged: bytes) -> None:
    """A damaged file is kept under another name, which is shown once."""
    path.parent.mkdir()
    path.write_bytes(damaged)

    loaded = SettingsFile(path).load()
    [aside] = path.parent.glob("settings.json.broken-*")

    assert loaded.settings == Settings()
    assert aside.name in loaded.notice
    assert aside.read_bytes() == damaged
    assert SettingsFile(path).load().notice == ""


def test_one_damaged_connection_leaves_the_others(path: Path) -> None:
    """The valid connections are used, and the damaged file is kept."""
    file = SettingsFile(path)
    file.change(lambda _: Settings((ACME, BETA), last_opened=ACME.id))
    document = json.loads(path.read_bytes())
    document["connections"].append({"name": "only a name"})
    document["connections"].append(document["connections"][0])
    path.write_text(json.dumps(document))

    loaded = file.load()

    assert loaded.settings == Settings((ACME, BETA), last_opened=ACME.id)
    assert "2 connections" in loaded.notice
    assert len(list(path.parent.glob("*.broken-*"))) == 1
    assert file.load().notice == ""


def test_a_newer_file_is_not_changed(path: Path) -> None:
    """An older program never changes the file of a newer one."""
    path.parent.mkdir()
    path.write_text('{"version": 99}')

    for attempt in (SettingsFile(path).load, lambda: SettingsFile(path).change(lambda old: old)):
        with pytest.raises(SettingsTooNew, match="newer ibconsole"):
            attempt()
    assert path.read_text() == '{"version": 99}'


def test_a_directory_that_cannot_be_created(tmp_path: Path) -> None:
    """The error says that the settings could not be written."""
    (tmp_path / "config").write_text("a file where a directory should be")
    file = SettingsFile(tmp_path / "config" / "settings.json")

    with pytest.raises(UserError, match="settings"):
        file.change(lambda old: old)


def test_a_failed_write_keeps_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a full disk the change is lost, the former settings are not."""
    file = SettingsFile(path)
    file.change(lambda _: Settings((ACME,)))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SettingsError, match="No space left"):
        file.change(lambda _: Settings())

    assert file.load().settings == Settings((ACME,))
    assert not list(path.parent.glob("*.new-*"))


def test_an_exception_in_a_change(path: Path) -> None:
    """An exception of the change is passed on, and the lock is released."""
    file = SettingsFile(path)
    file.change(lambda _: Settings((ACME,)))

    def fail(_: Settings) -> Settings:
        raise LookupError

    with pytest.raises(LookupError):
        file.change(fail)
    assert file.change(lambda old: old) == Settings((ACME,))


def test_the_wait_for_the_lock_ends(path: Path) -> None:
    """A process that holds the lock for too long causes an error, not a hang."""
    lock = FileLock(path.with_suffix(".lock"))
    assert lock.acquire()

    with pytest.raises(SettingsError, match="nothing was changed"):
        SettingsFile(path, lock_timeout=0.05).change(lambda old: old)
    lock.release()


def _add(path: Path, number: int) -> None:
    for count in range(5):
        new = replace(ACME, id=new_id(), name=f"{number}-{count}")
        SettingsFile(path).change(lambda old, new=new: with_connection(old, new))  # type: ignore[misc]  # mypy cannot infer a default


@pytest.mark.slow
def test_concurrent_changes(path: Path) -> None:
    """Changes of several processes at once are all kept."""
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_add, args=(path, number)) for number in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(30)

    assert len(SettingsFile(path).load().settings.connections) == 15


def test_connections_are_found_and_replaced() -> None:
    """A connection is found by name in any case, replaced in place, and removed."""
    both = Settings((ACME, BETA), last_opened=ACME.id)

    assert both.named(" ACME ") == ACME
    assert both.connection(BETA.id) == BETA
    assert both.named("Gamma") is None
    composed, decomposed = replace(ACME, name="Zürich"), replace(BETA, name="Zu\u0308rich")
    assert with_connection(Settings(), decomposed).named("ZÜRICH") == decomposed
    assert Settings((composed, decomposed)).named("Zu\u0308rich") == decomposed
    renamed = replace(ACME, name="Acme 2")
    assert with_connection(both, renamed).connections == (renamed, BETA)
    assert without_connection(both, ACME.id) == Settings((BETA,))


def test_saved_names(path: Path) -> None:
    """Shell completion reads the names and never moves the file, even if it is damaged."""
    SettingsFile(path).change(lambda now: with_connection(with_connection(now, ACME), BETA))
    found = saved_names(path)
    path.write_text('{"connections": [3]}')

    assert found == ["Acme", "Beta"]
    assert saved_names(path) == []
    assert path.read_text() == '{"connections": [3]}'
    assert saved_names(path.parent) == []


def test_mutes(path: Path) -> None:
    """Mutes come back as they were saved; an entry that makes no sense mutes nothing."""
    mute = Mute("subject", 1002, "Known.", 5, "Kestrel")
    file = SettingsFile(path)
    file.change(lambda settings: replace(settings, mutes=(mute,)))

    assert file.load() == LoadedSettings(Settings(mutes=(mute,)))
    document = json.loads(path.read_bytes())
    path.write_text(json.dumps({**document, "mutes": [{"number": "many"}]}))
    damaged = file.load()
    assert damaged.settings.mutes == ()
    assert "muted findings" in damaged.notice


def test_watches(path: Path) -> None:
    """A watch replaces that of the same subject, ends with its connection, and survives a file."""
    whole, part = Watch(ACME.id, kinds=("silence", "of a newer program")), Watch(ACME.id, "code")
    settings = with_connection(Settings(), ACME)
    for watch in (Watch(ACME.id, minutes=5), part, whole):
        settings = with_watch(settings, watch)
    file = SettingsFile(path)
    file.change(lambda _: settings)

    assert settings.watches == (part, whole)
    assert file.load() == LoadedSettings(settings)
    assert without_connection(settings, ACME.id) == Settings()


@pytest.mark.parametrize("damaged", [[{"connection": 5}], [{"connection": "c", "minutes": 0}], 7])
def test_damaged_watches(path: Path, damaged: object) -> None:
    """Watches that make no sense are left out, and the rest of the settings is kept."""
    SettingsFile(path).change(lambda now: with_connection(now, ACME))
    document = json.loads(path.read_bytes())
    path.write_text(json.dumps({**document, "watches": damaged}))
    found = SettingsFile(path).load()

    assert found.settings == with_connection(Settings(), ACME)
    assert "watches" in found.notice


def test_saved_filters(path: Path) -> None:
    """Filters survive a file, in their order, and end with their connection."""
    settings = with_connection(Settings(), ACME)
    first, second = SavedFilter(ACME.id, "stop"), SavedFilter(ACME.id, "info", at_start=True)
    for one in (first, second, first):
        settings = with_filter(settings, one)
    file = SettingsFile(path)
    file.change(lambda _: settings)

    assert settings.filters == (first, second)
    assert file.load() == LoadedSettings(settings)
    assert without_connection(settings, ACME.id) == Settings()


def test_damaged_saved_filters(path: Path) -> None:
    """Filters that make no sense are left out, and the rest of the settings is kept."""
    SettingsFile(path).change(lambda now: with_connection(now, ACME))
    document = json.loads(path.read_bytes())
    path.write_text(json.dumps({**document, "filters": [{"text": 5}]}))
    found = SettingsFile(path).load()

    assert found.settings == with_connection(Settings(), ACME)
    assert "saved filters" in found.notice
