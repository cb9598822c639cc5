"""A presenter of teams over a service that answers as a test says."""

import asyncio
from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from ibconsole.errors import UserError
from ibconsole.services.connections import TeamAccess
from ibconsole.services.runtime import ConnectionStatus, Status, TeamLink, TeamState, TeamStatus
from ibconsole.services.team import (
    CheckState,
    SeenTeam,
    SetAsideRow,
    TeamCheck,
    TeamExamination,
)
from ibconsole.team_archive import (
    Capability,
    SearchSupport,
    TeamAddress,
    TeamOverview,
    TeamSource,
)
from ibconsole.team_archive.pulling import PullHolder
from ibconsole.ui.team.presenter import TeamPresenter
from ibconsole.ui.toolkit import Theme, TimeDisplay, UiTasks

NOW = 1_790_000_400_000
ACCESS = TeamAccess(TeamAddress("postgresql://db.example/inbound", "acme"))
LINK = TeamLink(
    "db.example/inbound", "acme", ("u1",), state=TeamState.SHIPPING, since=NOW, waiting=2
)
OTHER = TeamLink("db.example/inbound", "globex", ("u2",), state=TeamState.AWAY, problem="Away.")
SEEN = SeenTeam(
    ACCESS,
    TeamOverview(
        user="anna",
        server="15.14",
        at=NOW,
        version=1,
        search_support=SearchSupport.TRIGRAMS,
        capabilities=frozenset({Capability.OPERATOR}),
        sources=(
            TeamSource("anna@desk", "a", "1.2", NOW - 9, NOW - 60_000, 2, NOW - 120_000),
            TeamSource("eu-1", "b", "1.2", NOW - 9, NOW, is_collector=True),
        ),
    ),
    PullHolder(3, "eu-1", "eu-1 (process 7)", is_collector=True, since=NOW),
)
GOOD = TeamCheck("Tables", CheckState.OK, "They have version 1.")
BAD = TeamCheck("Clock", CheckState.PROBLEM, "The clocks differ.", "Correct the wrong one.")
UNKNOWN = TeamCheck("Members", CheckState.UNKNOWN, "Not permitted.")
EXAMINATION = TeamExamination(ACCESS.address, (GOOD, UNKNOWN, BAD), NOW)
REFUSED = SetAsideRow("u1", "delivery", 7, NOW, "invalid byte sequence", NOW)


class FakeTeams:
    """Answers as set, and notes what was asked."""

    def __init__(self) -> None:
        self.answer: SeenTeam | UserError = SEEN
        self.refused: Sequence[SetAsideRow] = ()
        self.forbidden: Sequence[str] = ()
        self.asked: list[str] = []
        self.examined: list[str] = []
        self.examination: TeamExamination | UserError = EXAMINATION
        self.silent = False
        self.answers = asyncio.Event()
        self.answers.set()

    async def objections(self) -> Sequence[str]:
        return self.forbidden

    async def look(self, connection: str) -> SeenTeam:
        self.asked.append(connection)
        if self.silent:
            await asyncio.Event().wait()
        if isinstance(self.answer, UserError):
            raise self.answer
        return self.answer

    async def examine(self, connection: str) -> TeamExamination:
        self.examined.append(connection)
        await self.answers.wait()
        if isinstance(self.examination, UserError):
            raise self.examination
        return self.examination

    async def set_aside(self, connections: Sequence[str]) -> Sequence[SetAsideRow]:
        return [row for row in self.refused if row.connection in connections]

    async def retry_set_aside(self) -> None:
        self.refused = ()


class TeamHarness:
    """The presenter, its service and what it said."""

    def __init__(self, theme: Theme, tasks: UiTasks, window: QWidget) -> None:
        self.service = FakeTeams()
        self.tasks = tasks
        self.presenter = TeamPresenter(self.service, tasks, theme, window, TimeDisplay(window))
        self.notices: list[str] = []
        self.presenter.notice_raised.connect(lambda _, sentence: self.notices.append(sentence))

    def show(self, *links: TeamLink, connection: str = "") -> None:
        """Show a status with these ways to teams."""
        status = Status(connection=ConnectionStatus(id=connection), team=TeamStatus(links))
        self.presenter.show_status(status)
