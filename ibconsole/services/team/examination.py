"""The examination of a team's archive: every check of it, each with what to do about a problem.

`ibconsole team doctor` and the window's dialog of the team show the same one.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from ibconsole.clock import now_ms
from ibconsole.plural import counted
from ibconsole.services.connections import TeamAccess
from ibconsole.services.team.checking import ask_team
from ibconsole.team_archive import (
    PasswordRequired,
    TeamAddress,
    TeamArchiveError,
    TeamConnection,
    TeamNotPrepared,
    TeamTooNew,
    TeamUnavailable,
)
from ibconsole.team_archive.administration import CheckState, TeamCheck, check_archive

EXAMINATION_TIMEOUT = 30.0  # seconds for all checks together
_AWAY = (
    "Look whether the server runs, and whether this computer can reach it. What is received"
    " meanwhile waits on this disk, and is shipped later."
)
_WORDS = {CheckState.OK: "ok", CheckState.PROBLEM: "PROBLEM", CheckState.UNKNOWN: "unknown"}


class TeamExamination(msgspec.Struct, frozen=True):
    """The checks of a team's archive in their order, made at the time `at` (ms since the epoch).

    `needs_password` is true if the server asked for a password that was not known.
    """

    address: TeamAddress
    checks: tuple[TeamCheck, ...]
    at: int
    needs_password: bool = False

    @property
    def healthy(self) -> bool:
        """True if every check was made, and found no problem."""
        return all(check.good for check in self.checks)

    @property
    def sentence(self) -> str:
        """The number of checks and of problems."""
        states = [check.state for check in self.checks]
        problems, unknown = states.count(CheckState.PROBLEM), states.count(CheckState.UNKNOWN)
        parts = [counted(problems, "problem") if problems else "no problem"]
        if unknown:
            parts.append(f"{unknown:,} not known")
        return f"{counted(len(states), 'check')}: {', '.join(parts)}."

    @property
    def report(self) -> str:
        """The checks as lines of text, without a secret."""
        address = self.address
        name = f"{address.account} in {address.label}" if address.account else address.label
        at = datetime.fromtimestamp(self.at / 1000).astimezone().isoformat(timespec="seconds")
        lines = [f"Team's archive: {name}", f"Checked at {at}: {self.sentence}"]
        return "\n".join([*lines, *map(check_line, self.checks)])


def check_line(check: TeamCheck) -> str:
    """Return a check as a line of text."""
    remedy = f" {check.remedy}" if check.remedy else ""
    return f"{_WORDS[check.state]:7}  {check.name}: {check.sentence}{remedy}"


async def examine_team(
    access: TeamAccess, *, seconds: float = EXAMINATION_TIMEOUT
) -> TeamExamination:
    """Make every check of a team's archive within that many seconds; changes nothing.

    Never raises a TeamArchiveError: that nothing could be checked is a problem, and what was found
    before the archive was lost stays.
    """
    address, found = access.address, list[TeamCheck]()

    def check(db: TeamConnection) -> None:
        sentence = f"{db.info.user} reaches {address.label}."
        found.append(TeamCheck("Connection", CheckState.OK, sentence))
        for one in check_archive(db, address):
            found.append(one)

    try:
        await ask_team(access, check, seconds=seconds)
    except TeamArchiveError as error:
        made = tuple(found)
        needs_password = isinstance(error, PasswordRequired)
        checks = (*made, *_failed(access, error, made))
        return TeamExamination(address, checks, now_ms(), needs_password)
    return TeamExamination(address, tuple(found), now_ms())


def _failed(
    access: TeamAccess, error: TeamArchiveError, found: Sequence[TeamCheck]
) -> list[TeamCheck]:
    """Return the checks that say why there are no more."""
    is_away = isinstance(error, TeamUnavailable)
    name, sentence, remedy = "Connection", str(error), _AWAY if is_away else ""
    if found:
        name = "Tables" if isinstance(error, TeamNotPrepared | TeamTooNew) else "Answer"
    if found and is_away:
        sentence = f"{sentence} Nothing was checked after “{found[-1].name}”."
    failed = [TeamCheck(name, CheckState.PROBLEM, sentence, remedy)]
    if access.problem and not found:
        failed.append(TeamCheck("Password", CheckState.PROBLEM, access.problem))
    return failed
