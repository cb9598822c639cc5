"""What the doctor says of this computer."""

import sys
from pathlib import Path

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.services.doctor.environment import (
    Finding,
    look_around,
    look_at_archive,
    look_at_certificates,
    look_at_places,
    look_at_proxy,
    look_at_window,
)
from ibconsole.services.runtime.paths import Paths


def says(text: str) -> list[str]:
    return [sys.executable, "-c", text]


def test_all_of_it(tmp_path: Path) -> None:
    """Every part is looked at, and nothing is made by looking."""
    found = look_around(Paths(tmp_path / "data"))

    assert [one.name for one in found] == [
        "Places",
        "Window",
        "Certificates",
        "Proxy",
        "Archive",
    ]
    assert not (tmp_path / "data").exists()


def test_a_line() -> None:
    """A finding in the terminal begins with whether it is good."""
    assert str(Finding("Proxy", good=True, sentence="none.")) == "ok      Proxy: none."
    assert str(Finding("Proxy", good=False, sentence="odd.")) == "FAILED  Proxy: odd."


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    """They are named, with what to do."""
    (tmp_path / "file").write_text("")

    found = look_at_places(Paths(tmp_path / "file" / "data"))

    assert not found.good
    assert "Not writable" in found.sentence
    assert look_at_places(Paths(tmp_path / "data")).good


def test_a_window() -> None:
    """What Qt told in the other process."""
    told = (
        'print(\'{"qt": "6.11", "platform": "xcb", "screens": 2, "size": "800x600",'
        ' "scale": 1.5, "fonts": 12}\')'
    )

    found = look_at_window(says(told))

    assert found.good
    assert found.sentence == (
        "Qt 6.11 on xcb, screens: 2, the first 800x600 at scale 1.5, 12 font families."
    )
    assert not look_at_window(says(told.replace("12", "0"))).good
    assert look_at_window(says("print('{}')")).good


def test_a_window_that_cannot_open() -> None:
    """Qt ends its process, or says nothing sensible, or nothing at all: that is told."""
    aborted = look_at_window(says("import os; os.write(2, b'no plugin'); os.abort()"))
    silent = look_at_window(says("import time; time.sleep(60)"), patience=0.2)

    assert not aborted.good
    assert "no plugin" in aborted.sentence
    assert not silent.good
    assert not look_at_window(says("print('what?')")).good
    assert not look_at_window(["/nowhere/at/all"]).good


def test_certificates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that the environment chooses are counted; where there are none it says what to do."""
    chosen = tmp_path / "chosen.pem"
    chosen.write_text("-----BEGIN CERTIFICATE-----\n" * 3)
    monkeypatch.setenv("SSL_CERT_FILE", str(chosen))
    found = look_at_certificates()
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
    monkeypatch.setattr("ibconsole.services.doctor.environment._BUNDLES", (str(tmp_path / "none"),))

    assert found.good
    assert found.sentence.startswith(f"3 in {chosen}")
    assert not look_at_certificates().good
    monkeypatch.setattr(sys, "platform", "darwin")
    assert look_at_certificates().good


def test_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are named without what logs in to them."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    assert "none" in look_at_proxy().sentence
    monkeypatch.setenv("https_proxy", "http://me:secret@proxy.example:3128")
    monkeypatch.setenv("http_proxy", "http://[broken")
    monkeypatch.setenv("no_proxy", "intranet")

    found = look_at_proxy()

    assert "https by proxy.example:3128" in found.sentence
    assert "cannot be understood" in found.sentence
    assert "intranet" in found.sentence
    assert "secret" not in found.sentence


def test_an_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing yet, whole, too large to look through in passing, and no archive at all."""
    path = tmp_path / "archive.sqlite3"
    absent = look_at_archive(path)
    with Archive(path):
        pass
    whole = look_at_archive(path)
    monkeypatch.setattr("ibconsole.services.doctor.environment._LARGEST", 0)
    large = look_at_archive(path)
    path.write_bytes(b"no archive" * 1_000)
    broken = look_at_archive(path)

    assert (absent.good, whole.good, large.good, broken.good) == (True, True, True, False)
    assert "undamaged" in whole.sentence
    assert "archive verify" in large.sentence
