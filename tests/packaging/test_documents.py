"""The manual page, the desktop entry and the metadata."""

import configparser
import os
import re
import shutil
import subprocess
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import click
import pytest

from ibconsole.cli.main import ibconsole
from manual import manual
from release import ROOT, read_release


def commands(group: click.Group, path: str = "") -> list[str]:
    found: list[str] = []
    for name, command in group.commands.items():
        full = f"{path} {name}".strip()
        found += commands(command, full) if isinstance(command, click.Group) else [full]
    return found


def test_the_manual_page() -> None:
    """Every command is there, every placeholder is filled, and what is hidden stays so."""
    page = manual(read_release())

    for command in commands(ibconsole):
        assert f".SS ibconsole {command.replace('-', chr(92) + '-')}" in page
    assert not re.search("@[A-Z]+@", page)
    assert "\\fB\\-\\-demo\\fR" in page
    assert "examine" not in page.replace("Examine", "")


def test_the_desktop_entry() -> None:
    """It starts the window, also for a link, and has the sandbox as an action."""
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str  # type: ignore[assignment,method-assign]
    entry.read(ROOT / "packaging/linux/ibconsole.desktop")

    assert entry["Desktop Entry"]["Exec"] == "ibconsole-gui %u"
    assert entry["Desktop Entry"]["MimeType"] == "x-scheme-handler/ibconsole;"
    assert entry["Desktop Action sandbox"]["Exec"] == "ibconsole-gui --demo"
    assert entry["Desktop Entry"]["Actions"] == "sandbox;"


@pytest.mark.slow
@pytest.mark.skipif(
    not all(map(shutil.which, ("gio", "update-desktop-database", "desktop-file-validate"))),
    reason="needs GLib's programs and desktop-file-utils",
)
def test_a_desktop_opens_links(tmp_path: Path) -> None:
    """A desktop that has the entry gives a link to the program, whole and as its only argument."""
    applications, given = tmp_path / "applications", tmp_path / "given"
    applications.mkdir()
    shutil.copy(ROOT / "packaging/linux/ibconsole.desktop", applications)
    program = tmp_path / "ibconsole-gui"
    program.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$#" "$@" > {given}.new\nmv {given}.new {given}\n'
    )
    program.chmod(0o755)
    environment = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "XDG_DATA_HOME": str(tmp_path),
        "XDG_DATA_DIRS": str(tmp_path / "none"),
        "XDG_CONFIG_HOME": str(tmp_path),
    }
    link = "ibconsole://message/00112233445566778899aabbccddeeff/7?id=a%20%22b%24(id)"

    for command in (
        ("desktop-file-validate", str(applications / "ibconsole.desktop")),
        ("update-desktop-database", str(applications)),
        ("gio", "open", link),
    ):
        done = subprocess.run(command, env=environment, capture_output=True, check=False)
        assert (done.returncode, done.stdout) == (0, b""), done

    deadline = time.monotonic() + 10
    while not given.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert given.read_text().splitlines() == ["1", link]


def test_windows_and_macos_register_links() -> None:
    """The installer for Windows and the application for macOS name the scheme, once each."""
    installer = (ROOT / "packaging/windows/ibconsole.nsi").read_text()
    application = (ROOT / "packaging/ibconsole.spec").read_text()

    assert '\'"$INSTDIR\\ibconsole-gui.exe" "%1"\'' in installer
    assert installer.count('DeleteRegKey SHCTX "Software\\Classes\\ibconsole"') == 1
    assert '"CFBundleURLSchemes": ["ibconsole"]' in application


@pytest.mark.parametrize("key", ["@IDENTIFIER@", "@VERSION@", "@DATE@", "@LICENCE@"])
def test_the_metadata(key: str) -> None:
    """It is XML, and takes name, version, date and licence from the release."""
    text = (ROOT / "packaging/linux/metainfo.xml").read_text()

    assert ET.fromstring(text).tag == "component"  # noqa: S314 it is ours
    assert key in text
