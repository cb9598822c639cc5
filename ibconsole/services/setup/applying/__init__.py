"""Applying setup files: reading the account, differences, plans, and rules of substitution."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.setup.applying.applier import SetupAccount, SetupApplier
    from ibconsole.services.setup.applying.differences import (
        ApplicationDifference,
        AppliedActions,
        ExtraAction,
        MissingAction,
        Provenance,
        ResolvedApplication,
    )
    from ibconsole.services.setup.applying.planning import (
        PlanOptions,
        SetupPlan,
        build_plan,
        choose_from,
    )
    from ibconsole.services.setup.applying.reading import (
        AccountReader,
        AccountState,
        read_account,
        resolve,
    )
    from ibconsole.services.setup.applying.rules import (
        BadRule,
        SetupRules,
        Substitution,
        Transformed,
        parse_mapping,
        parse_substitution,
        transform,
        wanted_clone,
    )
    from ibconsole.services.setup.applying.rules_file import read_rules
    from ibconsole.services.setup.applying.stored_plans import (
        PlanDiffers,
        require_current,
        require_resumable,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "applier": "SetupAccount SetupApplier",
            "differences": (
                "AppliedActions ApplicationDifference ExtraAction MissingAction Provenance "
                "ResolvedApplication"
            ),
            "planning": "PlanOptions SetupPlan build_plan choose_from",
            "reading": "AccountReader AccountState read_account resolve",
            "rules": (
                "BadRule SetupRules Substitution Transformed parse_mapping parse_substitution "
                "transform wanted_clone"
            ),
            "rules_file": "read_rules",
            "stored_plans": "PlanDiffers require_current require_resumable",
        },
    )

__all__ = [
    "AccountReader",
    "AccountState",
    "ApplicationDifference",
    "AppliedActions",
    "BadRule",
    "ExtraAction",
    "MissingAction",
    "PlanDiffers",
    "PlanOptions",
    "Provenance",
    "ResolvedApplication",
    "SetupAccount",
    "SetupApplier",
    "SetupPlan",
    "SetupRules",
    "Substitution",
    "Transformed",
    "build_plan",
    "choose_from",
    "parse_mapping",
    "parse_substitution",
    "read_account",
    "read_rules",
    "require_current",
    "require_resumable",
    "resolve",
    "transform",
    "wanted_clone",
]
