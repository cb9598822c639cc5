"""Secrets are stored together with what belongs to them, or not at all."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from ibconsole.errors import UserError
from ibconsole.secret import Secret
from ibconsole.services.connections.connection import Connection, new_id
from ibconsole.services.connections.saved_secrets import SavedSecrets, team_secret_name
from ibconsole.services.connections.vault import NoKeyring, Vault

NAME = team_secret_name(new_id())
FORMER, LATTER = Secret("former"), Secret("latter")
SHARED = Connection(
    id=new_id(),
    name="Acme",
    base_url="https://acme.api.infobip.com",
    team="service=team",
    team_account="acme",
)


async def fail_while_storing(
    saved: SavedSecrets, secret: Secret | None, *, for_session: bool
) -> None:
    async with saved.storing(NAME, secret, for_session=for_session):
        raise UserError("The settings cannot be written.")


@pytest.fixture
def vault() -> Vault:
    """A vault of a computer without a keyring."""
    return Vault(backends=(("nowhere", "Keyring", "Nowhere"),))


@pytest.mark.parametrize("latter", [LATTER, None])
async def test_what_was_held_for_the_session_returns_after_a_failure(
    vault: Vault, latter: Secret | None
) -> None:
    """A secret for one session is as it was when what belongs to it could not be saved."""
    vault.store_for_session(NAME, FORMER)
    saved = SavedSecrets(vault)

    with pytest.raises(UserError):
        await fail_while_storing(saved, latter, for_session=True)

    assert vault.session_secret(NAME) == FORMER


async def test_without_a_keyring_nothing_has_to_be_deleted(vault: Vault, tmp_path: Path) -> None:
    """A secret cannot be stored there, and its deletion is no failure."""
    saved = SavedSecrets(vault)
    vault.store_for_session(NAME, FORMER)

    with pytest.raises(NoKeyring, match="not saved"):
        async with saved.storing(NAME, LATTER, for_session=False):
            pass
    assert vault.session_secret(NAME) == FORMER
    with pytest.raises(UserError):
        await fail_while_storing(saved, None, for_session=False)
    async with saved.storing(NAME, None, for_session=False):
        pass

    assert vault.session_secret(NAME) is None


async def test_both_secrets_of_a_connection_are_forgotten(vault: Vault) -> None:
    """The credential and the password of its team go together."""
    saved = SavedSecrets(vault)
    for name in (SHARED.id, team_secret_name(SHARED.id)):
        vault.store_for_session(name, FORMER)

    await saved.delete(replace(SHARED, team=""))
    assert vault.session_secret(team_secret_name(SHARED.id)) == FORMER
    saved.forget(SHARED.id)

    assert vault.session_secret(team_secret_name(SHARED.id)) is None
