"""Possible causes of a refusal: every documented one, for each kind of credential."""

import pytest

from ibconsole.api import auth_causes


@pytest.mark.parametrize(
    "kind",
    [
        auth_causes.API_KEY,
        auth_causes.BASIC,
        auth_causes.SESSION_TOKEN,
        auth_causes.ACCESS_TOKEN,
        auth_causes.CLIENT,
    ],
)
def test_each_kind_lists_the_documented_causes(kind: tuple[str, ...]) -> None:
    """Every kind lists disabled, limited IP addresses and another account, each cause once."""
    said = " ".join(kind)

    for words in ("disabled", "another IP address", "another account than the base URL"):
        assert words in said
    assert len(set(kind)) == len(kind)


def test_causes_for_an_api_key() -> None:
    """An API key has all documented causes (platform.md §6)."""
    said = " ".join(auth_causes.API_KEY)

    for words in ("wrong", "expired", "disabled", "scope", "IP address", "account"):
        assert words in said


def test_requirement_of_a_pull() -> None:
    """The pull is permitted by any of several scopes, every other request by one."""
    assert auth_causes.AuthRequirement(scopes=auth_causes.PULL_SCOPES).is_pull
    assert not auth_causes.AuthRequirement().is_pull
    assert auth_causes.MANAGE in auth_causes.PULL_SCOPES


def test_describe_causes() -> None:
    """Causes are joined to one sentence."""
    assert auth_causes.describe_causes(["The key is wrong", "It is old"]) == (
        "Possible causes: the key is wrong; it is old."
    )
