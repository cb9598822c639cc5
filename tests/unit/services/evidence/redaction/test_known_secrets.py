"""Known secrets are never shown, and each is searched for by bytes that are its own."""

import pickle

import msgspec
import pytest

from ibconsole.secret import Secret
from ibconsole.services.evidence.redaction.known_secrets import (
    LONGEST_NEEDLE,
    KnownSecret,
    KnownSecrets,
    needles,
)

KEY = "3f9a1c77be0240d8-a95e6f2b8c1d"


def known(*values: str) -> KnownSecrets:
    return KnownSecrets(
        secrets=tuple(KnownSecret(f"secret {at}", Secret(one)) for at, one in enumerate(values))
    )


def test_no_secret_is_printed_or_written() -> None:
    """A secret leaves by no way of printing, pickling or encoding the values around it."""
    secrets = known(KEY)

    assert KEY not in repr(secrets)
    assert KEY not in f"{secrets}{needles(secrets)}"
    with pytest.raises(TypeError):
        pickle.dumps(secrets)
    with pytest.raises(TypeError):
        msgspec.json.encode(secrets)


def test_short_secrets_are_set_apart() -> None:
    """What is shorter than six characters is not searched for; an empty one is none."""
    secrets = known("abcde", "abcdef", "")

    assert [one.label for one in secrets.too_short] == ["secret 0"]
    assert [one.label for one in secrets.searchable] == ["secret 1"]


def test_secrets_are_joined() -> None:
    """A secret that is known twice keeps its first name; problems are kept."""
    joined = known(KEY).joined_with(
        KnownSecrets(secrets=(KnownSecret("other", Secret(KEY)),), problems=("No key.",)),
        KnownSecrets(problems=("No key.",)),
    )

    assert joined == KnownSecrets(secrets=known(KEY).secrets, problems=("No key.",))


def test_a_long_secret_is_searched_for_by_a_part_of_it() -> None:
    """Its edges may have merged with what is around it; a part is as good."""
    [key] = needles(known(KEY))
    [token] = needles(known(KEY * 20))

    assert (key.data, key.offset, key.folded) == (KEY[4:-4].encode(), 4, True)
    assert len(token.data) == LONGEST_NEEDLE


def test_a_short_one_is_searched_for_as_it_is() -> None:
    """A password that could be a word counts in its own case, whole."""
    [password] = needles(known("Summer"))

    assert (password.data, password.offset, password.folded) == (b"Summer", 0, False)


def test_other_scripts_are_searched_for_in_each_encoding() -> None:
    """What is not ASCII has bytes of its own in each encoding of text."""
    found = {needle.data for needle in needles(known("pässwörd"))}

    assert {"pässwörd".encode(codec) for codec in ("utf-8", "latin-1", "utf-16-be")} <= found
    assert needles(known("ключи€")) != []


def test_blanks_may_be_plus_signs() -> None:
    """A form writes a blank as a plus sign."""
    assert {needle.data for needle in needles(known("my pass"))} == {b"my pass", b"my+pass"}
