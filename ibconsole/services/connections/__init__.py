"""Saved connections: accounts, where their settings and secrets are kept, and the check."""

from ibconsole.services.connections.account import (
    Account,
    account_of,
    authorization_of,
    saved_account,
)
from ibconsole.services.connections.check import CheckResult, check
from ibconsole.services.connections.connection import (
    COLOURS,
    AuthorizationKind,
    BadConnection,
    Connection,
    Environment,
    new_id,
)
from ibconsole.services.connections.settings import Settings, SettingsFile, saved_names
from ibconsole.services.connections.store import Connections, needs_secret
from ibconsole.services.connections.vault import (
    Keeper,
    KeyringLocked,
    KeyringSilent,
    NoKeyring,
    NotKept,
    Vault,
    VaultError,
    trusted_names,
)

__all__ = [
    "COLOURS",
    "Account",
    "AuthorizationKind",
    "BadConnection",
    "CheckResult",
    "Connection",
    "Connections",
    "Environment",
    "Keeper",
    "KeyringLocked",
    "KeyringSilent",
    "NoKeyring",
    "NotKept",
    "Settings",
    "SettingsFile",
    "Vault",
    "VaultError",
    "account_of",
    "authorization_of",
    "check",
    "needs_secret",
    "new_id",
    "saved_account",
    "saved_names",
    "trusted_names",
]
