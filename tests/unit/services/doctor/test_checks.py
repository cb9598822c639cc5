"""Checks of the computer, each in its good and its bad cases."""

import asyncio
import sys
import threading
from pathlib import Path

import pytest

from ibconsole import __version__
from ibconsole.archive.archive import Archive
from ibconsole.services.doctor.checks import (
    ComputerCheck,
    check_archive,
    check_certificates,
    check_computer,
    check_directories,
    check_policy,
    check_window,
    read_versions,
    within,
)
from ibconsole.services.protection import Policy, PolicyInForce
from ibconsole.services.protection.policy import CLOSED
from ibconsole.services.runtime.paths import Paths
from ibconsole.services.runtime.resolver_threads import ResolverThreads


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


@pytest.mark.slow
async def test_all_checks(tmp_path: Path) -> None:
    """Every check runs, and none of them creates anything."""
    results = await check_computer(Paths(tmp_path / "data"))

    assert [one.name for one in results] == [
        "Directories",
        "Window",
        "Certificates",
        "Policy",
        "Archive",
    ]
    assert not (tmp_path / "data").exists()


async def test_a_check_that_hangs() -> None:
    """A check that does not end is a failed check after its time, and holds up nothing."""
    asyncio.get_running_loop().set_default_executor(ResolverThreads())
    ended = threading.Event()

    def hang() -> ComputerCheck:
        ended.wait()
        return ComputerCheck("Window", good=True, sentence="late.")

    result = await within(0.05, "Window", hang)
    ended.set()

    assert str(result) == "FAILED  Window: no result within 0.05 s, so this was not checked."


def test_line() -> None:
    """A result in the terminal begins with ok or FAILED."""
    assert str(ComputerCheck("Proxy", good=True, sentence="none.")) == "ok      Proxy: none."
    assert str(ComputerCheck("Proxy", good=False, sentence="odd.")) == "FAILED  Proxy: odd."


def test_unwritable_directories(tmp_path: Path) -> None:
    """Directories that cannot be written are named, with advice."""
    (tmp_path / "file").write_text("")

    result = check_directories(Paths(tmp_path / "file" / "data"))

    assert not result.good
    assert "Not writable" in result.sentence
    assert check_directories(Paths(tmp_path / "data")).good


def test_a_closed_data_directory(tmp_path: Path) -> None:
    """A directory that cannot be looked into is a failure: it may have an archive."""
    loop = tmp_path / "loop"
    loop.symlink_to(loop)

    assert not check_directories(Paths(loop / "data")).good
    result = check_archive(loop / "archive.sqlite3")
    assert (result.good, "cannot be read" in result.sentence) == (False, True)


def test_window_opens() -> None:
    """The result describes the display as Qt reported it; missing fonts are a failure."""
    output = (
        'print(\'{"qt": "6.11", "platform": "xcb", "screens": 2, "size": "800x600",'
        ' "scale": 1.5, "fonts": 12}\')'
    )

    result = check_window(python(output))

    assert result.good
    assert result.sentence == (
        "Qt 6.11 on xcb, screens: 2, the first 800x600 at scale 1.5, 12 font families."
    )
    assert not check_window(python(output.replace("12", "0"))).good
    assert check_window(python("print('{}')")).good


def test_window_cannot_open() -> None:
    """An aborted, hanging, unintelligible or missing child process is a failed check."""
    aborted = check_window(python("import os; os.write(2, b'no plugin'); os.abort()"))
    hanging = check_window(python("import time; time.sleep(60)"), timeout=0.2)

    assert not aborted.good
    assert "no plugin" in aborted.sentence
    assert not hanging.good
    assert not check_window(python("print('what?')")).good
    assert not check_window(["/nowhere/at/all"]).good


def test_certificates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The certificates that the environment variables name are counted; none is a failure."""
    chosen = tmp_path / "chosen.pem"
    chosen.write_text("-----BEGIN CERTIFICATE-----\n" * 3)
    monkeypatch.setenv("SSL_CERT_FILE", str(chosen))
    result = check_certificates()
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))

    assert result.good
    assert result.sentence.startswith(f"3 in {chosen}")
    assert not check_certificates(bundles=[str(tmp_path / "none")]).good
    assert check_certificates(bundles=[str(chosen)]).good
    assert check_certificates(system="darwin").good


def test_archive(tmp_path: Path) -> None:
    """A missing and an undamaged archive are good; a large one is read without verifying it."""
    path = tmp_path / "archive.sqlite3"
    missing = check_archive(path)
    with Archive(path):
        pass
    undamaged = check_archive(path)
    large = check_archive(path, largest=0)
    path.write_bytes(b"no archive" * 1_000)
    broken = check_archive(path)

    assert (missing.good, undamaged.good, large.good, broken.good) == (True, True, True, False)
    assert "undamaged" in undamaged.sentence
    assert "archive verify" in large.sentence


def test_versions() -> None:
    """The program's own version is reported, and every library is found."""
    found = read_versions()

    assert found["ibconsole"] == __version__
    assert "unknown" not in found.values()


def test_the_policy_and_its_source() -> None:
    """The keys in force and their place are named; a policy that cannot be used is a problem."""
    found = PolicyInForce(Policy(forbid_pulls=True, base_urls=("https://a.example",)), "/p.toml")
    shown = check_policy(lambda: found)
    assert shown.good
    assert "/p.toml: forbid_pulls = true (No messages are pulled" in shown.sentence
    assert "base_urls = https://a.example" in shown.sentence
    assert "read_only" not in shown.sentence

    assert check_policy(PolicyInForce).good
    broken = check_policy(lambda: PolicyInForce(CLOSED, "/p.toml", "line 3: x is not a key"))
    assert (broken.good, "line 3" in broken.sentence) == (False, True)
