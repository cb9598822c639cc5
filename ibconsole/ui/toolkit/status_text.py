"""The state of what messages come from, in words that never claim more than is known."""

from dataclasses import dataclass
from datetime import tzinfo

from ibconsole.plural import counted
from ibconsole.services.intake import PullReport, RunResult
from ibconsole.services.runtime import (
    ArchiveStatus,
    ListenerState,
    ListenerStatus,
    PullState,
    PullStatus,
    RepeatMode,
    RepeatState,
    RepeatStatus,
)
from ibconsole.ui.toolkit import times

# Sibling channels keep messages for 48 h (inferred, platform.md §4), so the hint comes before.
STALE_MS = 40 * times.HOUR * 1000
QUIET_MS = 60 * 1000


@dataclass(frozen=True, slots=True)
class SourceState:
    """`kind` is ok, busy, off, warning or danger; the words say the same without colour."""

    kind: str
    words: str
    details: str = ""


def listener_state(status: ListenerStatus, now: int, zone: tzinfo | None = None) -> SourceState:
    """Live, quiet for some time, asleep until just now, not storing, starting, stopped, failed.

    One that others can reach says so whatever else there is to say.
    """
    match status.state:
        case ListenerState.LISTENING:
            return _openly(status, _listening(status, now, zone))
        case ListenerState.STARTING:
            return SourceState("busy", "Listener starting", status.sentence)
        case ListenerState.FAILED:
            return SourceState("danger", "Listener failed", status.sentence)
    return SourceState("off", "Listener stopped", status.sentence)


def pull_state(status: PullStatus, now: int, zone: tzinfo | None = None) -> SourceState:
    """Pulling, failed, rejected, or when the last one was; old ones ask for attention."""
    match status.state:
        case PullState.PULLING:
            return SourceState("busy", "Pulling", status.sentence)
        case PullState.HELD:
            return SourceState("danger", "A pull waits for room on the disk", status.sentence)
        case PullState.FAILED | PullState.REJECTED:
            word = "rejected" if status.state is PullState.REJECTED else "failed"
            return SourceState("danger", f"Last pull {word}{_ago(status, now)}", status.sentence)
        case PullState.IDLE if status.last_at is not None:
            return _pulled(status, status.last_at, now, zone)
    return SourceState("off", "Nothing pulled yet", status.sentence)


def repeat_state(status: RepeatStatus, now: int, zone: tzinfo | None = None) -> SourceState | None:
    """Pulls in a row: pulling, waiting until, backing off until, ended by a failure.

    None where there is nothing to say that a single pull would not say.
    """
    name = "Auto pull" if status.mode is RepeatMode.AUTO else "Pull until nothing waits"
    due = times.second(status.next_at, zone) if status.next_at is not None else ""
    taken = f"{counted(status.messages, 'message')} in {counted(status.batches, 'pull')}"
    details = "\n".join(filter(None, (taken, _slept(status, zone), status.sentence)))
    match status.state:
        case RepeatState.PULLING:
            return SourceState("busy", f"{name}: pulling", details)
        case RepeatState.WAITING:
            return SourceState("ok", f"{name}: {_quiet(status, now)}next at {due}", details)
        case RepeatState.BACKING_OFF:
            return SourceState("warning", f"{name}: backing off until {due}", details)
    if status.failed:
        return SourceState("danger", f"{name}: ended, see why", details)
    return None


def ended_state(ended: RunResult) -> SourceState:
    """How pulls in a row ended, and what they brought."""
    taken = f"{counted(ended.messages, 'message')} in {counted(ended.batches, 'pull')}."
    competing = ended.report.competing if ended.report else ""
    words = " ".join(filter(None, (taken, ended.sentence, competing)))
    if not ended.whole:
        return SourceState("danger", words)
    return SourceState("warning" if competing else "ok", words)


def report_state(report: PullReport) -> SourceState:
    """What a pull brought, what is still waiting, and what may be missing."""
    pulled = f"{counted(report.messages, 'message')} pulled."
    if report.error:
        details = getattr(report.error, "details", "")
        return SourceState("danger", str(report.error), details)
    if not report.complete:
        kept = "Every byte that arrived is kept."
        return SourceState("danger", f"{report.reckoning} {report.problem} {kept}")
    if notes := " ".join(filter(None, (report.problem, report.competing))):
        return SourceState("warning", f"{pulled} {notes}")
    if report.pending is None:
        return SourceState("ok", f"{pulled} The platform did not say how many still wait.")
    if not report.messages and not report.pending:
        return SourceState("ok", "Nothing was waiting.")
    return SourceState("ok", f"{pulled} {report.pending:,} still waiting.")


def archive_words(status: ArchiveStatus) -> SourceState:
    """How much is on this computer, and where."""
    return SourceState("off", counted(status.messages, "message"), f"Kept in {status.path}")


def _openly(status: ListenerStatus, state: SourceState) -> SourceState:
    if not status.reachable_at:
        return state
    return SourceState(
        "warning" if state.kind == "ok" else state.kind,
        f"{state.words}, open to the network",
        f"{state.details}\nOthers can reach it at {status.reachable_at}: unencrypted, for anybody"
        " who knows the URL.",
    )


def _listening(status: ListenerStatus, now: int, zone: tzinfo | None) -> SourceState:
    heard = status.last_at or status.since or now
    details = _listening_details(status, zone)
    if status.storage_error:
        return SourceState("danger", "Listener cannot store", details)
    if status.suspended and heard < status.suspended[1]:
        since, until = (times.minute(instant, zone, now=now) for instant in status.suspended)
        return SourceState("warning", f"Listener asleep from {since} to {until}", details)
    if status.last_at is not None and now - heard < QUIET_MS:
        return SourceState("ok", "Listener live", details)
    quiet = times.span((now - heard) // 1000)
    words = f"quiet for {quiet}" if status.last_at else f"nothing yet, for {quiet}"
    return SourceState("ok", f"Listener {words}", details)


def _listening_details(status: ListenerStatus, zone: tzinfo | None) -> str:
    lines = [status.sentence, f"{counted(status.received, 'forward')} since it was started."]
    if status.unmatched:
        lines.append(f"{counted(status.unmatched, 'request')} on no path of its own, kept apart.")
    if status.suspended:
        since, until = (times.exact(instant, zone) for instant in status.suspended)
        lines.append(
            f"This computer slept from {since} to {until}: nothing could arrive. Senders may try"
            " again."
        )
    if status.storage_error:
        lines.append(f"{status.storage_error} Senders are asked to try again.")
    return "\n".join(lines)


def _pulled(status: PullStatus, last_at: int, now: int, zone: tzinfo | None) -> SourceState:
    waiting = "" if status.pending is None else f", {status.pending:,} waiting then"
    words = f"Last pull {times.age(last_at, now)}{waiting}"
    details = f"{status.sentence}\n{times.exact(last_at, zone)}"
    if now - last_at < STALE_MS:
        return SourceState("ok", words, details)
    return SourceState(
        "warning",
        words,
        f"{details}\nThe platform may drop messages that nobody pulls for 48 h (not documented).",
    )


def _quiet(status: RepeatStatus, now: int) -> str:
    since = status.last_at or status.since
    if since is None or now - since < QUIET_MS:
        return ""
    return f"quiet for {times.span((now - since) // 1000)}, "


def _slept(status: RepeatStatus, zone: tzinfo | None) -> str:
    if not status.suspended:
        return ""
    since, until = status.suspended
    return (
        f"This computer slept from {times.exact(since, zone)} to {times.exact(until, zone)};"
        " nothing was pulled meanwhile."
    )


def _ago(status: PullStatus, now: int) -> str:
    return "" if status.last_at is None else f" {times.age(status.last_at, now)}"
