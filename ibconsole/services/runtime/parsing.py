"""Points in time as people write them."""

import re
from datetime import datetime, timedelta

from ibconsole.errors import UserError

_AGO = re.compile(r"(\d{1,6})([hdw])")
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


class NotAMoment(UserError):
    """This says no point in time."""


def read_moment(text: str, now: datetime | None = None) -> int:
    """Milliseconds since the epoch: of `2026-11-01`, `2026-11-01T12:00Z`, or of `7d` ago.

    Without a zone it is that of this computer. Raises NotAMoment.
    """
    now = now or datetime.now().astimezone()
    try:
        if ago := _AGO.fullmatch(text.strip()):
            moment = now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        else:
            moment = datetime.fromisoformat(text.strip())
        return int(moment.astimezone(moment.tzinfo or now.tzinfo).timestamp() * 1000)
    except (ValueError, OverflowError, OSError):
        raise NotAMoment(
            f"{text!r} is no point in time. Write 2026-11-01, 2026-11-01T12:00Z, or 12h, 7d"
            " or 4w for so long ago."
        ) from None
