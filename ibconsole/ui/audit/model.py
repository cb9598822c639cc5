"""The model of the list of calls, and the details of a call.

Application codes are masked in everything that comes from the service.
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo
from typing import Any

import msgspec
from PySide6.QtCore import QObject

from ibconsole.errors import Severity
from ibconsole.services.audit import AuditCall, CallState, describe_act, describe_outcome_of
from ibconsole.ui.tables import FeedColumn, FeedModel
from ibconsole.ui.toolkit import ApplicationNames, one_line, times
from ibconsole.ui.viewers import BoundedText, Fact, Remark, Summary, format_json

_UNDER_WAY = "It was interrupted or is under way: what it did is not known."
_COVERS = "This row covers"
_TONES = {CallState.REFUSED.value: Severity.DANGER, CallState.UNKNOWN.value: Severity.WARNING}


class CallDetails(msgspec.Struct, frozen=True):
    """A call, ready to be shown; `row` is everything that is stored of it, masked."""

    summary: Summary
    before: BoundedText
    after: BoundedText
    answer: BoundedText
    row: Mapping[str, Any]


class AuditModel(FeedModel[AuditCall]):
    """The calls that were read, the newest on top."""

    def __init__(
        self,
        names: ApplicationNames,
        time_display: times.TimeDisplay,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(_columns(names, time_display), self._calls_of, parent)
        self._calls: dict[int, AuditCall] = {}

    @property
    def unfinished(self) -> Sequence[int]:
        """The numbers of calls without an outcome, oldest first."""
        return sorted(number for number, call in self._calls.items() if not call.is_ended)

    def replace_calls(self, calls: Iterable[AuditCall]) -> None:
        """Show these calls and no others."""
        self._calls = {call.id: call for call in calls}
        self.show(array("q", sorted(self._calls)))

    def add_calls(self, calls: Sequence[AuditCall]) -> None:
        """Add newer calls on top, and show those that are known as they are now."""
        is_changed = any(self._calls.get(one.id, one) != one for one in calls)
        known = self._calls.keys() & {one.id for one in calls}
        self._calls.update((one.id, one) for one in calls)
        self.append(array("q", sorted(one.id for one in calls if one.id not in known)))
        if is_changed:
            self.refresh()

    def add_older_calls(self, calls: Sequence[AuditCall]) -> None:
        """Add calls below the last one."""
        fresh = sorted(one.id for one in calls if one.id not in self._calls)
        self._calls.update((one.id, one) for one in calls)
        self.add_older(array("q", fresh), array("q"), self.newest)

    def _calls_of(self, numbers: Sequence[int]) -> list[AuditCall]:
        return [self._calls[number] for number in numbers if number in self._calls]


def _columns(
    names: ApplicationNames, time_display: times.TimeDisplay
) -> Sequence[FeedColumn[AuditCall]]:
    return (
        FeedColumn(
            "Time",
            lambda call: times.column_time(call.at, time_display.zone),
            lambda call: times.iso(call.at),
            unit=lambda: times.zone_name(zone=time_display.zone),
        ),
        FeedColumn(
            "Who",
            lambda call: one_line(call.user),
            lambda call: one_line(f"{call.user} on {call.host}"),
        ),
        FeedColumn("Connection", lambda call: one_line(call.account)),
        FeedColumn("Application", lambda call: names(call.code) if call.code else ""),
        FeedColumn("What", lambda call: one_line(call.what)),
        FeedColumn("Outcome", lambda call: one_line(call.outcome)),
        FeedColumn("Reason", lambda call: one_line(call.reason)),
        FeedColumn("Place", lambda call: one_line(call.place)),
    )


def tone_of(call: AuditCall) -> Severity | None:
    """Return the severity of an outcome; None if there is nothing to say about it."""
    return _TONES.get(call.state)


def describe_call(
    row: Mapping[str, Any], application: str, instant: int, zone: tzinfo | None
) -> CallDetails:
    """Return the details of a row of the audit; `instant` is its time in ms since the epoch."""
    return CallDetails(
        summary=_summary(row, application, instant, zone),
        before=_body(row["before"], "Nothing is known of what it was before."),
        after=_body(row["after"], "Nothing was sent but the address."),
        answer=_body(row["answer"], "There is no answer here. Messages are in the archive."),
        row=row,
    )


def _body(text: str, note: str) -> BoundedText:
    return format_json(text.encode(errors="replace")) if text else BoundedText(note=note)


def _summary(
    row: Mapping[str, Any], application: str, instant: int, zone: tzinfo | None
) -> Summary:
    call = (
        Fact("When", times.exact(instant, zone), times.iso(instant)),
        Fact("Who", one_line(row["user"])),
        Fact("Computer", one_line(row["host"])),
        Fact("Connection", one_line(row["account"])),
        Fact("Application", application),
        Fact("Reason", one_line(row["reason"])),
        Fact("Place", one_line(row["place"])),
    )
    request = (
        Fact("Request", one_line(f"{row['method']} {row['path']}").strip(), is_code=True),
        Fact("Account", one_line(row["base_url"]), is_code=True),
        Fact("Credential", one_line(row["credential"])),
        Fact("Program", one_line(row["process"])),
        Fact("Ended", one_line(row["ended_at"])),
        Fact("Row", str(row["row"])),
        Fact("Act", one_line(row["act"]), is_code=True),
    )
    return Summary(
        title=one_line(describe_act(row)),
        lead=one_line(describe_outcome_of(row)),
        remarks=tuple(_remarks(row)),
        sections=(("", _known(call)), ("Details", _known(request))),
    )


def _known(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    return tuple(fact for fact in facts if fact.value)


def _remarks(row: Mapping[str, Any]) -> Iterable[Remark]:
    if not row["ended_at"]:
        yield Remark(Severity.WARNING, _UNDER_WAY)
    if row["problem"]:
        yield Remark(_TONES.get(row["outcome"], Severity.INFO), one_line(row["problem"]))
    if row["covers"]:
        yield Remark(Severity.INFO, f"{_COVERS} {one_line(row['covers'])}.")
