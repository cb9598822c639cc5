"""What the console does, for the window and the terminal alike.

The sandbox stands apart in `ibconsole.services.sandbox`: only the demo loads the simulator.
"""

from ibconsole.archive import Counts, Delivery, Filter, Flags, Reader, Row, StoredMessage
from ibconsole.services.account import Account, account_of
from ibconsole.services.activity import Activity, ActivityLog, Entry, asking
from ibconsole.services.border import Receiving, Setup
from ibconsole.services.browsing import Browsing
from ibconsole.services.console import Console, NoAccount
from ibconsole.services.curl import curl
from ibconsole.services.engine import Engine
from ibconsole.services.listening import DEFAULT_PORT, Heard, ListenerFailed, remembered_path
from ibconsole.services.places import Places, find_places
from ibconsole.services.pulling import PullBusy, PullReport
from ibconsole.services.reading import NoSuchMessage, open_reader
from ibconsole.services.redaction import codes_in, without_codes
from ibconsole.services.status import (
    ArchiveStatus,
    ConnectionStatus,
    ListenerStatus,
    PullStatus,
    Status,
)

__all__ = [
    "DEFAULT_PORT",
    "Account",
    "Activity",
    "ActivityLog",
    "ArchiveStatus",
    "Browsing",
    "ConnectionStatus",
    "Console",
    "Counts",
    "Delivery",
    "Engine",
    "Entry",
    "Filter",
    "Flags",
    "Heard",
    "ListenerFailed",
    "ListenerStatus",
    "NoAccount",
    "NoSuchMessage",
    "Places",
    "PullBusy",
    "PullReport",
    "PullStatus",
    "Reader",
    "Receiving",
    "Row",
    "Setup",
    "Status",
    "StoredMessage",
    "account_of",
    "asking",
    "codes_in",
    "curl",
    "find_places",
    "open_reader",
    "remembered_path",
    "without_codes",
]
