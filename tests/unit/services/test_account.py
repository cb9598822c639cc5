from ibconsole.secret import Secret
from ibconsole.services import account_of


def test_an_unsaved_account_is_the_same_one_tomorrow() -> None:
    """What is pulled without a saved connection is filed under one UUID per base URL."""
    first = account_of("https://a.api.infobip.com", Secret("k1"))
    again = account_of("https://a.api.infobip.com", Secret("k2"))
    other = account_of("https://b.api.infobip.com", Secret("k1"))

    assert first.connection == again.connection != other.connection


def test_a_key_label_recognizes_and_does_not_reveal() -> None:
    """Four characters of a long key are shown, none of a short one."""
    label = account_of("https://a", Secret("0123456789abcdef-secret")).key_label

    assert label == "0123…"
    assert account_of("https://a", Secret("short")).key_label == "…"


def test_an_account_does_not_show_its_key() -> None:
    """An account can be logged."""
    assert "hunter2" not in repr(account_of("https://a", Secret("hunter2")))
