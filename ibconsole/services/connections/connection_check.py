"""The connection check: one harmless request and the interpretation of its answer."""

from collections.abc import Callable

import msgspec

from ibconsole.api import ApiError, Exchange, Forbidden, Gate, Platform, Unauthorized
from ibconsole.errors import Severity
from ibconsole.plural import counted
from ibconsole.services.connections.account import Account, client_of


class CheckResult(msgspec.Struct, frozen=True):
    """The result of a connection check: OK, WARNING or DANGER, and a sentence.

    `causes` lists the possible causes of a refused credential. `applications` is the number
    of applications of the account, None if they could not be listed.
    """

    severity: Severity
    sentence: str
    causes: tuple[str, ...] = ()
    details: str = ""
    applications: int | None = None


async def check(
    account: Account, gate: Gate, observe: Callable[[Exchange], None] | None = None
) -> CheckResult:
    """Request the list of applications, which consumes no messages (platform.md §4).

    Never pulls. Raises BadCredential or BadBaseUrl if the request cannot be built at all;
    every error of the request itself becomes a result.
    """
    async with client_of(account, gate, observe) as client:
        try:
            applications = await Platform(client).applications()
        except Forbidden as error:
            return CheckResult(
                Severity.WARNING,
                "The credential is valid, but may not list applications. It may still be allowed"
                " to pull; that cannot be tested without taking messages.",
                details=error.details,
            )
        except Unauthorized as error:
            return CheckResult(
                Severity.DANGER, str(error), causes=error.auth_causes, details=error.details
            )
        except ApiError as error:
            return CheckResult(Severity.DANGER, str(error), details=error.details)
    count = len(applications)
    return CheckResult(
        Severity.OK,
        f"It works: the account has {counted(count, 'application')}.",
        applications=count,
    )
