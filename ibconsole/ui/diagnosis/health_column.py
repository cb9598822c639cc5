"""The column "Health" of the applications: its texts, its order, and the icon before each."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from operator import attrgetter

from PySide6.QtCore import QModelIndex, QPersistentModelIndex
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from ibconsole.clock import now_ms
from ibconsole.errors import Severity
from ibconsole.model import Application
from ibconsole.plural import counted
from ibconsole.services.diagnosis import ApplicationHealth, HealthReport, HealthState, Level
from ibconsole.ui.tables import CHUNK, Column, RecordRole, Steps
from ibconsole.ui.toolkit import Theme, severity_icon, times

_WORDS = {Level.ERROR: "Error", Level.WARNING: "Warning", Level.NOTE: "Note"}
# No configuration, no action, and a forward without a URL: a message has nowhere to go.
_NO_ROUTE = frozenset({1001, 1002, 1009})
_OLD = 15 * 60_000  # ms, after which the age is shown in the cell


class HealthGroup(StrEnum):
    """The groups of applications that the chips above the list count and show."""

    NO_ROUTE = "no route"
    FAILING = "failing"
    WARNING = "warning"
    NOT_CHECKED = "not checked"


def group_of(health: ApplicationHealth | None) -> HealthGroup | None:
    """Return the group of an application; None if nothing has to be done about it."""
    if health is None:
        return HealthGroup.NOT_CHECKED
    return _group(health.level, health.numbers)


def _group(level: Level | None, numbers: Sequence[int]) -> HealthGroup | None:
    if not _NO_ROUTE.isdisjoint(numbers):
        return HealthGroup.NO_ROUTE
    if level is Level.ERROR:
        return HealthGroup.FAILING
    return HealthGroup.WARNING if level is Level.WARNING else None


class HealthBook:
    """The latest health, as the list of applications shows it. `now` returns the time."""

    def __init__(self, now: Callable[[], int] = now_ms) -> None:
        self.report = HealthReport()
        self._now = now

    @property
    def column(self) -> Column[Application]:
        """The column, which always shows the latest report."""
        return Column("Health", self.text, sort_key=self.sort_key, tooltip=self.tooltip)

    def of(self, application: Application) -> ApplicationHealth | None:
        """Return the health of an application; None if it was not checked."""
        return self.report.applications.get(application.code)

    def text(self, application: Application) -> str:
        """Return the worst severity and the number of findings, and the age if it is old."""
        health = self.of(application)
        if health is None:
            filling = self.report.state is HealthState.FILLING
            return "Checking…" if filling else "Not checked yet"
        words = [f"{_WORDS[health.level]} · {health.findings}" if health.level else "No findings"]
        if health.muted:
            words.append(f"{health.muted} muted")
        now = self._now()
        if now - health.read_at > _OLD:
            words.append(times.age(health.read_at, now))
        return " · ".join(words)

    def tooltip(self, application: Application) -> str:
        """Return the worst finding, the numbers, and when the application was checked."""
        health = self.of(application)
        if health is None:
            return f"{self.text(application)}. Nothing is known about its health."
        counts = counted(health.findings, "finding")
        counts += f", {health.muted} muted" if health.muted else ""
        checked = f"Checked {times.age(health.read_at, self._now())}, {times.exact(health.read_at)}"
        return "\n".join(filter(None, (health.sentence, counts, checked)))

    def sort_key(self, application: Application) -> tuple[int, int]:
        """Sort the worst first, and what was not checked last."""
        health = self.of(application)
        if health is None:
            return len(Level) + 1, 0
        return (health.level.rank if health.level else len(Level)), -health.findings

    def severity(self, application: Application) -> Severity:
        """Return the style of the icon."""
        health = self.of(application)
        if health is None:
            return Severity.MUTED
        return health.level.severity if health.level else Severity.OK

    def group(self, application: Application) -> HealthGroup | None:
        """Return the group of an application; see `group_of`."""
        return group_of(self.of(application))

    def counts(
        self, applications: Sequence[Application]
    ) -> Steps[Mapping[HealthGroup | None, int]]:
        """Return the number of applications of each group, in steps.

        Counted by kinds, of which there are few: calling `group` for each takes thrice as long.
        """
        health = self.report.applications.get
        kinds: Counter[tuple[Level | None, tuple[int, ...]]] = Counter()
        for start in range(0, len(applications), CHUNK):
            if start:
                yield
            codes = map(attrgetter("code"), applications[start : start + CHUNK])
            known = filter(None, map(health, codes))
            kinds.update(map(attrgetter("level", "numbers"), known))
        groups: Counter[HealthGroup | None] = Counter()
        groups[HealthGroup.NOT_CHECKED] = len(applications) - kinds.total()
        for (level, numbers), count in kinds.items():
            groups[_group(level, numbers)] += count
        return groups


class HealthCells(QStyledItemDelegate):
    """Paints the icon of the worst severity before the text, which says the same in words."""

    def __init__(self, book: HealthBook, theme: Theme) -> None:
        super().__init__()
        self._book = book
        self._theme = theme

    # Qt's side

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        application = index.data(RecordRole)
        if isinstance(application, Application) and self._book.of(application):
            option.icon = severity_icon(self._book.severity(application), self._theme)
            option.features |= QStyleOptionViewItem.ViewItemFeature.HasDecoration
