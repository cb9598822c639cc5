"""Makes messages as the platform describes them (platform.md §3), in its spelling."""

from datetime import UTC, datetime, timedelta
from typing import Any

from ibconsole.simulator.phrases import KEYWORDS, LONG, PHRASES, TAPS
from ibconsole.simulator.random_ids import RandomIds, chance, key_of, message_id_of, uuid_of

# One message in so many repeats an earlier one, as retries on the platform's side do.
REPEAT = 50
_PEOPLE = 40


class Writer:
    """People with an app installed, who write to it. The same seed writes the same messages."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._source = chance(seed, "messages")
        self._made = 0
        self._latest: dict[str, dict[str, Any]] = {}

    def write(self, application_code: str, at: datetime) -> dict[str, Any]:
        """A message to an application; now and then its latest one once more.

        Every field may be missing or null except those that the contract requires.
        """
        self._made += 1
        message = self._latest.get(application_code)
        if message is None or self._made % REPEAT:
            message = self._compose(application_code, at)
            self._latest[application_code] = message
        return dict(message)

    def _compose(self, application_code: str, at: datetime) -> dict[str, Any]:
        source = self._source
        sender, subscriber = self._person(application_code)
        message: dict[str, Any] = {
            "messageId": message_id_of(source),
            "from": sender,
            "to": application_code,
            "applicationCode": application_code,
            "receivedAt": timestamp(at),
            **_words(source),
        }
        if subscriber:
            message["subscriberId"] = subscriber
        if source.random() < 0.35:
            message["pairedMessageId"] = message_id_of(source)
            message["initialMessageId"] = message["pairedMessageId"]
        if source.random() < 0.1:
            message["bulkId"] = key_of(source)
        for name in ("keyword", "customPayload", "pairedMessageId", "callbackData"):
            if name not in message and source.random() < 0.3:
                message[name] = None
        return message

    def _person(self, application_code: str) -> tuple[str, str]:
        """One of the app's installations, and its subscriber's id where one was given."""
        number = self._source.randrange(_PEOPLE)
        person = chance(self._seed, f"{application_code}/{number}")
        sender = uuid_of(person).upper()
        return sender, str(person.randrange(100, 10**9)) if person.random() < 0.6 else ""


def timestamp(at: datetime) -> str:
    """A moment as the platform writes it: `2017-01-05T12:47:56.221+0000`."""
    utc = at.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}+0000"


def spread(count: int, until: datetime, hours: float = 40) -> list[datetime]:
    """So many moments, evenly over the hours before, oldest first."""
    step = timedelta(hours=hours) / max(count, 1)
    return [until - step * (count - index) for index in range(count)]


def _words(source: RandomIds) -> dict[str, Any]:
    dice = source.random()
    if dice < 0.2:
        keyword, rest = source.choice(KEYWORDS)
        return {"text": f"{keyword} {rest}".strip(), "cleanText": rest, "keyword": keyword}
    if dice < 0.4:
        text, payload = source.choice(TAPS)
        return {"text": text, "cleanText": text, "customPayload": payload}
    text = LONG if dice > 0.98 else source.choice(PHRASES)
    return {"text": text, "cleanText": text}
