import pickle

import pytest

from ibconsole.secret import Secret


@pytest.mark.parametrize("show", [str, repr, "{}".format, "%s".__mod__])
def test_a_secret_never_shows_itself(show: object) -> None:
    """However a secret is printed, it is masked."""
    assert callable(show)
    assert "hunter2" not in show(Secret("hunter2"))


def test_reveal_is_the_way_out() -> None:
    """The value itself is had by asking for it by name."""
    assert Secret("hunter2").reveal() == "hunter2"


def test_mask_takes_the_secret_out_of_a_text() -> None:
    """A text that echoes the secret can be kept without it."""
    assert Secret("hunter2").mask("App hunter2 is wrong: hunter2") == "App •••• is wrong: ••••"
    assert Secret("").mask("nothing to hide") == "nothing to hide"


def test_a_secret_cannot_be_pickled() -> None:
    """A secret does not leave the process by way of a pickle."""
    with pytest.raises(TypeError):
        pickle.dumps(Secret("hunter2"))


def test_secrets_compare_by_value() -> None:
    """Two secrets are equal when what they hold is."""
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert len({Secret("a"), Secret("a")}) == 1
