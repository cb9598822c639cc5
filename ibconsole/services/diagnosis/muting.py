"""Muting of findings: for one subject or one application, for a reason, until a date.

A muted finding is counted and shown as muted, never dropped in silence. A mute ends by itself.
Mutes are settings of the user, in the file of the settings, which several processes share.
"""

from collections.abc import Iterable, Sequence

import msgspec
from msgspec.structs import replace

from ibconsole.clock import now_ms
from ibconsole.errors import UserError
from ibconsole.services.connections import Mute, Settings, SettingsFile
from ibconsole.services.diagnosis.catalogue import Finding, fingerprint, name_of

_DAY = 86_400_000  # ms
LONGEST = 400 * _DAY
_LONGEST_REASON = 500  # characters


class NotMuted(UserError):
    """A finding cannot be muted as it was asked for; nothing was changed."""


class MutedFinding(msgspec.Struct, frozen=True):
    """A finding, and the mute that applies to it."""

    finding: Finding
    mute: Mute


class SortedFindings(msgspec.Struct, frozen=True):
    """Findings, and apart from them the muted ones; both in the order in which they were found."""

    shown: tuple[Finding, ...] = ()
    muted: tuple[MutedFinding, ...] = ()


def scope_of(connection: str, application: str) -> str:
    """Return the identity of an application of a connection, or of the account, for a mute."""
    return fingerprint(connection, application)


def sort_out(
    findings: Sequence[Finding], mutes: Iterable[Mute], now: int | None = None
) -> SortedFindings:
    """Take the muted findings apart. A mute that has ended has no effect."""
    at = now_ms() if now is None else now
    active = {(one.subject, one.number): one for one in mutes if one.until > at}
    shown, muted = [], []
    for finding in findings:
        subject = finding.subject
        scope = scope_of(subject.connection, subject.application)
        mute = active.get((finding.id, finding.number)) or active.get((scope, finding.number))
        if mute:
            muted.append(MutedFinding(finding, mute))
        else:
            shown.append(finding)
    return SortedFindings(tuple(shown), tuple(muted))


class Mutes:
    """The mutes in the settings. Every method blocks on the disk and may raise SettingsError."""

    def __init__(self, file: SettingsFile) -> None:
        self._file = file

    def load(self) -> tuple[Mute, ...]:
        """Return all mutes, ended ones included."""
        return self._file.load().settings.mutes

    def mute_finding(self, finding: Finding, reason: str, until: int) -> Mute:
        """Mute one finding about one subject. Raises NotMuted."""
        return self._add(Mute(finding.id, finding.number, reason, until, finding.subject.label))

    def mute_application(
        self, subject: tuple[str, str, str], number: int, reason: str, until: int
    ) -> Mute:
        """Mute a number for an application, whatever its action. Raises NotMuted.

        The subject is the connection's UUID, the application's code and a name to show; an empty
        code is the account itself.
        """
        connection, application, label = subject
        return self._add(Mute(scope_of(connection, application), number, reason, until, label))

    def unmute(self, subject: str, number: int) -> bool:
        """End a mute; return whether there was one."""
        removed = []

        def change(settings: Settings) -> Settings:
            kept = [one for one in settings.mutes if (one.subject, one.number) != (subject, number)]
            removed.append(len(kept) < len(settings.mutes))
            return replace(settings, mutes=tuple(kept))

        self._file.change(change)
        return any(removed)

    def _add(self, mute: Mute) -> Mute:
        now = now_ms()
        reason = " ".join(mute.reason.split())
        if not reason or len(reason) > _LONGEST_REASON:
            raise NotMuted(
                f"Give a reason of at most {_LONGEST_REASON} characters;"
                f" {name_of(mute.number)} is not muted."
            )
        if not now < mute.until <= now + LONGEST:
            raise NotMuted(
                "The end has to be in the future, and at most 400 days from now;"
                f" {name_of(mute.number)} is not muted."
            )
        mute = replace(mute, reason=reason)

        def change(settings: Settings) -> Settings:
            # Mutes that ended long ago are of no use to anybody.
            others = [
                one
                for one in settings.mutes
                if (one.subject, one.number) != (mute.subject, mute.number)
                and one.until > now - LONGEST
            ]
            return replace(settings, mutes=(*others, mute))

        self._file.change(change)
        return mute
