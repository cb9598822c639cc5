"""The dialog before a pull: how many messages, of which account, once or repeatedly."""

from collections.abc import Sequence
from enum import StrEnum

import msgspec
from msgspec.structs import replace
from PySide6.QtWidgets import QComboBox, QFormLayout, QSpinBox, QWidget

from ibconsole.services.connections import Environment
from ibconsole.services.runtime import Status
from ibconsole.ui.toolkit import SPACE, Theme
from ibconsole.ui.widgets import ConfirmDialog, Question

MAX_LIMIT = 1000
_MAX_TOTAL = 1_000_000
_INTERVALS = {10: "10 s", 30: "30 s", 60: "1 min", 300: "5 min", 900: "15 min"}
_CONSEQUENCE = (
    "The platform hands out each message only once: no other client of this account will get what"
    " is pulled here, and this cannot be undone. The messages are written to this computer's disk"
    " before they are shown."
)
_COMPETING = (
    " Another ibconsole on this computer pulls from this account: each message goes to the one that"
    " asks first."
)
_BY_COLLECTOR = (
    "The platform hands out each message only once; this cannot be undone. Your team's collector"
    " pulls the messages and stores them; they appear in the team's record."
)
_MAX_LISTED = 6


class PullMode(StrEnum):
    """One pull, or repeated pulls until nothing waits or the user stops them."""

    ONCE = "once"
    UNTIL_EMPTY = "until empty"
    AUTO = "auto"


class PullOptions(msgspec.Struct, frozen=True):
    """A pull of up to `limit` messages, or repeated ones.

    Pulling until nothing waits ends after `max_messages` messages; automatic pulls are
    `interval` seconds apart while nothing waits.
    """

    mode: PullMode
    limit: int
    max_messages: int = 1000
    interval: int = 30


class PullDialog(ConfirmDialog):
    """Asks for confirmation of a pull, and lets its numbers be changed.

    `pullers` are the names of the applications that are known to have a PULL action, and
    `collector` is the one of a team that would be asked to pull.
    """

    def __init__(
        self,
        status: Status,
        options: PullOptions,
        pullers: Sequence[str],
        theme: Theme,
        parent: QWidget | None = None,
        *,
        collector: str = "",
    ) -> None:
        self._options = options
        self.limit = QSpinBox(minimum=1, maximum=MAX_LIMIT, value=options.limit)
        self.max_messages = QSpinBox(minimum=1, maximum=_MAX_TOTAL, value=options.max_messages)
        for number in (self.limit, self.max_messages):
            number.setGroupSeparatorShown(True)
        self.interval = QComboBox()
        for seconds, label in _INTERVALS.items():
            self.interval.addItem(label, seconds)
        self.interval.setCurrentIndex(max(self.interval.findData(options.interval), 0))
        super().__init__(
            _question(status, options, pullers, collector),
            theme,
            parent,
            extra=self._fields(options.mode),
        )

    @property
    def options(self) -> PullOptions:
        """The options as chosen in the dialog."""
        return replace(
            self._options,
            limit=self.limit.value(),
            max_messages=self.max_messages.value(),
            interval=int(self.interval.currentData()),
        )

    def _fields(self, mode: PullMode) -> QWidget:
        fields = QWidget()
        form = QFormLayout(fields)
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(3 * SPACE)
        rows: dict[str, QSpinBox | QComboBox] = {
            "At most" if mode is PullMode.ONCE else "Batches of": self.limit
        }
        if mode is PullMode.UNTIL_EMPTY:
            rows["Total at most"] = self.max_messages
        if mode is PullMode.AUTO:
            rows["When none wait, ask every"] = self.interval
        for name, field in rows.items():
            field.setAccessibleName(name)
            field.setMaximumWidth(30 * SPACE)
            form.addRow(name, field)
        for unused in {self.limit, self.max_messages, self.interval}.difference(rows.values()):
            unused.setParent(fields)
            unused.hide()
        return fields


def _question(
    status: Status, options: PullOptions, pullers: Sequence[str], collector: str
) -> Question:
    connection = status.connection
    production = connection.environment == Environment.PRODUCTION
    facts = (
        ("Account", connection.account),
        ("Applications", _describe_sources(pullers)),
        ("Pulled by", collector),
        ("Stored in", "" if collector else status.archive.path),
        ("Also pulling", status.other_puller),
    )
    title, verb, addition = {
        PullMode.ONCE: (f"Pull from {connection.name}?", "Pull", ""),
        PullMode.UNTIL_EMPTY: (
            f"Pull all waiting messages from {connection.name}?",
            "Pull all waiting messages",
            " It can be stopped between two batches, and ends at the first incomplete answer.",
        ),
        PullMode.AUTO: (
            f"Pull from {connection.name} automatically?",
            "Pull automatically",
            " Every message of this account is pulled here until you stop it, switch the connection"
            " or close the window. It never starts by itself.",
        ),
    }[options.mode]
    consequence = _CONSEQUENCE + addition + (_COMPETING if status.other_puller else "")
    return Question(
        title=title,
        facts=tuple((name, value) for name, value in facts if value),
        consequence=_BY_COLLECTOR if collector else consequence,
        verb="Ask to pull" if collector else verb,
        # A read-only account was unlocked with its name just now.
        typed=connection.name if production and not connection.is_read_only else "",
    )


def _describe_sources(pullers: Sequence[str]) -> str:
    if not pullers:
        return "every application visible to the key whose messages wait for a pull"
    named = ", ".join(pullers[:_MAX_LISTED])
    more = f" and {len(pullers) - _MAX_LISTED:,} more" if len(pullers) > _MAX_LISTED else ""
    have = "it has" if len(pullers) == 1 else "they have"
    return f"{named}{more} ({have} a PULL action), and others not known here"
