"""Every secret that the console knows, from the keyring, the environment, the listener and URLs."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol
from urllib.parse import unquote

from ibconsole.proxies import choose_proxy
from ibconsole.secret import Secret
from ibconsole.services.connections import (
    Account,
    Connection,
    NoSecret,
    Settings,
    TeamAccess,
    VaultError,
)
from ibconsole.services.evidence.redaction.known_secrets import KnownSecret, KnownSecrets
from ibconsole.services.evidence.redaction.texts import secret_parts

_ANYWHERE = "https://api.infobip.com"  # where no connection is saved, requests go there


class AccountSource(Protocol):
    """The saved connections with their secrets, `Connections`."""

    async def load(self) -> Settings: ...
    async def load_account(self, uuid: str, /) -> Account: ...
    async def team_accesses(self) -> Mapping[str, TeamAccess]: ...


async def gather_secrets(
    accounts: AccountSource, *, paths: Iterable[str] = (), urls: Iterable[str] = ()
) -> KnownSecrets:
    """Read every secret: of saved connections and their teams, of proxies, of paths and URLs.

    `paths` are those of the listener, borrowed routes included; `urls` are those of the setups and
    tests that are exported. May wait for the user to unlock the keyring; once it has given
    nothing, it is not asked again, and what it did not give is named in `problems`. Raises
    SettingsError.
    """
    found: list[KnownSecret] = []
    problems: list[str] = []
    settings = await accounts.load()
    is_refused = False
    for connection in settings.connections:
        if is_refused and not connection.session_only:
            problems.append(_not_read(connection))
            continue
        try:
            account = await accounts.load_account(connection.id)
        except NoSecret:  # there is none that could leave
            continue
        except VaultError as error:
            is_refused = True
            problems.append(f"{_not_read(connection)} {error}")
        else:
            found.append(KnownSecret(_label(connection), account.credential.secret))
    if not is_refused:
        await _gather_teams(accounts, settings, found, problems)
    found += _of_proxies(one.base_url for one in settings.connections)
    found += (KnownSecret("path of the listener", Secret(_tail(path))) for path in paths)
    found += (
        KnownSecret("secret in a URL", Secret(form))
        for url in urls
        for part in secret_parts(url)
        for form in dict.fromkeys((part, unquote(part)))
    )
    known = [one for one in found if one.secret.reveal()]
    return KnownSecrets().joined_with(KnownSecrets(secrets=tuple(known), problems=tuple(problems)))


async def _gather_teams(
    accounts: AccountSource,
    settings: Settings,
    found: list[KnownSecret],
    problems: list[str],
) -> None:
    for uuid, access in (await accounts.team_accesses()).items():
        connection = settings.connection(uuid)
        name = connection.name if connection else uuid
        if access.password:
            found.append(KnownSecret(f"password of the team's archive of {name}", access.password))
        if access.problem:
            problems.append(
                f"The password of the team's archive of {name} is not known: {access.problem}"
            )


def _of_proxies(urls: Iterable[str]) -> Iterator[KnownSecret]:
    for url in dict.fromkeys((*urls, _ANYWHERE)):
        if proxy := choose_proxy(url).proxy:
            for secret in proxy.secrets:
                yield KnownSecret(f"password of the proxy in {proxy.variable}", secret)


def _label(connection: Connection) -> str:
    return f"{connection.kind.secret_noun} of {connection.name}"


def _not_read(connection: Connection) -> str:
    return f"The {_label(connection)} is not searched for, because the keyring did not give it."


def _tail(path: str) -> str:
    """Return the part of a listener's path that cannot be guessed."""
    return path.rstrip("/").rpartition("/")[2]
