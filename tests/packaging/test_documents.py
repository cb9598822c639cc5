"""The manual page, the desktop entry and the metadata."""

import configparser
import re
import xml.etree.ElementTree as ET

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
    """It starts the window, and has the sandbox as an action."""
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str  # type: ignore[assignment,method-assign]
    entry.read(ROOT / "packaging/linux/ibconsole.desktop")

    assert entry["Desktop Entry"]["Exec"] == "ibconsole-gui"
    assert entry["Desktop Action sandbox"]["Exec"] == "ibconsole-gui --demo"
    assert entry["Desktop Entry"]["Actions"] == "sandbox;"


@pytest.mark.parametrize("key", ["@IDENTIFIER@", "@VERSION@", "@DATE@", "@LICENCE@"])
def test_the_metadata(key: str) -> None:
    """It is XML, and takes name, version, date and licence from the release."""
    text = (ROOT / "packaging/linux/metainfo.xml").read_text()

    assert ET.fromstring(text).tag == "component"  # noqa: S314 it is ours
    assert key in text
