"""Why the platform may refuse: every documented cause, for each kind of credential."""

import pytest

from ibconsole.api import auth_causes as causes


@pytest.mark.parametrize(
    "kind", [causes.API_KEY, causes.BASIC, causes.SESSION_TOKEN, causes.ACCESS_TOKEN, causes.CLIENT]
)
def test_each_kind_names_what_is_documented(kind: tuple[str, ...]) -> None:
    """Disabled, bound to IP addresses, of another account: and each cause once."""
    said = " ".join(kind)

    for words in ("disabled", "another IP address", "another account than the base URL"):
        assert words in said
    assert len(set(kind)) == len(kind)


def test_of_an_api_key() -> None:
    """All of the documentation's causes (platform.md §6)."""
    said = " ".join(causes.API_KEY)

    for words in ("wrong", "expired", "disabled", "scope", "IP address", "account"):
        assert words in said


def test_a_claim_knows_whether_it_is_the_pull() -> None:
    """The pull is allowed by any of several scopes, everything else by one."""
    assert causes.Claim(scopes=causes.PULL_SCOPES).is_pull
    assert not causes.Claim().is_pull
    assert causes.MANAGE in causes.PULL_SCOPES


def test_told() -> None:
    """Causes make a sentence."""
    assert causes.told(["The key is wrong", "It is old"]) == (
        "Possible causes: the key is wrong; it is old."
    )
