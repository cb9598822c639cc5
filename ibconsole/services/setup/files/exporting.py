"""The setup of an account as a file wants it: named, masked, and without what changes by itself."""

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from ibconsole.errors import UserError
from ibconsole.model import Application
from ibconsole.plural import counted
from ibconsole.secret import Secret
from ibconsole.services.protection import ShownCodes
from ibconsole.services.setup import InboundRoute, draft_of
from ibconsole.services.setup.files.masks import Masking
from ibconsole.services.setup.files.values import (
    WantedAction,
    WantedApplication,
    WantedConfiguration,
)


class SetupExportOptions(msgspec.Struct, frozen=True):
    """The parts of a setup that are exported; `credential` is the account's, to be masked.

    Codes are credentials of the mobile SDK (platform.md §3), and keys are other ones after each
    creation. `shown_codes` are those of the policy.
    """

    credential: Secret | None = None
    shown_codes: ShownCodes = ShownCodes()
    with_codes: bool = False
    with_keys: bool = False
    masks_queries: bool = False


class CannotExport(UserError):
    """An application has a setup that no file can describe."""


def wanted_setup(
    routes: Iterable[tuple[Application, InboundRoute]],
    account: Sequence[Application],
    options: SetupExportOptions,
) -> tuple[WantedApplication, ...]:
    """Return the setup of these applications of an account, as a file that wants it describes it.

    An application gets its ID if the account has several of its name. Raises CannotExport for one
    with several configurations, or that nothing but its code tells from another one.
    """
    # A platform that lists an application twice has one of that name.
    names = Counter(one.name for one in {(one.code, one.id): one for one in account}.values())
    masking = Masking(
        options.credential,
        [] if options.with_codes else [one.code for one in account],
        shown_codes=options.shown_codes,
        masks_queries=options.masks_queries,
    )
    return tuple(
        _wanted(application, route, masking, options, is_unique=names[application.name] == 1)
        for application, route in routes
    )


def _wanted(
    application: Application,
    route: InboundRoute,
    masking: Masking,
    options: SetupExportOptions,
    *,
    is_unique: bool,
) -> WantedApplication:
    if len(route.configurations) > 1:
        number = counted(len(route.configurations), "configuration")
        raise CannotExport(
            f"The application “{application.name}” has {number}, and a setup file can describe"
            " one. Nothing was written."
        )
    code = application.code if options.with_codes else ""
    is_named = bool(application.name) and is_unique
    if not (is_named or application.id or code):
        raise CannotExport(
            f"The name “{application.name}” belongs to several applications or is empty, and the"
            " platform gives this one no ID: export with its code (--codes). Nothing was written."
        )
    wanted = [
        WantedConfiguration(
            tuple(
                WantedAction(masking.draft(draft_of(one)), one.key if options.with_keys else "")
                for one in found.actions
            ),
            found.key if options.with_keys else "",
        )
        for found in route.configurations
    ]
    return WantedApplication(
        name=application.name,
        configuration=wanted[0] if wanted else None,
        id="" if is_named else application.id,
        code=code,
    )
