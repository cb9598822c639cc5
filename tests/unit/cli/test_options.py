import os
from pathlib import Path

import pytest

from ibconsole.cli.options import FileUnusable, read_input
from ibconsole.services.documents import LARGEST
from tests.unit.cli.conftest import Command


@pytest.mark.parametrize(
    "url",
    ["http://x.api.infobip.com", "https://portal.infobip.com", "https://u:p@x.com", "ftp://x"],
)
def test_an_invalid_base_url_is_refused(ibconsole: Command, url: str) -> None:
    """A base URL that no account has is wrong usage, explained in a sentence."""
    result = ibconsole("apps", "list", "--base-url", url)

    assert result.code == 2
    assert "Traceback" not in result.err


def test_the_api_key_is_not_an_argument(ibconsole: Command) -> None:
    """The API key is read from the environment only, and the error names the variable."""
    result = ibconsole("apps", "list", "--base-url", "https://x.api.infobip.com")

    assert result.code == 2
    assert "IBCONSOLE_API_KEY" in result.err
    assert ibconsole("apps", "list", "--api-key", "k").code == 2


def test_an_invalid_api_key_is_refused(ibconsole: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key with control characters could not be sent in a header."""
    monkeypatch.setenv("IBCONSOLE_API_KEY", "a\nb")

    assert ibconsole("apps", "list", "--base-url", "https://x.api.infobip.com").code == 2


def test_quotes_around_the_api_key(on_account: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key in quotes, as `docker --env-file` leaves it, is the key."""
    monkeypatch.setenv("IBCONSOLE_API_KEY", f'"App {os.environ["IBCONSOLE_API_KEY"]}" ')

    assert on_account("apps", "list").code == 0


def test_options_may_follow_a_command(on_account: Command) -> None:
    """--base-url is accepted after the command as well as before it."""
    assert on_account("apps", "list").code == 0


def test_what_is_no_file(tmp_path: Path) -> None:
    """A missing file and a directory are a sentence, and a device has an end."""
    for path in (tmp_path, tmp_path / "missing", tmp_path / "missing" / "s.yaml"):
        with pytest.raises(FileUnusable, match=r"cannot be read: "):
            read_input(path)
    assert len(read_input(Path("/dev/zero"))) == LARGEST + 1
