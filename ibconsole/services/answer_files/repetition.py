"""Rules that make a platform send messages again, and the question before they take effect.

A platform repeats what was not answered by a prompt 200, gives it up in the end, and keeps our
answers where its support can see them. That is no matter in a sandbox; elsewhere the user decides.
"""

from collections.abc import Iterable

from ibconsole.listener.answers import AnswerScenario, retries_expected
from ibconsole.services.connections import Connection, Environment
from ibconsole.services.runtime import LeaseStatus

_SHOWN = 2  # names in a sentence


def repetition_warning(
    scenario: AnswerScenario, connections: Iterable[Connection], *, borrows: bool = False
) -> str:
    """Return what the rules do to a customer's messages; "" if they do nothing to any.

    `connections` are the saved ones, and `borrows` says that a route is borrowed at this time.
    """
    rules = retries_expected(scenario)
    names = [one.name for one in connections if one.environment is not Environment.SANDBOX]
    if not rules or not (names or borrows):
        return ""
    if borrows:
        reason = "A route is borrowed at this time"
    else:
        reason = f"{_listed(names)} {'is' if len(names) == 1 else 'are'} no sandbox"
    subject = f"{'Rule' if len(rules) == 1 else 'Rules'} {_listed([one.name for one in rules])}"
    return (
        f"{subject} {'makes' if len(rules) == 1 else 'make'} the platform send a message again,"
        " which may be lost after the last attempt; the platform's support can see these answers."
        f" {reason}, so a customer's messages can be among them."
    )


def borrows_from_customer(leases: Iterable[LeaseStatus], connections: Iterable[Connection]) -> bool:
    """Return whether one of the borrowed routes is that of an account that is no saved sandbox."""
    sandboxes = {one.id for one in connections if one.environment is Environment.SANDBOX}
    return any(lease.connection not in sandboxes for lease in leases)


def _listed(names: list[str]) -> str:
    """Return the first names in quotes, and the number of the others."""
    shown = [f"“{name}”" for name in names[:_SHOWN]]
    if len(names) > _SHOWN:
        shown = [", ".join(shown), f"{len(names) - _SHOWN:,} more"]
    return " and ".join(shown)
