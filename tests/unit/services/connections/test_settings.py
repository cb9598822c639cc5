"""The file of the settings: whole or not at all, and never lost."""

import json
import multiprocessing
import os
import stat
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ibconsole.errors import UserError
from ibconsole.files import FileLock
from ibconsole.services.connections import settings
from ibconsole.services.connections.connection import Connection, Environment, new_id
from ibconsole.services.connections.settings import (
    Settings,
    SettingsError,
    SettingsFile,
    SettingsTooNew,
    saved_names,
    with_connection,
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
    """Reading writes nothing."""
    assert SettingsFile(path).load() == settings.Loaded(Settings())
    assert not path.parent.exists()


def test_what_was_written_is_read(path: Path) -> None:
    """Order, environments and colours included."""
    file = SettingsFile(path)
    file.change(lambda _: Settings((BETA, ACME), last=BETA.id))

    assert SettingsFile(path).load().settings == Settings((BETA, ACME), last=BETA.id)
    assert json.loads(path.read_bytes())["version"] == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
def test_only_its_owner_reads_it(path: Path) -> None:
    """Base URLs and user names are nobody else's business."""
    SettingsFile(path).change(lambda _: Settings((ACME,)))

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "rubbish", [b"", b"{", b"\xff\xfe", b"[]", b"null", b'{"version": "x"}', b"[" * 100_000]
)
def test_a_broken_file_is_set_aside_and_named(path: Path, rubbish: bytes) -> None:
    """Nobody's settings are overwritten because one byte of them is wrong."""
    path.parent.mkdir()
    path.write_bytes(rubbish)

    loaded = SettingsFile(path).load()
    [aside] = path.parent.glob("settings.json.broken-*")

    assert loaded.settings == Settings()
    assert aside.name in loaded.notice
    assert aside.read_bytes() == rubbish
    assert SettingsFile(path).load().notice == ""


def test_one_broken_connection_does_not_take_the_others_along(path: Path) -> None:
    """What can be understood is used; the file as it was is kept."""
    file = SettingsFile(path)
    file.change(lambda _: Settings((ACME, BETA), last=ACME.id))
    document = json.loads(path.read_bytes())
    document["connections"].append({"name": "no more than a name"})
    document["connections"].append(document["connections"][0])
    path.write_text(json.dumps(document))

    loaded = file.load()

    assert loaded.settings == Settings((ACME, BETA), last=ACME.id)
    assert "2 connections" in loaded.notice
    assert len(list(path.parent.glob("*.broken-*"))) == 1
    assert file.load().notice == ""


def test_a_newer_file_is_left_alone(path: Path) -> None:
    """An older program must not undo what a newer one wrote."""
    path.parent.mkdir()
    path.write_text('{"version": 99}')

    for attempt in (SettingsFile(path).load, lambda: SettingsFile(path).change(lambda old: old)):
        with pytest.raises(SettingsTooNew, match="newer ibconsole"):
            attempt()
    assert path.read_text() == '{"version": 99}'


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """The sentence names the file, and nothing half-written stays."""
    (tmp_path / "config").write_text("a file where a directory should be")
    file = SettingsFile(tmp_path / "config" / "settings.json")

    with pytest.raises(UserError, match="settings"):
        file.change(lambda old: old)


def test_a_failed_write_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk costs the change, not what was there."""
    file = SettingsFile(path)
    file.change(lambda _: Settings((ACME,)))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SettingsError, match="No space left"):
        file.change(lambda _: Settings())

    assert file.load().settings == Settings((ACME,))
    assert not list(path.parent.glob("*.new-*"))


def test_a_change_that_fails_changes_nothing(path: Path) -> None:
    """Its error goes through, and others can write again."""
    file = SettingsFile(path)
    file.change(lambda _: Settings((ACME,)))

    def fail(_: Settings) -> Settings:
        raise LookupError

    with pytest.raises(LookupError):
        file.change(fail)
    assert file.change(lambda old: old) == Settings((ACME,))


def test_who_waits_too_long_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stuck process does not make every other one hang."""
    monkeypatch.setattr(settings, "_PATIENCE", 0.05)
    lock = FileLock(path.with_suffix(".lock"))
    assert lock.take()

    with pytest.raises(SettingsError, match="nothing was changed"):
        SettingsFile(path).change(lambda old: old)
    lock.release()


def _add(path: Path, number: int) -> None:
    for count in range(5):
        new = replace(ACME, id=new_id(), name=f"{number}-{count}")
        SettingsFile(path).change(lambda old, new=new: with_connection(old, new))  # type: ignore[misc]  # mypy cannot infer a default


def test_processes_do_not_undo_one_another(path: Path) -> None:
    """A window and a terminal may both add connections at once."""
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_add, args=(path, number)) for number in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(30)

    assert len(SettingsFile(path).load().settings.connections) == 15


def test_connections_are_found_and_replaced() -> None:
    """By name in any case, in their place; the removed one is no longer the last."""
    both = Settings((ACME, BETA), last=ACME.id)

    assert both.named(" ACME ") == ACME
    assert both.connection(BETA.id) == BETA
    assert both.named("Gamma") is None
    renamed = replace(ACME, name="Acme 2")
    assert with_connection(both, renamed).connections == (renamed, BETA)
    assert without_connection(both, ACME.id) == Settings((BETA,))


def test_names_alone(path: Path) -> None:
    """A shell that completes a name moves no file, whatever is in it."""
    SettingsFile(path).change(lambda now: with_connection(with_connection(now, ACME), BETA))
    found = saved_names(path)
    path.write_text('{"connections": [3]}')

    assert found == ["Acme", "Beta"]
    assert saved_names(path) == []
    assert path.read_text() == '{"connections": [3]}'
    assert saved_names(path.parent) == []
