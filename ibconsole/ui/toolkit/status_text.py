"""Short texts for the status bar and the panes: the state of each source of messages.

The texts never claim more than is known. All instants are milliseconds since the epoch, UTC.
"""

from datetime import tzinfo
from enum import StrEnum

import msgspec

from ibconsole.errors import Severity
from ibconsole.plural import counted
from ibconsole.services.intake import PullLoopResult, PullReport
from ibconsole.services.runtime import (
    AnswersStatus,
    ArchiveStatus,
    ListenerState,
    ListenerStatus,
    PullLoopMode,
    PullLoopState,
    PullLoopStatus,
    PullState,
    PullStatus,
    RefusalReason,
)
from ibconsole.ui.toolkit import times

# Sibling channels keep messages for 48 h (inferred, platform.md §4), so the hint comes before.
STALE_MS = 40 * times.HOUR * 1000
QUIET_MS = 60 * 1000


REFUSAL_REMEDIES = {
    RefusalReason.NONE: "",
    RefusalReason.WRONG_PATH: (
        "The forward URL of the action must be exactly the listener's URL, path included: copy it"
        " from here and replace the action's."
    ),
    RefusalReason.TOO_LARGE: "The beginning of each is in the list of requests.",
    RefusalReason.INCOMPLETE: (
        "Look at the way between the sender, or the tunnel, and this computer: a part of each"
        " arrived, and no more in time."
    ),
    RefusalReason.BUSY: "Many large requests came at the same time; their senders may try again.",
    RefusalReason.NOT_UNDERSTOOD: (
        "They are no requests by plain HTTP/1.1; the list of requests has what arrived, and why it"
        " was refused. TLS (https) has to end before this listener, as at a tunnel."
    ),
}


class Indicator(StrEnum):
    """The state that a status dot shows."""

    OK = "ok"
    BUSY = "busy"
    OFF = "off"
    WARNING = "warning"
    DANGER = "danger"


class StatusText(msgspec.Struct, frozen=True):
    """The state of a source: `text` says the same as the indicator, `details` go to a tooltip."""

    indicator: Indicator
    text: str
    details: str = ""


class ResultText(msgspec.Struct, frozen=True):
    """The result of an operation as a sentence, with optional details."""

    severity: Severity
    sentence: str
    details: str = ""


def describe_listener(
    status: ListenerStatus,
    now: int,
    zone: tzinfo | None = None,
    archive: ArchiveStatus | None = None,
) -> StatusText:
    """Describe the listener: live, quiet, suspended, unable to store, starting, stopped, failed.

    The archive knows what arrived before its start, and what other processes
    received. A running listener that other computers can reach says so in each of these states.
    """
    match status.state:
        case ListenerState.LISTENING:
            running = _describe_running(status, now, zone, archive or ArchiveStatus())
            return _with_answers(status, now, _with_exposure(status, running))
        case ListenerState.STARTING:
            return StatusText(Indicator.BUSY, "Listener starting", status.sentence)
        case ListenerState.FAILED:
            return StatusText(Indicator.DANGER, "Listener failed", status.sentence)
    if status.elsewhere:
        return StatusText(
            Indicator.OK,
            "Listener of another window",
            f"This window does not listen. Another one listens at {status.elsewhere}: what arrives"
            " there is listed here, too.",
        )
    return _describe_stopped(status, now, archive or ArchiveStatus())


def describe_answers(answers: AnswersStatus, now: int) -> StatusText:
    """Describe the answer rules of the listener, and the time that is left of them."""
    lines = [f"Next: {answers.upcoming}." if answers.upcoming else "No rule can match any more."]
    lines += [
        f"{counted(number, 'request')} answered by “{rule}”." for rule, number in answers.requests
    ]
    details = "\n".join(lines)
    if not answers.upcoming or (answers.ends_at is not None and answers.ends_at <= now):
        return StatusText(Indicator.OFF, f"Answers: {answers.name} is over, 200 again", details)
    left = "" if answers.ends_at is None else f", {times.left(answers.ends_at, now)} left"
    return StatusText(Indicator.WARNING, f"Answers: {answers.name}{left}", details)


def describe_pull(
    status: PullStatus, now: int, zone: tzinfo | None = None, archive: ArchiveStatus | None = None
) -> StatusText:
    """Describe the current or the last pull; a last pull of long ago is a warning.

    The archive knows whether there were pulls from other accounts.
    """
    match status.state:
        case PullState.PULLING:
            return StatusText(Indicator.BUSY, "Pulling", status.sentence)
        case PullState.HELD:
            return StatusText(Indicator.DANGER, "A pull waits for disk space", status.sentence)
        case PullState.FAILED | PullState.REJECTED:
            word = "rejected" if status.state is PullState.REJECTED else "failed"
            ago = "" if status.last_at is None else f" {times.age(status.last_at, now)}"
            return StatusText(Indicator.DANGER, f"Last pull {word}{ago}", status.sentence)
        case PullState.ELSEWHERE:
            since = "" if status.last_at is None else f" since {times.second(status.last_at, zone)}"
            return StatusText(
                Indicator.BUSY, f"Another window or process pulling{since}", status.sentence
            )
        case PullState.IDLE if status.last_at is not None:
            return _describe_last_pull(status, status.last_at, now, zone)
    return _describe_no_pull(status, zone, archive or ArchiveStatus())


def describe_pull_loop(
    status: PullLoopStatus, now: int, zone: tzinfo | None = None
) -> StatusText | None:
    """Describe a pull loop; None if it adds nothing to the state of the last pull."""
    name = "Auto pull" if status.mode is PullLoopMode.AUTO else "Pull all waiting messages"
    due = times.second(status.next_at, zone) if status.next_at is not None else ""
    counts = f"{counted(status.messages, 'message')} in {counted(status.batches, 'pull')}"
    details = "\n".join(filter(None, (counts, _describe_suspend(status, zone), status.sentence)))
    match status.state:
        case PullLoopState.PULLING:
            return StatusText(Indicator.BUSY, f"{name}: pulling", details)
        case PullLoopState.WAITING:
            return StatusText(Indicator.OK, f"{name}: {_quiet(status, now)}next at {due}", details)
        case PullLoopState.BACKING_OFF:
            return StatusText(Indicator.WARNING, f"{name}: backing off until {due}", details)
    if status.failed:
        return StatusText(Indicator.DANGER, f"{name}: ended with an error", details)
    return None


def with_other_puller(state: StatusText, other: str) -> StatusText:
    """Add to a state that another window or process pulls from the account; never green then."""
    if not other:
        return state
    calm = state.indicator in {Indicator.OK, Indicator.OFF}
    return StatusText(
        Indicator.WARNING if calm else state.indicator,
        f"{state.text} · another window or process pulls",
        f"{state.details}\nAlso pulling from this account: {other}.",
    )


def describe_archive(status: ArchiveStatus, *, is_shared: bool = False) -> StatusText:
    """Describe the archive: the number of its messages, and its path.

    Where a team shares what is received, other messages are listed than this disk has.
    """
    place = " on this disk" if is_shared else ""
    return StatusText(
        Indicator.OFF, f"{counted(status.messages, 'message')}{place}", f"Stored in {status.path}"
    )


def describe_pull_loop_result(result: PullLoopResult) -> ResultText:
    """Describe how a pull loop ended, and how many messages it stored."""
    counts = f"{counted(result.messages, 'message')} in {counted(result.batches, 'pull')}."
    competing = result.report.competing if result.report else ""
    sentence = " ".join(filter(None, (counts, result.sentence, competing)))
    if not result.complete:
        return ResultText(Severity.DANGER, sentence)
    return ResultText(Severity.WARNING if competing else Severity.OK, sentence)


def describe_pull_result(report: PullReport) -> ResultText:
    """Describe what a pull stored, what is still waiting, and what may be missing."""
    pulled = f"{counted(report.messages, 'message')} pulled."
    if report.error:
        return ResultText(Severity.DANGER, str(report.error), report.error.details)
    if not report.complete:
        kept = "Every byte that arrived is kept."
        return ResultText(Severity.DANGER, f"{report.shortfall} {report.problem} {kept}")
    if notes := " ".join(filter(None, (report.problem, report.competing))):
        return ResultText(Severity.WARNING, f"{pulled} {notes}")
    if report.pending is None:
        return ResultText(
            Severity.OK, f"{pulled} The platform did not say how many are still waiting."
        )
    if not report.messages and not report.pending:
        return ResultText(Severity.OK, "No messages were waiting.")
    return ResultText(Severity.OK, f"{pulled} {report.pending:,} still waiting.")


def _with_answers(status: ListenerStatus, now: int, shown: StatusText) -> StatusText:
    """Add the rules that the listener answers by; never green while they matter."""
    if not status.answers:
        return shown
    answers = describe_answers(status.answers, now)
    if answers.indicator is Indicator.OFF:
        return shown
    return StatusText(
        Indicator.WARNING if shown.indicator is Indicator.OK else shown.indicator,
        f"{shown.text} · {answers.text}",
        f"{shown.details}\n{answers.details}",
    )


def _with_exposure(status: ListenerStatus, shown: StatusText) -> StatusText:
    if not status.reachable_at:
        return shown
    return StatusText(
        Indicator.WARNING if shown.indicator is Indicator.OK else shown.indicator,
        f"{shown.text}, open to the network",
        f"{shown.details}\nOthers can reach it at {status.reachable_at}: unencrypted, for anyone"
        " who knows the URL.",
    )


def _describe_stopped(status: ListenerStatus, now: int, archive: ArchiveStatus) -> StatusText:
    last_at = max(archive.forwarded_at or 0, archive.refused_at or 0)
    if not last_at or now - last_at >= QUIET_MS:
        return StatusText(Indicator.OFF, "Listener stopped", status.sentence)
    return StatusText(
        Indicator.OFF,
        f"Listener stopped here, last request {times.age(last_at, now)}",
        f"{status.sentence} Another window or process, such as ibconsole listen, may be receiving.",
    )


def _describe_refused(archive: ArchiveStatus, now: int, details: str) -> StatusText:
    """Describe requests that reached the listener and were refused, and no forward since."""
    ago = "" if archive.refused_at is None else f", last {times.age(archive.refused_at, now)}"
    return StatusText(
        Indicator.WARNING,
        f"{counted(archive.refused, 'request')} refused: {archive.refusal}{ago}",
        f"{details}\nNo forward was accepted since. {REFUSAL_REMEDIES[archive.refusal]}",
    )


def _describe_running(
    status: ListenerStatus, now: int, zone: tzinfo | None, archive: ArchiveStatus
) -> StatusText:
    quiet_since = status.last_at or status.since or now
    details = _listener_details(status, zone)
    if status.storage_error:
        return StatusText(Indicator.DANGER, "Listener cannot store", details)
    if status.suspended and quiet_since < status.suspended[1]:
        since, until = (times.minute(instant, zone, now=now) for instant in status.suspended)
        return StatusText(Indicator.WARNING, f"Listener suspended from {since} to {until}", details)
    if archive.refused:
        return _describe_refused(archive, now, details)
    if status.last_at is None and archive.forwarded_at is not None:
        ago = times.age(archive.forwarded_at, now)
        return StatusText(Indicator.OK, f"Listening, last forward {ago}", details)
    if status.last_at is not None and now - quiet_since < QUIET_MS:
        return StatusText(Indicator.OK, "Listener live", details)
    quiet = times.span((now - quiet_since) // 1000)
    text = (
        f"Listener quiet for {quiet}" if status.last_at else f"Listening, no requests yet ({quiet})"
    )
    return StatusText(Indicator.OK, text, details)


def _listener_details(status: ListenerStatus, zone: tzinfo | None) -> str:
    lines = [status.sentence, f"{counted(status.received, 'forward')} since it was started."]
    if status.unmatched:
        lines.append(f"{counted(status.unmatched, 'request')} on other paths, kept separately.")
    if status.suspended:
        since, until = (times.exact(instant, zone) for instant in status.suspended)
        lines.append(
            f"This computer was suspended from {since} to {until}: nothing could arrive."
            " Senders may try again."
        )
    if status.storage_error:
        lines.append(f"{status.storage_error} Senders are asked to try again.")
    return "\n".join(lines)


def _describe_last_pull(
    status: PullStatus, last_at: int, now: int, zone: tzinfo | None
) -> StatusText:
    waiting = "" if status.pending is None else f", {status.pending:,} waiting then"
    text = f"Last pull {times.age(last_at, now)}{waiting}"
    details = f"{status.sentence}\n{times.exact(last_at, zone)}"
    if now - last_at < STALE_MS:
        return StatusText(Indicator.OK, text, details)
    return StatusText(
        Indicator.WARNING,
        text,
        f"{details}\nThe platform may drop messages that are not pulled for 48 h (not documented).",
    )


def _describe_no_pull(
    status: PullStatus, zone: tzinfo | None, archive: ArchiveStatus
) -> StatusText:
    if archive.pulled_at is None:
        return StatusText(Indicator.OFF, "Nothing pulled yet", status.sentence)
    return StatusText(
        Indicator.OFF,
        "No pull from this account stored",
        f"The last pull was at {times.exact(archive.pulled_at, zone)}: from other accounts, or its"
        " record was deleted since.",
    )


def _quiet(status: PullLoopStatus, now: int) -> str:
    since = status.last_at or status.since
    if since is None or now - since < QUIET_MS:
        return ""
    return f"quiet for {times.span((now - since) // 1000)}, "


def _describe_suspend(status: PullLoopStatus, zone: tzinfo | None) -> str:
    if not status.suspended:
        return ""
    since, until = status.suspended
    return (
        f"This computer was suspended from {times.exact(since, zone)} to"
        f" {times.exact(until, zone)}; nothing was pulled meanwhile."
    )
