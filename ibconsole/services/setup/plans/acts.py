"""The acts of users, as the audit has them: what each changed, and whether it was undone.

An act is what a user did at once: one command, one dialog, one plan. Its calls share an id in the
audit, see `user_act`. The audit's values are redacted, so what was deleted is found in the history
of the setup (`undo`), not here.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import msgspec

from ibconsole.api import CallKind, CallState
from ibconsole.archive import AuditFilter, AuditRow, read_audit
from ibconsole.archive.history import current_applications
from ibconsole.files import is_missing
from ibconsole.lazy import lazy_pattern
from ibconsole.model import Undecodable, parse, read_actions, read_configurations
from ibconsole.plural import counted
from ibconsole.services.setup.plans.plan import PlanKind, StepKind
from ibconsole.services.setup.plans.plan_journal import JournalledPlan
from ibconsole.text import escape_invisible, mask_code

_PATH = lazy_pattern(
    r"/push/1/applications/([^/?]+)/configurations(?:/([^/?]+)(?:/(actions)(?:/([^/?]+))?)?)?"
)
_CHANGE = f'"kind":"{CallKind.CHANGE.value}"'  # as it is stored, to leave out pulls unread
_MOST_NAMED = 2  # applications in the words of an act
_WITHOUT_EFFECT = frozenset({CallState.REFUSED.value, CallState.NOT_SENT.value})


class UndoState(StrEnum):
    """The states of an act; the values are shown to users."""

    DONE = "done"
    UNDONE = "undone"
    PARTLY_UNDONE = "partly undone"
    WITHOUT_EFFECT = "nothing was changed"


class SetupAct(msgspec.Struct, frozen=True, kw_only=True):
    """An act in words. `at` is in milliseconds since the epoch.

    `reason` is a sentence on why it cannot be undone, empty if it can; `stated` is the reason that
    its user gave. `undoes` is the act that it took back, as an undo or as its repetition. Undoing
    an undo does again what was undone.
    """

    id: str
    at: int
    user: str
    place: str
    what: str
    state: UndoState
    reason: str = ""
    stated: str = ""
    undoes: str = ""
    applications: tuple[str, ...] = ()

    @property
    def can_be_undone(self) -> bool:
        """True if something of it is in force."""
        return self.state in {UndoState.DONE, UndoState.PARTLY_UNDONE}


class ActChange(msgspec.Struct, frozen=True, kw_only=True):
    """One call of an act, as it is recorded.

    `key` is that of what it created or deleted, empty if it is not known. `after` is what it sent
    and `before` what it deleted, both redacted. `at` is the time of its intent. `is_certain` is
    false if its outcome is not known.
    """

    kind: StepKind
    at: int
    application: str
    configuration: str
    key: str
    before: str
    after: str
    is_certain: bool


class ActRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The calls of one act that changed something, or may have, and who made them."""

    id: str
    at: int
    user: str
    place: str
    stated: str
    applications: tuple[str, ...]
    changes: tuple[ActChange, ...]


def read_acts(path: Path, connection: str) -> Sequence[ActRecord]:
    """Read the acts of a connection that were to change its setup, the newest first.

    Those of other users of the same archive are among them. Raises ArchiveError.
    """
    if is_missing(path):
        return ()
    found: dict[str, list[tuple[AuditRow, Mapping[str, Any]]]] = defaultdict(list)
    for row in read_audit(path, AuditFilter(connection=connection)):
        if _CHANGE in row.content:
            content = _object(row.content)
            found[str(content.get("act") or f"row-{row.number}")].append((row, content))
    return [_record(act, rows) for act, rows in reversed(found.items())]


def application_names(path: Path, connection: str) -> Mapping[str, str]:
    """Return the names of the applications that were read last, by their codes.

    Raises ArchiveError.
    """
    names: dict[str, str] = {}
    if not is_missing(path):
        for _, content in current_applications(path, connection):
            raw = _object(content.decode(errors="replace"))
            names[str(raw.get("applicationCode", ""))] = str(raw.get("name") or "")
    return names


def planned_names(plans: Iterable[JournalledPlan]) -> Mapping[str, str]:
    """Return the names of applications as plans have them, by their codes."""
    steps = (step for found in plans for step in found.plan.steps)
    return {step.application: step.application_name for step in steps if step.application_name}


def naming(names: Mapping[str, str]) -> Callable[[str], str]:
    """Return a function from a code to the name in `names`, or to its masked code."""
    return lambda code: escape_invisible(names.get(code, "")) or mask_code(code)


def describe_acts(
    records: Sequence[ActRecord], plans: Sequence[JournalledPlan], name_of: Callable[[str], str]
) -> Sequence[SetupAct]:
    """Return acts in words, in the given order, with what became of them."""
    by_id = {found.plan.id: found for found in plans}
    undoing: dict[str, list[JournalledPlan]] = defaultdict(list)
    for found in plans:
        if found.plan.kind is PlanKind.UNDO:
            undoing[found.plan.undoes].append(found)
    return [_describe(record, by_id.get(record.id), undoing, name_of) for record in records]


def next_to_undo(acts: Iterable[SetupAct]) -> SetupAct | None:
    """Return the newest act that is in force and is itself no undo; None if there is none."""
    return next((act for act in acts if act.can_be_undone and not act.undoes), None)


def _describe(
    record: ActRecord,
    own: JournalledPlan | None,
    undoing: Mapping[str, Sequence[JournalledPlan]],
    name_of: Callable[[str], str],
) -> SetupAct:
    state = _state_of(record.id, undoing) if record.changes else UndoState.WITHOUT_EFFECT
    reasons = {
        UndoState.UNDONE: "It was undone already; undo that to have it again.",
        UndoState.WITHOUT_EFFECT: "The platform refused it, or nothing was sent.",
    }
    return SetupAct(
        id=record.id,
        at=record.at,
        user=record.user,
        place=record.place,
        what=describe_act(record, own, name_of),
        state=state,
        reason=reasons.get(state, ""),
        stated=record.stated,
        undoes=own.plan.undoes if own else "",
        applications=record.applications,
    )


def _state_of(act: str, undoing: Mapping[str, Sequence[JournalledPlan]]) -> UndoState:
    """Return the state of an act: its last undo counts, unless that was undone as well."""
    for found in undoing.get(act, ()):  # the newest first
        made = len(found.plan.steps) - len(found.left)
        if not made or _state_of(found.plan.id, undoing) is UndoState.UNDONE:
            continue
        # Its steps count: a process that was killed after the last one left the plan as running.
        return UndoState.PARTLY_UNDONE if found.left else UndoState.UNDONE
    return UndoState.DONE


def describe_act(
    record: ActRecord, own: JournalledPlan | None, name_of: Callable[[str], str]
) -> str:
    """Return what an act did: of a plan, its title, and how much of it is made."""
    if own is None:
        return describe_changes(record, name_of)
    steps = len(own.plan.steps)
    made = f" ({steps - len(own.left):,} of {counted(steps, 'step')})" if own.left else ""
    return f"{own.plan.title}{made}"


def describe_changes(record: ActRecord, name_of: Callable[[str], str]) -> str:
    """Return what an act did: "Delete configuration with 3 actions of Shop"."""
    counts = Counter(change.kind for change in record.changes)
    parts = [_part(kind, number, record) for kind, number in counts.items()]
    codes = record.applications
    named = [name_of(code) for code in codes[:_MOST_NAMED]]
    if len(codes) > _MOST_NAMED:
        named = [counted(len(codes), "application")]
    unclear = "" if all(change.is_certain for change in record.changes) else " (perhaps)"
    what = ", ".join(parts) or "A change without effect"
    return f"{what[:1].upper()}{what[1:]} of {' and '.join(named)}{unclear}"


def _part(kind: StepKind, number: int, record: ActRecord) -> str:
    verb, noun = kind.value.split(" ")
    words = f"{verb} {noun}" if number == 1 else f"{verb} {counted(number, noun)}"
    if kind is StepKind.DELETE_CONFIGURATION:
        befores = [one.before for one in record.changes if one.kind is kind]
        actions = sum(len(_object(before).get("actions") or ()) for before in befores)
        words += f" with {counted(actions, 'action')}" if actions else ""
    return words


def _record(act: str, rows: Sequence[tuple[AuditRow, Mapping[str, Any]]]) -> ActRecord:
    first, content = rows[0]
    changes = [change for row, intent in rows if (change := _change_of(row, intent))]
    codes = dict.fromkeys(row.application for row, _ in rows if row.application)
    return ActRecord(
        id=act,
        at=first.at,
        user=f"{content.get('user', '')}@{content.get('host', '')}",
        place=str(content.get("place", "")),
        stated=str(content.get("reason", "")),
        applications=tuple(codes),
        changes=tuple(changes),
    )


def _change_of(row: AuditRow, intent: Mapping[str, Any]) -> ActChange | None:
    """Return the change of a row; None if it certainly changed nothing, or is not of a setup."""
    outcome = _object(row.outcome or "")
    state = str(outcome.get("state", CallState.UNKNOWN.value))
    named = _PATH.fullmatch(str(intent.get("path", "")))
    deletes = intent.get("method") == "DELETE"
    if not named or state in _WITHOUT_EFFECT or intent.get("method") not in {"DELETE", "POST"}:
        return None
    code, configuration, actions, action = (unquote(part or "") for part in named.groups())
    answer = str(outcome.get("answer", ""))
    if deletes:
        kind = StepKind.DELETE_ACTION if actions else StepKind.DELETE_CONFIGURATION
        key = action or configuration
    else:
        kind = StepKind.CREATE_ACTION if actions else StepKind.CREATE_CONFIGURATION
        key = _created_key(answer, kind)
    return ActChange(
        kind=kind,
        at=row.at,
        application=code,
        configuration=configuration,
        key=key,
        before=str(intent.get("before", "")),
        after=str(intent.get("after", "")),
        is_certain=state == CallState.DONE.value,
    )


def _created_key(answer: str, kind: StepKind) -> str:
    """Return the key in the answer to a creation; empty if it is not there."""
    try:
        found = parse(answer.encode())
        if kind is StepKind.CREATE_ACTION:
            return next((one.key for one in reversed(read_actions(found)) if one.key), "")
        return next((one.key for one in reversed(read_configurations(found)) if one.key), "")
    except (Undecodable, UnicodeEncodeError):
        return ""


def _object(content: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(content, type=dict[str, Any])
    except (msgspec.DecodeError, msgspec.ValidationError):
        return {}
