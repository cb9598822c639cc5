"""The collector's package: its unit, its example, its image and its program."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ibconsole.services.team.collector import read_configuration

FILES = Path(__file__).parents[2] / "packaging" / "collector"
UNIT = FILES / "ibconsole-collector.service"
ANALYZER = shutil.which("systemd-analyze") or ""


@pytest.mark.skipif(not ANALYZER, reason="systemd is not installed (Debian: package systemd)")
def test_the_service_is_confined() -> None:
    """The service may do next to nothing but its work: an exposure of at most 2.0 of 10."""
    done = subprocess.run(
        [ANALYZER, "security", "--offline=true", "--threshold=20", "--no-pager", UNIT],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_service_reports_and_keeps_nothing_secret_in_its_environment() -> None:
    """The service says when it is ready, has a user and a directory of its own, and credentials."""
    settings = dict(re.findall(r"(?m)^(\w+)=(.*)$", UNIT.read_text()))

    assert settings["Type"] == "notify"
    assert settings["DynamicUser"] == "yes"
    assert settings["StateDirectory"] == "ibconsole-collector"
    assert settings["LoadCredential"] == "secrets:/etc/ibconsole-collector/secrets"
    assert float(settings["WatchdogSec"]) > 0
    assert "Environment" not in settings


def test_the_example_is_valid() -> None:
    """The example can be used as it is, and names the credentials as the unit passes them."""
    example = (FILES / "collector.yaml").read_bytes()

    configuration = read_configuration(example, "collector.yaml")

    (connection,) = configuration.connections
    assert connection.pull is None  # nothing is taken from an account by an example
    assert connection.secret
    assert connection.secret.credential == "secrets_acme-key"
    assert connection.team
    assert connection.team.password
    assert connection.team.password.credential.startswith("secrets_")
    assert configuration.notices() == ()


def test_the_image_runs_without_root() -> None:
    """The image has a user by number, as orchestrators ask for, and writes to its volume alone."""
    lines = (FILES / "Containerfile").read_text().splitlines()

    user = next(line for line in lines if line.startswith("USER "))
    (volume,) = (line.removeprefix("VOLUME ") for line in lines if line.startswith("VOLUME "))
    assert int(re.findall(r"\d+", user)[0]) > 0
    assert f"ENV STATE_DIRECTORY={volume}" in lines


@pytest.mark.slow
@pytest.mark.usefixtures("unmeasured_children")
def test_the_program_has_no_window() -> None:
    """The server's program says that it cannot open a window, and where one is."""
    done = subprocess.run(
        [sys.executable, FILES / "program.py", "--demo"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "install the package ibconsole" in done.stderr
