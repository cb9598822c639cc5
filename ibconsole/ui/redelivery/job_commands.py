"""The commands on a job and its messages, and what is asked before a decision about them."""

from collections.abc import Callable, Sequence

import msgspec
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QWidget

from ibconsole.plural import counted
from ibconsole.services.redelivery import (
    Decision,
    ItemState,
    LedgerItem,
    RedeliveryRow,
    RedeliveryState,
)
from ibconsole.ui.redelivery.jobs_table import describe_counts, kind_of, shown_url_of
from ibconsole.ui.toolkit import Command, Group, Shortcut, Theme
from ibconsole.ui.widgets import ConfirmDialog, Question, open_dialog

_NO_JOB = "No job is selected."
_NO_UNKNOWN = "No message of this job is unknown."
_NO_UNDELIVERED = "No message of this job is undelivered."
_NONE_LEFT = "No message of this job is undelivered or unknown."
_NO_ITEM = "No message is selected."
_SEVERAL = "Several messages are selected."
_NOT_RUNNING = "The job is not running."
ENDED = frozenset({RedeliveryState.FINISHED, RedeliveryState.CANCELLED})
ACTIVE = frozenset({RedeliveryState.RUNNING, RedeliveryState.PREPARING})
_QUESTIONS = {
    Decision.RESEND: (
        "Send {} again?",
        "An unknown one was sent and may have been delivered although no whole answer came. The"
        " endpoint may get it twice, with the same messageId; what is sent cannot be taken back."
        " Acknowledged ones are left out.",
        "Send again",
    ),
    Decision.ACCEPT: (
        "Count {} as delivered?",
        "No answer proves that the endpoint has an unknown one. It is sent again neither by this"
        " job nor by one that gives back what is missing; the ledger records your decision.",
        "Count as delivered",
    ),
}
_CANCEL = (
    "What was acknowledged stays so, and requests under way are finished. Messages that wait are"
    " not sent; a later job can send them."
)


class DecisionRequest(msgspec.Struct, frozen=True):
    """A decision of the user about messages of a job: these items, or all in a state if None."""

    job: int
    decision: Decision
    items: tuple[int, ...] | None = None
    state: ItemState = ItemState.UNKNOWN


class JobTargets(msgspec.Struct, frozen=True):
    """The job, the messages and the answers that commands are about, as they are selected."""

    row: RedeliveryRow | None = None
    ids: Sequence[int] = ()
    items: Sequence[LedgerItem] = ()
    answers: tuple[int, int] | None = None


class JobCommands(QObject):
    """The commands of the Redelivery tab; `targets` returns what is selected.

    Ids of jobs are carried by the first three signals, a DecisionRequest, a pair of ids of answers
    and the id of a message by the others. `update` is to be called when the selection changes.
    """

    pause_requested = Signal(int)
    resume_requested = Signal(int)
    cancel_requested = Signal(int)
    decision_requested = Signal(object)
    compare_requested = Signal(object)
    message_requested = Signal(int)

    def __init__(
        self,
        targets: Callable[[], JobTargets],
        copy_rows: Callable[[], object],
        theme: Theme,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._targets = targets
        self._theme = theme
        self._pane = parent
        self.pause = self._command("Pause the job", self._on_pause)
        self.resume = self._command("Resume the job", self._on_resume)
        self.cancel = self._command("Cancel the job…", self._on_cancel)
        self.send_again = self._decision("Send the selected messages again…", Decision.RESEND)
        self.accept = self._decision(
            "Count the selected unknown messages as delivered…", Decision.ACCEPT
        )
        self.send_all_again = self._decision(
            "Send all unknown messages of the job again…", Decision.RESEND, every=True
        )
        self.retry_all = self._command(
            "Send all undelivered messages of the job again", self._on_retry_all
        )
        self.accept_all = self._decision(
            "Count all unknown messages of the job as delivered…", Decision.ACCEPT, every=True
        )
        self.compare = self._command("Compare two answers…", self._on_compare)
        self.show_message = self._command("Show the message", self._on_show_message)
        self.copy_row = self._command(
            "Copy row of the job", copy_rows, shortcut=QKeySequence.StandardKey.Copy
        )

    @property
    def on_job(self) -> tuple[Command, ...]:
        """The commands on a job."""
        return (
            self.pause,
            self.resume,
            self.cancel,
            self.retry_all,
            self.send_all_again,
            self.accept_all,
        )

    @property
    def on_items(self) -> tuple[Command, ...]:
        """The commands on messages of a job."""
        return self.show_message, self.compare, self.send_again, self.accept, self.copy_row

    def update(self) -> None:
        """Disable what cannot be done with the selection, with the reason."""
        found = self._targets()
        row, selected = found.row, len(found.ids)
        none = "" if row else _NO_JOB
        state = row.job.state if row else None
        ended = "It has ended." if state in ENDED else ""
        self.pause.set_disabled_reason(none or ("" if state in ACTIVE else _NOT_RUNNING))
        running = "It is running." if state in ACTIVE else ""
        self.resume.set_disabled_reason(none or ended or running)
        self.cancel.set_disabled_reason(none or ended)
        unknown = none or ("" if row and row.counts.unknown else _NO_UNKNOWN)
        for command in (self.send_all_again, self.accept_all):
            command.set_disabled_reason(unknown)
        undelivered = bool(row and (row.counts.undelivered or row.counts.unknown))
        open_ones = none or ("" if undelivered else _NONE_LEFT)
        no_item = "" if selected else _NO_ITEM
        self.send_again.set_disabled_reason(open_ones or no_item)
        self.retry_all.set_disabled_reason(
            none or ("" if row and row.counts.undelivered else _NO_UNDELIVERED)
        )
        self.accept.set_disabled_reason(unknown or no_item)
        self.copy_row.set_disabled_reason("" if selected else _NO_ITEM)
        self.show_message.set_disabled_reason(
            _NO_ITEM if not selected else _SEVERAL if selected > 1 else ""
        )
        self.compare.set_disabled_reason(
            "" if found.answers else "Select two answers, or two messages that have one."
        )

    def _on_pause(self) -> None:
        if row := self._targets().row:
            self.pause_requested.emit(row.id)

    def _on_resume(self) -> None:
        if row := self._targets().row:
            self.resume_requested.emit(row.id)

    def _on_cancel(self) -> None:
        row = self._targets().row
        if row is None:
            return
        question = Question(
            title="Cancel this job?",
            consequence=_CANCEL,
            verb="Cancel the job",
            facts=(*_facts(row), ("Messages", describe_counts(row))),
        )
        self._ask(question, lambda: self.cancel_requested.emit(row.id))

    def _on_retry_all(self) -> None:
        # Not asked: for certain, the endpoint has refused them or did not get them.
        if row := self._targets().row:
            self.decision_requested.emit(
                DecisionRequest(row.id, Decision.RESEND, state=ItemState.UNDELIVERED)
            )

    def _decide(self, decision: Decision, *, every: bool) -> None:
        found = self._targets()
        row = found.row
        if row is None:
            return
        request = DecisionRequest(row.id, decision, None if every else tuple(found.ids))
        title, consequence, verb = _QUESTIONS[decision]
        which = counted(row.counts.unknown, "unknown message")
        if every and row.counts.unknown > 1:
            which = f"all {which}"
        if not every:
            which = counted(len(found.ids), "selected message", "selected messages")
        question = Question(
            title=title.format(which),
            consequence=consequence,
            verb=verb,
            facts=_facts(row),
        )
        self._ask(question, lambda: self.decision_requested.emit(request))

    def _on_compare(self) -> None:
        if answers := self._targets().answers:
            self.compare_requested.emit(answers)

    def _on_show_message(self) -> None:
        for item in self._targets().items[:1]:
            self.message_requested.emit(item.message)

    def _ask(self, question: Question, then: Callable[[], object]) -> None:
        dialog = ConfirmDialog(question, self._theme, self._pane.window())
        dialog.accepted.connect(then)
        open_dialog(dialog)

    def _decision(self, name: str, decision: Decision, *, every: bool = False) -> Command:
        return self._command(name, lambda: self._decide(decision, every=every))

    def _command(self, name: str, run: Callable[[], object], *, shortcut: Shortcut = "") -> Command:
        return Command(name, Group.REDELIVERY, run, shortcut=shortcut, parent=self)


def _facts(row: RedeliveryRow) -> tuple[tuple[str, str], ...]:
    return (("Job", f"{row.id:,} \N{MIDDLE DOT} {kind_of(row)}"), ("URL", shown_url_of(row)))
