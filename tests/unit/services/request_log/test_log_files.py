"""The log files: bounded, private and without secrets."""

import logging
import shutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ibconsole.secret import Secret
from ibconsole.services.request_log.log_files import KEPT, Redactor, logging_to

KEY = "1b5e8c0f5f4b4a44-planted-0123456789"
CODE = "233623e3c860b49ec69a464834343481-8bj4el4a-256d-23fd-56ad-b5bc3d568b53"


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """The root logger, whose handlers must be the same after the test."""
    logger = logging.getLogger()
    before = list(logger.handlers)
    yield logger
    assert logger.handlers == before


def read_all(directory: Path) -> str:
    return "\n".join(path.read_text() for path in directory.iterdir())


def test_secrets_are_masked(tmp_path: Path, root: logging.Logger) -> None:
    """A secret is masked in messages, arguments and tracebacks."""
    redactor = Redactor()
    redactor.add_secrets(Secret(KEY), Secret(""))
    log = logging.getLogger("ibconsole.test")
    with logging_to(tmp_path / "logs", redactor):
        log.info("The key is %s", KEY)
        try:
            raise ValueError(f"refused {KEY}")
        except ValueError:
            log.info("Failed", exc_info=True)

    text = read_all(tmp_path / "logs")
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
def test_lookalikes_are_masked(line: str) -> None:
    """Text that looks like a credential is masked, even if it is not a known secret."""
    redacted = Redactor().redact(line)

    for secret in ("0123456789abcdef", "YW5uYTp", "eyJ", "abcdef123456", CODE):
        assert secret not in redacted


def test_ordinary_text() -> None:
    """Ordinary text is not masked."""
    line = "Delivery 12: the body is cut after 100 bytes; App data is in /home/x"

    assert Redactor().redact(line) == line


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")
def test_permissions(tmp_path: Path, root: logging.Logger) -> None:
    """Only the owner can read the log, because it shows who did what and when."""
    with logging_to(tmp_path / "logs", Redactor()) as path:
        assert path is not None
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "logs").stat().st_mode) == 0o700


def test_old_files_are_deleted(tmp_path: Path, root: logging.Logger) -> None:
    """Only the newest log files of former runs are kept."""
    directory = tmp_path / "logs"
    directory.mkdir()
    for number in range(50):
        (directory / f"ibconsole-20200101T0000{number:02}Z-1.log").touch()

    with logging_to(directory, Redactor()):
        names = sorted(path.name for path in directory.iterdir())

    assert len(names) == 2 * KEPT
    assert "ibconsole-20200101T000000Z-1.log" not in names
    assert "ibconsole-20200101T000049Z-1.log" in names


def test_rotation(tmp_path: Path, root: logging.Logger) -> None:
    """The log of one run is rotated and does not fill the disk."""
    with logging_to(tmp_path, Redactor(), largest=2_000):
        for number in range(200):
            logging.getLogger("ibconsole.test").info("Line %d", number)

    sizes = [path.stat().st_size for path in tmp_path.iterdir()]
    assert len(sizes) == 2
    assert max(sizes) <= 2_000


def test_unwritable_directory(
    tmp_path: Path, root: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    """A log that cannot be written is reported on stderr, and the program continues."""
    (tmp_path / "file").touch()

    with logging_to(tmp_path / "file" / "logs", Redactor()) as path:
        assert path is None
    assert "There is no log" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not delete an open file")
def test_deleted_log_directory(
    tmp_path: Path, root: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    """A log that cannot be continued says so in one line, however much is logged then."""
    with logging_to(tmp_path / "log", Redactor(), largest=200):
        shutil.rmtree(tmp_path / "log")
        for _ in range(20):
            root.info("x" * 100)

    assert capsys.readouterr().err.count("\n") == 1
