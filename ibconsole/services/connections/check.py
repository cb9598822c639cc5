"""Whether a connection works: one harmless request, and what its answer means."""

from collections.abc import Callable
from dataclasses import dataclass

from ibconsole.api import ApiError, Exchange, Forbidden, Platform, Refused, Transport
from ibconsole.services.connections.account import Account, authorization_of


@dataclass(frozen=True, slots=True)
class CheckResult:
    """`kind` is ok, warning or danger; `causes` lists what a refusal may come from.

    `applications` is how many there are, None where they could not be listed.
    """

    kind: str
    sentence: str
    causes: tuple[str, ...] = ()
    details: str = ""
    applications: int | None = None


async def check(account: Account, observe: Callable[[Exchange], None] | None = None) -> CheckResult:
    """Ask for the list of applications, which takes nothing from anybody (platform.md §4).

    Never pulls. Raises BadCredential or BadBaseUrl for what cannot be asked at all.
    """
    authorization = authorization_of(account.base_url, account.credential, observe)
    async with Transport(account.base_url, authorization, observe=observe) as transport:
        try:
            applications = await Platform(transport).applications()
        except Forbidden as error:
            return CheckResult(
                "warning",
                "The credential is known, but may not list applications. If it has the right to"
                " pull, messages can be pulled with it, and nothing else; that cannot be tried"
                " without taking messages.",
                details=error.details,
            )
        except Refused as error:
            return CheckResult("danger", str(error), causes=causes_of(error), details=error.details)
        except ApiError as error:
            return CheckResult("danger", str(error), details=error.details)
    count = len(applications)
    found = f"{count:,} application{'' if count == 1 else 's'}"
    return CheckResult("ok", f"It works: the account has {found}.", applications=count)


def causes_of(error: Exception) -> tuple[str, ...]:
    """What a refusal may come from, as far as the platform documents it."""
    return tuple(getattr(error, "causes", ()))
