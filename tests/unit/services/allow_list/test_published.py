"""The editions of the published networks."""

from ipaddress import IPv4Network

from ibconsole.services.allow_list.published import editions, is_published


def test_editions_are_dated_and_the_newest_comes_first() -> None:
    newest, older = editions()
    assert len(newest.networks) == 23
    assert newest.read >= older.read >= "2026-11-01"
    assert set(newest.networks) - set(older.networks) == {IPv4Network("172.195.40.23/32")}
    assert newest.size == older.size + 1


def test_addresses_are_looked_up_in_the_newest_edition() -> None:
    assert is_published("193.105.74.9") is True
    assert is_published("::ffff:193.105.74.9") is True
    assert is_published("172.195.40.23") is True
    assert is_published("172.195.40.24") is False
    assert is_published("2001:db8::1") is False
    assert is_published("a name") is None
