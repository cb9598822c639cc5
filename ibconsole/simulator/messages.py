"""The generator of messages as the platform describes them (platform.md §3), in its spelling."""

from datetime import UTC, datetime, timedelta
from typing import Any

from ibconsole.simulator.phrases import BUTTON_TAPS, KEYWORDS, LONG_TEXT, PHRASES
from ibconsole.simulator.random_ids import RandomIds

# Every 50th message repeats an earlier one, as retries on the platform's side do.
REPEAT_INTERVAL = 50
_SENDERS_PER_APPLICATION = 40


class MessageGenerator:
    """Generates the messages of app users; a seed determines them."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._source = RandomIds(seed, "messages")
        self._count = 0
        self._latest: dict[str, dict[str, Any]] = {}

    def generate(self, application_code: str, at: datetime) -> dict[str, Any]:
        """Return a new message to an application, or occasionally its latest one again.

        Every field except those that the contract requires may be missing or null.
        """
        self._count += 1
        message = self._latest.get(application_code)
        if message is None or self._count % REPEAT_INTERVAL:
            message = self._compose(application_code, at)
            self._latest[application_code] = message
        return dict(message)

    def _compose(self, application_code: str, at: datetime) -> dict[str, Any]:
        source = self._source
        sender, subscriber = self._choose_sender(application_code)
        message: dict[str, Any] = {
            "messageId": source.message_id(),
            "from": sender,
            "to": application_code,
            "applicationCode": application_code,
            "receivedAt": format_timestamp(at),
            **_compose_text(source),
        }
        if subscriber:
            message["subscriberId"] = subscriber
        if source.random() < 0.35:
            message["pairedMessageId"] = source.message_id()
            message["initialMessageId"] = message["pairedMessageId"]
        if source.random() < 0.1:
            message["bulkId"] = source.key()
        for name in ("keyword", "customPayload", "pairedMessageId", "callbackData"):
            if name not in message and source.random() < 0.3:
                message[name] = None
        return message

    def _choose_sender(self, application_code: str) -> tuple[str, str]:
        """Choose an installation of the app; return its ID and a subscriber ID ("" if none)."""
        number = self._source.randrange(_SENDERS_PER_APPLICATION)
        person = RandomIds(self._seed, f"{application_code}/{number}")
        sender = person.uuid().upper()
        return sender, str(person.randrange(100, 10**9)) if person.random() < 0.6 else ""


def format_timestamp(at: datetime) -> str:
    """Format a time as the platform does: `2017-01-05T12:47:56.221+0000`."""
    utc = at.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}+0000"


def spread_times(count: int, until: datetime, hours: float = 40) -> list[datetime]:
    """Return `count` times, evenly spread over the hours before `until`, oldest first."""
    step = timedelta(hours=hours) / max(count, 1)
    return [until - step * (count - index) for index in range(count)]


def _compose_text(source: RandomIds) -> dict[str, Any]:
    share = source.random()
    if share < 0.2:
        keyword, rest = source.choice(KEYWORDS)
        return {"text": f"{keyword} {rest}".strip(), "cleanText": rest, "keyword": keyword}
    if share < 0.4:
        text, payload = source.choice(BUTTON_TAPS)
        return {"text": text, "cleanText": text, "customPayload": payload}
    text = LONG_TEXT if share > 0.98 else source.choice(PHRASES)
    return {"text": text, "cleanText": text}
