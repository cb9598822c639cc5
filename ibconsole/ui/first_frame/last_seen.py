"""The record of a closed window from which the first frame of the next start is drawn.

Names, colours and places of panes: no message, no code, no URL and no secret.
"""

import msgspec

MAX_APPLICATIONS = 40  # about as many as a high screen has rows
MAX_AGE_MS = 30 * 24 * 3600 * 1000  # older names say more about the past than about the account
_MAX_NAME = 200  # characters


class Area(msgspec.Struct, frozen=True):
    """A part of the window: its titles, and its rectangle in pixels.

    `rows_top` is the first pixel of the rows of the list in it; 0 if it has no list of names.
    """

    titles: tuple[str, ...]
    left: int
    top: int
    width: int
    height: int
    rows_top: int = 0


class LastSeen(msgspec.Struct, frozen=True):
    """The areas of a window of `size`, and the connection with the names of its applications.

    `at` is the time at which the window was closed, in milliseconds since the epoch. Without a
    saved connection, `connection_id` and all names are empty.
    """

    size: tuple[int, int]
    at: int = 0
    areas: tuple[Area, ...] = ()
    connection_id: str = ""
    connection: str = ""
    environment: str = ""
    colour: str = ""
    applications: tuple[str, ...] = ()

    @property
    def without_names(self) -> "LastSeen":
        """The same without everything that belongs to a connection."""
        return LastSeen(self.size, self.at, self.areas)


def write_last_seen(seen: LastSeen) -> str:
    """Return the text to store; long names and lists are cut."""
    names = tuple(name[:_MAX_NAME] for name in seen.applications[:MAX_APPLICATIONS])
    stored = msgspec.structs.replace(
        seen, applications=names, connection=seen.connection[:_MAX_NAME]
    )
    return msgspec.json.encode(stored).decode()


def read_last_seen(text: str, *, now_ms: int, settings: str) -> LastSeen | None:
    """Read the stored text; None if it is missing or damaged.

    The names are left out if they are too old, or if `settings`, the text of the settings file,
    has the connection no longer.
    """
    try:
        seen = msgspec.json.decode(text, type=LastSeen)
    except msgspec.MsgspecError:
        return None
    is_recent = 0 <= now_ms - seen.at <= MAX_AGE_MS
    if not is_recent or not seen.connection_id or seen.connection_id not in settings:
        return seen.without_names
    return seen
