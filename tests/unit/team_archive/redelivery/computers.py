"""The computers of a team that give messages back, for tests of their claims and ledgers."""

import json
from typing import Any

from ibconsole.team_archive import TeamSession, open_session, register_source
from ibconsole.team_archive.redelivery.claims import ClaimedMessage, RedeliveryClaims
from ibconsole.team_archive.redelivery.standings import OtherLedgers
from tests.postgres import TeamDatabase

URL = "https://customer.example/in"
CODE = "app-1"


class Computer:
    """A computer of an account, by its name; to be closed by the caller."""

    def __init__(self, team: TeamDatabase, name: str, role: str = "operator") -> None:
        self.session: TeamSession = open_session(team.address(role), None, "test")
        self.source = register_source(self.session, f"archive-{name}", name, is_collector=False)
        self.claims = RedeliveryClaims(self.session, self.source)
        self.others = OtherLedgers(self.session, self.source, URL)
        self._items = 0

    def give(self, message_id: str, state: str, *, code: str = CODE, **other: Any) -> None:
        """Ship an item of the ledger, with `entries` of these kinds and contents."""
        self._items += 1
        item = {"url": URL, "changed_at": 1_000, **other}
        entries = item.pop("entries", {})
        self.session.db.execute(
            "INSERT INTO ibconsole.ledger_item (source, number, account, job, kind, url,"
            " message_id, application_code, state, attempts, changed_at, hash)"
            " VALUES (%s, %s, %s, 1, 'give back', %s, %s, %s, %s, 1, %s, '')",
            (
                self.source,
                self._items,
                self.session.account,
                item["url"],
                message_id,
                code,
                state,
                item["changed_at"],
            ),
        )
        for number, (kind, content) in enumerate(entries.items(), start=1):
            text = content if isinstance(content, str) else json.dumps(content)
            self.session.db.execute(
                "INSERT INTO ibconsole.ledger_entry (source, item, number, account, at, kind,"
                " content, hash) VALUES (%s, %s, %s, %s, 1, %s, %s, '')",
                (self.source, self._items, number, self.session.account, kind, text),
            )


def messages(*numbers: int, code: str = CODE) -> list[ClaimedMessage]:
    """Return messages with these ids here, and in their message ids."""
    return [ClaimedMessage(number, f"m{number}", code) for number in numbers]
