"""Secrets and their masks."""

import pickle

import pytest

from ibconsole.secret import Secret


@pytest.mark.parametrize("show", [str, repr, "{}".format, "%s".__mod__])
def test_printed_secret(show: object) -> None:
    """A secret is masked in every way of printing."""
    assert callable(show)
    assert "hunter2" not in show(Secret("hunter2"))


def test_reveal() -> None:
    """`reveal` returns the value."""
    assert Secret("hunter2").reveal() == "hunter2"


def test_mask() -> None:
    """A text that repeats the secret is masked."""
    assert Secret("hunter2").mask("App hunter2 is wrong: hunter2") == "App •••• is wrong: ••••"
    assert Secret("").mask("nothing to hide") == "nothing to hide"


def test_pickle() -> None:
    """A secret cannot leave the process in a pickle."""
    with pytest.raises(TypeError):
        pickle.dumps(Secret("hunter2"))


def test_secrets_compare_by_value() -> None:
    """Two secrets are equal if their values are."""
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert len({Secret("a"), Secret("a")}) == 1
