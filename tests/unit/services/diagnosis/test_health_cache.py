"""The health that is kept for the next start."""

from pathlib import Path

import pytest

from ibconsole.clock import now_ms
from ibconsole.services.diagnosis.catalogue.catalogue import definition_of
from ibconsole.services.diagnosis.catalogue.finding import Level
from ibconsole.services.diagnosis.health_cache import (
    ApplicationHealth,
    HealthCache,
    forget_health,
)

NAMES = {"code-of-app-a": "App a", "b": "App b"}


def health(code: str = "code-of-app-a", age: int = 60_000) -> ApplicationHealth:
    return ApplicationHealth(
        code, "App a", now_ms() - age, Level.ERROR, "https://hooks.example.com is refused.", 2, 1,
        (1206, 1101),
    )  # fmt: skip


def file_of(folder: Path) -> Path:
    [path] = folder.iterdir()
    return path


def test_the_health_comes_back_with_its_age(tmp_path: Path) -> None:
    """Level, numbers and age are the same; the sentence is the title of the worst finding."""
    kept = health()
    HealthCache(tmp_path / "health", "c").save([kept])
    found = HealthCache(tmp_path / "health", "c").load(NAMES)["code-of-app-a"]

    assert (found.level, found.numbers, found.read_at) == (kept.level, kept.numbers, kept.read_at)
    assert (found.findings, found.muted, found.name) == (2, 1, "App a")
    assert found.sentence == definition_of(1206).title
    assert HealthCache(tmp_path / "health", "d").load(NAMES) == {}


def test_the_file_reveals_nothing(tmp_path: Path) -> None:
    """No name, code, URL or sentence is written; only the owner can read the file."""
    HealthCache(tmp_path / "health", "c").save([health()])
    text = file_of(tmp_path / "health").read_text()

    assert not any(word in text for word in ("code-of-app-a", "App a", "hooks", "refused"))
    assert file_of(tmp_path / "health").stat().st_mode & 0o077 == 0


def test_nothing_is_kept_of_a_removed_connection(tmp_path: Path) -> None:
    """The file of one connection goes; that of another, and a folder that is no file, stay."""
    HealthCache(tmp_path, "c").save([health()])
    HealthCache(tmp_path, "d").save([health()])
    forget_health(tmp_path, "c")
    forget_health(tmp_path, "c")
    forget_health(file_of(tmp_path), "c")

    assert HealthCache(tmp_path, "c").load(NAMES) == {}
    assert "code-of-app-a" in HealthCache(tmp_path, "d").load(NAMES)


@pytest.mark.parametrize("age", [-60_000, 31 * 86_400_000])
def test_what_is_too_old_or_of_the_future_is_left_out(tmp_path: Path, age: int) -> None:
    """A month later, or after a clock that leapt, nothing is claimed."""
    HealthCache(tmp_path, "c").save([health(age=age)])

    assert HealthCache(tmp_path, "c").load(NAMES) == {}


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b'{"format":2,"applications":{}}', b'{"format":1}', b"\xff" * 99]
)
def test_a_damaged_file_is_no_failure(tmp_path: Path, data: bytes) -> None:
    """Everything is found out again."""
    HealthCache(tmp_path, "c").save([health()])
    file_of(tmp_path).write_bytes(data)

    assert HealthCache(tmp_path, "c").load(NAMES) == {}


def test_a_folder_that_cannot_be_made_is_no_failure(tmp_path: Path) -> None:
    """The health is not kept then, and everything else works."""
    (tmp_path / "file").touch()

    HealthCache(tmp_path / "file" / "health", "c").save([health()])
    assert HealthCache(tmp_path / "file" / "health", "c").load(NAMES) == {}


def test_an_unknown_number_has_no_title(tmp_path: Path) -> None:
    """A number of a newer version is counted, and explained by nothing."""
    HealthCache(tmp_path, "c").save(
        [ApplicationHealth("b", "", now_ms(), Level.NOTE, "x", 1, 0, (9999,))]
    )

    assert HealthCache(tmp_path, "c").load(NAMES)["b"].sentence == ""
