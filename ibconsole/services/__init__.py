"""What the console does, for the window and the terminal alike.

The sandbox stands apart in `ibconsole.services.sandbox`: only the demo loads the simulator.
"""

from ibconsole.archive import (
    Counts,
    Delivery,
    Filter,
    Flags,
    Keep,
    Leaving,
    Listing,
    Order,
    Progress,
    Reader,
    Redecoded,
    Row,
    Slice,
    StoredMessage,
    Verification,
)
from ibconsole.services.account import Account, Credential, account_of, saved_account
from ibconsole.services.activity import Activity, ActivityLog, Entry, asking
from ibconsole.services.border import (
    AnotherConnection,
    ForwardTesting,
    Keeping,
    Receiving,
    Setup,
)
from ibconsole.services.browsing import Browsing
from ibconsole.services.caring import Caring
from ibconsole.services.checking import Checked, check
from ibconsole.services.connecting import Connecting
from ibconsole.services.connection import (
    COLOURS,
    AuthorizationKind,
    BadConnection,
    Connection,
    Environment,
    new_id,
)
from ibconsole.services.connections import (
    Connections,
    NoSecret,
    NoSuchConnection,
    free_name,
    needs_secret,
)
from ibconsole.services.console import Console, NoAccount
from ibconsole.services.curl import curl
from ibconsole.services.doctor import Diagnosis, examine
from ibconsole.services.engine import Engine
from ibconsole.services.environment import Finding, look_around
from ibconsole.services.exporting import Export, Exported, Format, Wish
from ibconsole.services.forward_paths import ForwardPaths, ForwardPathsError
from ibconsole.services.forward_testing import (
    SAMPLE,
    BadTest,
    ForwardTest,
    ForwardTester,
    envelope_of,
    from_record,
)
from ibconsole.services.hosts import is_address, is_open
from ibconsole.services.importing import Outcome
from ibconsole.services.importing import in_words as imported_in_words
from ibconsole.services.last_words import last_words
from ibconsole.services.listening import DEFAULT_PORT, Heard, ListenerFailed
from ibconsole.services.logs import Redactor, logging_to
from ibconsole.services.moments import read_moment
from ibconsole.services.places import Places, find_places
from ibconsole.services.program import command_line
from ibconsole.services.pulling import NotRequested, PullBusy, PullReport
from ibconsole.services.reading import NoSuchMessage, open_reader
from ibconsole.services.redaction import codes_in, without_codes
from ibconsole.services.repeating import Ended
from ibconsole.services.rescue import NoRescue, adopt
from ibconsole.services.retaining import keep_in_words, leaving_in_words, read_size
from ibconsole.services.settings import (
    Settings,
    SettingsError,
    SettingsFile,
    SettingsTooNew,
    saved_names,
)
from ibconsole.services.status import (
    ArchiveStatus,
    ConnectionStatus,
    ListenerStatus,
    PullStatus,
    RepeatStatus,
    Status,
)
from ibconsole.services.transferring import Transfers
from ibconsole.services.vault import Keeper, Vault, VaultError
from ibconsole.services.versions import versions

__all__ = [
    "COLOURS",
    "DEFAULT_PORT",
    "SAMPLE",
    "Account",
    "Activity",
    "ActivityLog",
    "AnotherConnection",
    "ArchiveStatus",
    "AuthorizationKind",
    "BadConnection",
    "BadTest",
    "Browsing",
    "Caring",
    "Checked",
    "Connecting",
    "Connection",
    "ConnectionStatus",
    "Connections",
    "Console",
    "Counts",
    "Credential",
    "Delivery",
    "Diagnosis",
    "Ended",
    "Engine",
    "Entry",
    "Environment",
    "Export",
    "Exported",
    "Filter",
    "Finding",
    "Flags",
    "Format",
    "ForwardPaths",
    "ForwardPathsError",
    "ForwardTest",
    "ForwardTester",
    "ForwardTesting",
    "Heard",
    "Keep",
    "Keeper",
    "Keeping",
    "Leaving",
    "ListenerFailed",
    "ListenerStatus",
    "Listing",
    "NoAccount",
    "NoRescue",
    "NoSecret",
    "NoSuchConnection",
    "NoSuchMessage",
    "NotRequested",
    "Order",
    "Outcome",
    "Places",
    "Progress",
    "PullBusy",
    "PullReport",
    "PullStatus",
    "Reader",
    "Receiving",
    "Redactor",
    "Redecoded",
    "RepeatStatus",
    "Row",
    "Settings",
    "SettingsError",
    "SettingsFile",
    "SettingsTooNew",
    "Setup",
    "Slice",
    "Status",
    "StoredMessage",
    "Transfers",
    "Vault",
    "VaultError",
    "Verification",
    "Wish",
    "account_of",
    "adopt",
    "asking",
    "check",
    "codes_in",
    "command_line",
    "curl",
    "envelope_of",
    "examine",
    "find_places",
    "free_name",
    "from_record",
    "imported_in_words",
    "is_address",
    "is_open",
    "keep_in_words",
    "last_words",
    "leaving_in_words",
    "logging_to",
    "look_around",
    "needs_secret",
    "new_id",
    "open_reader",
    "read_moment",
    "read_size",
    "saved_account",
    "saved_names",
    "versions",
    "without_codes",
]
