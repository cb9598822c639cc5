"""What the console does, for the window and the terminal alike.

The sandbox stands apart in `ibconsole.services.sandbox`: only the demo loads the simulator.
"""

from ibconsole.archive import Counts, Delivery, Filter, Flags, Reader, Row, StoredMessage
from ibconsole.services.account import Account, account_of
from ibconsole.services.border import AnotherConnection, Receiving, Setup
from ibconsole.services.browsing import Browsing
from ibconsole.services.console import Console, NoAccount
from ibconsole.services.engine import Engine
from ibconsole.services.listening import DEFAULT_PORT, Heard, ListenerFailed, remembered_path
from ibconsole.services.places import Places, find_places
from ibconsole.services.pulling import PullBusy, PullReport
from ibconsole.services.reading import NoSuchMessage, open_reader
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
    "AnotherConnection",
    "ArchiveStatus",
    "Browsing",
    "ConnectionStatus",
    "Console",
    "Counts",
    "Delivery",
    "Engine",
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
    "find_places",
    "open_reader",
    "remembered_path",
]
