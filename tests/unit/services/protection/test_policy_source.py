"""Where the policy comes from, and that whatever is wrong with its file closes everything."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from ibconsole.services.protection.policy import CLOSED, Policy
from ibconsole.services.protection.policy_source import (
    PolicyInForce,
    find_policy,
    read_policy_file,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A policy file that only its owner can change."""
    directory = tmp_path / "etc"
    directory.mkdir(mode=0o755)
    path = directory / "policy.toml"
    path.write_text("forbid_pulls = true\n")
    path.chmod(0o644)
    return path


def _read(path: Path) -> PolicyInForce:
    return read_policy_file(path, os.geteuid())


def test_no_file_is_no_policy(path: Path) -> None:
    path.unlink()
    assert _read(path) == PolicyInForce()
    assert _read(path.parent / "none" / "policy.toml") == PolicyInForce()


def test_a_file_is_read_with_its_source(path: Path) -> None:
    assert _read(path) == PolicyInForce(Policy(forbid_pulls=True), str(path))


def test_why_a_team_must_not_be_named(path: Path) -> None:
    """The sentence lists what is permitted; a broken policy permits none."""
    path.write_text('team_database = "postgresql://team.example/inbound"')
    database = "postgresql://other.example/inbound"

    assert PolicyInForce().team_objection(database) == ""
    assert _read(path).team_objection("postgresql://anna@team.example/inbound") == ""
    assert "permits: postgresql://team.example/inbound" in _read(path).team_objection(database)
    _broken(path)
    assert "cannot be used" in _read(path).team_objection(database)


def _broken(path: Path) -> None:
    path.write_text("forbid_pulls = maybe")


def _too_large(path: Path) -> None:
    path.write_bytes(b"#" * (1 << 21))


def _directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _dangling_link(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.with_name("missing.toml"))


def _loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


def _open_file(path: Path) -> None:
    path.chmod(0o646)


def _open_directory(path: Path) -> None:
    path.parent.chmod(0o777)


def _link_into_an_open_directory(path: Path) -> None:
    shared = path.parent.parent / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    path.rename(shared / "policy.toml")
    path.symlink_to(shared / "policy.toml")


@pytest.mark.parametrize(
    "spoil",
    [
        _broken,
        _too_large,
        _directory,
        _pipe,
        _dangling_link,
        _loop,
        _open_file,
        _open_directory,
        _link_into_an_open_directory,
    ],
)
def test_a_policy_that_cannot_be_trusted_or_understood_closes_everything(
    path: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(path)

    found = _read(path)

    assert found.policy == CLOSED
    assert found.source == str(path)
    assert found.problem
    assert "Ask your administrator" in found.complaint


def test_a_file_of_another_owner_closes_everything(path: Path) -> None:
    assert stat.S_ISREG(path.stat().st_mode)
    assert read_policy_file(path, os.geteuid() + 1).policy == CLOSED


def test_no_variable_leads_to_another_policy(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = find_policy()
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "IBCONSOLE_DATA_DIR"):
        monkeypatch.setenv(name, str(path.parent))
    monkeypatch.chdir(path.parent)

    assert find_policy() == before
