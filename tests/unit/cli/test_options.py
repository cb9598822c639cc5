import pytest

from tests.unit.cli.conftest import Command


@pytest.mark.parametrize(
    "url",
    ["http://x.api.infobip.com", "https://portal.infobip.com", "https://u:p@x.com", "ftp://x"],
)
def test_a_wrong_address_is_explained(ibconsole: Command, url: str) -> None:
    """An address that cannot be an account's is wrong usage, in one clear sentence."""
    ended = ibconsole("apps", "list", "--base-url", url)

    assert ended.code == 2
    assert "Traceback" not in ended.err


def test_the_key_is_no_argument(ibconsole: Command) -> None:
    """The key comes from the environment alone, and the error says so."""
    ended = ibconsole("apps", "list", "--base-url", "https://x.api.infobip.com")

    assert ended.code == 2
    assert "IBCONSOLE_API_KEY" in ended.err
    assert ibconsole("apps", "list", "--api-key", "k").code == 2


def test_a_key_that_cannot_be_one(ibconsole: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key with line breaks or letters beyond ASCII would be no header."""
    monkeypatch.setenv("IBCONSOLE_API_KEY", "a\nb")

    assert ibconsole("apps", "list", "--base-url", "https://x.api.infobip.com").code == 2


def test_options_stand_before_or_behind_a_command(on_account: Command) -> None:
    """--base-url belongs to the group and to its commands alike."""
    assert on_account("apps", "list").code == 0
