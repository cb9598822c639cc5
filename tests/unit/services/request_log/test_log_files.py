"""The log: bounded, private, and without anything that could be used."""

import logging
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ibconsole.secret import Secret
from ibconsole.services.request_log import log_files as logs
from ibconsole.services.request_log.log_files import Redactor, logging_to

KEY = "1b5e8c0f5f4b4a44-planted-0123456789"
CODE = "233623e3c860b49ec69a464834343481-8bj4el4a-256d-23fd-56ad-b5bc3d568b53"


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """Tests change the root logger's handlers; pytest's own stay."""
    logger = logging.getLogger()
    before = list(logger.handlers)
    yield logger
    assert logger.handlers == before


def everything(directory: Path) -> str:
    return "\n".join(path.read_text() for path in directory.iterdir())


def test_a_secret_never_reaches_the_file(tmp_path: Path, root: logging.Logger) -> None:
    """Not in a message, not in an argument, not in a traceback."""
    redactor = Redactor()
    redactor.learn(Secret(KEY), Secret(""))
    log = logging.getLogger("ibconsole.test")
    with logging_to(tmp_path / "logs", redactor):
        log.info("The key is %s", KEY)
        try:
            raise ValueError(f"refused {KEY}")
        except ValueError:
            log.info("Failed", exc_info=True)

    text = everything(tmp_path / "logs")
    assert KEY not in text
    assert "ValueError" in text
    assert text.count("••••") >= 2


@pytest.mark.parametrize(
    "line",
    [
        "Authorization: App 0123456789abcdef",
        "Basic YW5uYTpwYXNzd29yZA==",
        "Bearer eyJhbGciOi.eyJ.sig-nature",
        "client_secret=abcdef123456&grant_type=x",
        '{"access_token": "abcdef123456"}',
        f"GET /push/1/applications/{CODE}/configurations",
        f"the application {CODE} is unknown",
        "forwarding to http://127.0.0.1:8484/inbound/abcdef123456",
    ],
)
def test_what_looks_like_a_credential_is_masked(line: str) -> None:
    """Also where nobody told the log about it."""
    redacted = Redactor().redact(line)

    for secret in ("0123456789abcdef", "YW5uYTp", "eyJ", "abcdef123456", CODE):
        assert secret not in redacted


def test_ordinary_words_stay() -> None:
    """A log that masks everything helps nobody."""
    line = "Delivery 12: the body is cut after 100 bytes; App data is in /home/x"

    assert Redactor().redact(line) == line


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
def test_only_its_owner_reads_it(tmp_path: Path, root: logging.Logger) -> None:
    """A log says who was worked for, and when."""
    with logging_to(tmp_path / "logs", Redactor()) as path:
        assert path is not None
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "logs").stat().st_mode) == 0o700


def test_old_files_go(tmp_path: Path, root: logging.Logger) -> None:
    """The directory does not grow from run to run."""
    directory = tmp_path / "logs"
    directory.mkdir()
    for number in range(50):
        (directory / f"ibconsole-20200101T0000{number:02}Z-1.log").touch()

    with logging_to(directory, Redactor()):
        names = sorted(path.name for path in directory.iterdir())

    assert len(names) == 2 * logs.KEPT
    assert "ibconsole-20200101T000000Z-1.log" not in names
    assert "ibconsole-20200101T000049Z-1.log" in names


def test_it_rotates(tmp_path: Path, root: logging.Logger, monkeypatch: pytest.MonkeyPatch) -> None:
    """One run that has much to say fills no disk."""
    monkeypatch.setattr(logs, "_LARGEST", 2_000)
    with logging_to(tmp_path, Redactor()):
        for number in range(200):
            logging.getLogger("ibconsole.test").info("Line %d", number)

    sizes = [path.stat().st_size for path in tmp_path.iterdir()]
    assert len(sizes) == 2
    assert max(sizes) <= 2_000


def test_a_program_without_a_log_goes_on(
    tmp_path: Path, root: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says so, and works."""
    (tmp_path / "file").touch()

    with logging_to(tmp_path / "file" / "logs", Redactor()) as path:
        assert path is None
    assert "There is no log" in capsys.readouterr().err
