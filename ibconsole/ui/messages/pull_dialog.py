"""What is asked before messages are taken: how many, from whom, and whether to go on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from PySide6.QtWidgets import QComboBox, QFormLayout, QSpinBox, QWidget

from ibconsole.services.runtime import Status
from ibconsole.ui.toolkit import SPACE, Theme
from ibconsole.ui.widgets import ConfirmDialog, Question

_LARGEST_BATCH = 1000
_MOST = 1_000_000
_INTERVALS = {10: "10 s", 30: "30 s", 60: "1 min", 300: "5 min", 900: "15 min"}
_FOR_EVERYBODY = (
    "The platform hands out each message once, ever, and this takes it for everybody: whoever"
    " else pulls on this account will not get it. There is no way back. The messages are on this"
    " computer's disk before anything is shown."
)
_NAMED = 6


class Repeat(Enum):
    """How often to pull."""

    ONCE = "once"
    UNTIL_EMPTY = "until empty"
    AUTO = "auto"


@dataclass(frozen=True, slots=True)
class PullWish:
    """What the user wants: batches of up to `limit`, `most` messages in all, every `interval` s."""

    repeat: Repeat
    limit: int
    most: int = 1000
    interval: int = 30


class PullDialog(ConfirmDialog):
    """Asks before a pull, and lets its numbers be chosen.

    `pullers` are the names of applications of which it is known that their messages wait
    for a pull.
    """

    def __init__(
        self,
        status: Status,
        wish: PullWish,
        pullers: Sequence[str],
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        self._wish = wish
        self.limit = QSpinBox(minimum=1, maximum=_LARGEST_BATCH, value=wish.limit)
        self.most = QSpinBox(minimum=1, maximum=_MOST, value=wish.most)
        self.most.setGroupSeparatorShown(True)
        self.interval = QComboBox()
        for seconds, words in _INTERVALS.items():
            self.interval.addItem(words, seconds)
        self.interval.setCurrentIndex(max(self.interval.findData(wish.interval), 0))
        super().__init__(
            _question(status, wish, pullers), theme, parent, extra=self._fields(wish.repeat)
        )

    @property
    def wish(self) -> PullWish:
        """What was chosen."""
        return replace(
            self._wish,
            limit=self.limit.value(),
            most=self.most.value(),
            interval=int(self.interval.currentData()),
        )

    def _fields(self, repeat: Repeat) -> QWidget:
        fields = QWidget()
        form = QFormLayout(fields)
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(3 * SPACE)
        rows: dict[str, QSpinBox | QComboBox] = {
            "At most" if repeat is Repeat.ONCE else "Batches of": self.limit
        }
        if repeat is Repeat.UNTIL_EMPTY:
            rows["In all at most"] = self.most
        if repeat is Repeat.AUTO:
            rows["While nothing waits, every"] = self.interval
        for name, field in rows.items():
            field.setAccessibleName(name)
            field.setMaximumWidth(30 * SPACE)
            form.addRow(name, field)
        for unused in {self.limit, self.most, self.interval}.difference(rows.values()):
            unused.setParent(fields)
            unused.hide()
        return fields


def _question(status: Status, wish: PullWish, pullers: Sequence[str]) -> Question:
    connection = status.connection
    facts = (
        ("Account", f"{connection.name}, {connection.base_url}"),
        ("Takes from", _takes_from(pullers)),
        ("Keeps them in", status.archive.path),
    )
    title, verb, going_on = {
        Repeat.ONCE: (f"Pull from {connection.name}?", "Pull", ""),
        Repeat.UNTIL_EMPTY: (
            f"Pull from {connection.name} until nothing waits?",
            "Pull until nothing waits",
            " It can be stopped between two batches, and ends at the first answer that is not"
            " whole.",
        ),
        Repeat.AUTO: (
            f"Pull from {connection.name} automatically?",
            "Pull automatically",
            " From now on every message of this account comes here, until this is switched off,"
            " another connection is taken or the window is closed. It never starts by itself.",
        ),
    }[wish.repeat]
    return Question(
        title=title,
        facts=tuple((name, value) for name, value in facts if value),
        consequence=_FOR_EVERYBODY + going_on,
        verb=verb,
        typed=connection.name if connection.environment == "production" else "",
    )


def _takes_from(pullers: Sequence[str]) -> str:
    if not pullers:
        return "every application that the key sees and whose messages wait for a pull"
    named = ", ".join(pullers[:_NAMED])
    more = f" and {len(pullers) - _NAMED:,} more" if len(pullers) > _NAMED else ""
    return f"{named}{more} (they have a PULL action), and others that are not known here"
