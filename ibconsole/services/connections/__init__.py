"""Saved connections: accounts, their settings, their secrets in the keyring, and the check."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.connections.account import (
        Account,
        NoAccount,
        TeamAccess,
        account_of,
        authorization_of,
        client_of,
        saved_account,
    )
    from ibconsole.services.connections.connection import (
        COLOURS,
        AuthorizationKind,
        Connection,
        Environment,
        InvalidConnection,
        new_id,
    )
    from ibconsole.services.connections.connection_check import CheckResult, check
    from ibconsole.services.connections.list_choices import (
        HighlightRule,
        JsonColumn,
        ListChoices,
        with_choices,
    )
    from ibconsole.services.connections.settings import (
        Mute,
        SavedFilter,
        Settings,
        SettingsFile,
        Watch,
        saved_base_urls,
        saved_names,
        with_filter,
        with_watch,
        without_filter,
    )
    from ibconsole.services.connections.store import Connections, NoSecret, needs_secret
    from ibconsole.services.connections.vault import (
        KeyringBackend,
        KeyringLocked,
        KeyringTimeout,
        NoKeyring,
        SecretNotStored,
        SecretPlace,
        Vault,
        VaultError,
        trusted_names,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "connection_check": "CheckResult check",
            "account": (
                "Account NoAccount TeamAccess account_of authorization_of client_of saved_account"
            ),
            "connection": (
                "COLOURS AuthorizationKind Connection Environment InvalidConnection new_id"
            ),
            "list_choices": "HighlightRule JsonColumn ListChoices with_choices",
            "settings": (
                "Mute SavedFilter Settings SettingsFile Watch saved_base_urls saved_names"
                " with_filter with_watch without_filter"
            ),
            "store": "Connections NoSecret needs_secret",
            "vault": (
                "KeyringBackend KeyringLocked KeyringTimeout NoKeyring SecretNotStored "
                "SecretPlace Vault VaultError trusted_names"
            ),
        },
    )

__all__ = [
    "COLOURS",
    "Account",
    "AuthorizationKind",
    "CheckResult",
    "Connection",
    "Connections",
    "Environment",
    "HighlightRule",
    "InvalidConnection",
    "JsonColumn",
    "KeyringBackend",
    "KeyringLocked",
    "KeyringTimeout",
    "ListChoices",
    "Mute",
    "NoAccount",
    "NoKeyring",
    "NoSecret",
    "SavedFilter",
    "SecretNotStored",
    "SecretPlace",
    "Settings",
    "SettingsFile",
    "TeamAccess",
    "Vault",
    "VaultError",
    "Watch",
    "account_of",
    "authorization_of",
    "check",
    "client_of",
    "needs_secret",
    "new_id",
    "saved_account",
    "saved_base_urls",
    "saved_names",
    "trusted_names",
    "with_choices",
    "with_filter",
    "with_watch",
    "without_filter",
]
