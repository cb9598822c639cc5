"""The certificates of forward URLs, looked at once a day by connecting, without any request.

The findings of the diagnosis say what is wrong with them.
"""

import logging
from collections.abc import Awaitable, Callable

from ibconsole.api import background_requests
from ibconsole.clock import elapsed_ms
from ibconsole.errors import UserError
from ibconsole.hosts import host_of
from ibconsole.services.diagnosis import Facts, diagnose
from ibconsole.services.request_log import request_purpose
from ibconsole.services.watch.facts import CertificateTrouble

log = logging.getLogger(__name__)

DAY_MS = 86_400_000
_RETRY_MS = 3_600_000
_NUMBERS = {1305, 1312}  # expired; expires soon


class CertificateCheck:
    """Looks at the certificates once a day.

    `collect` reads the setup and looks at its endpoints; None if there is nothing to look at yet.
    `found` is None until that has succeeded once. `problem` says why the last look failed.
    """

    def __init__(
        self,
        collect: Callable[[], Awaitable[Facts | None]],
        *,
        interval_ms: int = DAY_MS,
        elapsed: Callable[[], int] = elapsed_ms,
    ) -> None:
        self._collect = collect
        self._interval = interval_ms
        self._elapsed = elapsed
        self._due: int | None = None
        self.found: tuple[CertificateTrouble, ...] | None = None
        self.names: dict[str, str] = {}
        self.problem = ""

    @property
    def is_due(self) -> bool:
        """True if the last look is a day old, or an hour if it failed."""
        return self._due is None or self._elapsed() >= self._due

    async def look(self) -> None:
        """Look at the certificates if that is due; a failure leaves what was found before."""
        if not self.is_due:
            return
        self._due = self._elapsed() + _RETRY_MS
        self.problem = ""
        try:
            with background_requests(), request_purpose("Watch: certificates of forward URLs"):
                facts = await self._collect()
        except UserError as error:
            self.problem = str(error)
            log.info("The certificates were not looked at. %s", error)
            return
        if facts is None:
            self._due = None
            return
        if facts.account.problem:
            self.problem = facts.account.problem.sentence
            return
        self._due = self._elapsed() + self._interval
        self.found = troubles(facts)
        self.names = {
            one.application.code: one.application.name for one in facts.applications or ()
        }


def troubles(facts: Facts) -> tuple[CertificateTrouble, ...]:
    """Return what the diagnosis finds about the end of certificates."""
    return tuple(
        CertificateTrouble(
            host=host_of(one.subject.url),
            sentence=one.sentence,
            finding=one.number,
            application=one.subject.application,
            name=one.subject.application_name,
        )
        for one in diagnose(facts)
        if one.number in _NUMBERS
    )
