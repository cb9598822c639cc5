"""Giving back: what a URL is missing of an application's messages, delivered with a ledger."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.give_back.claims import ClaimsRemain, claim_again, settle_claims
    from ibconsole.services.give_back.planning import (
        GiveBackPlan,
        GiveBackRequest,
        NothingMissing,
        create_give_back,
        default_sending,
        plan_give_back,
        standing_sentence,
    )
    from ibconsole.services.give_back.reporting import (
        counts_sentence,
        item_object,
        job_lines,
        job_object,
        next_steps,
        plan_lines,
        plan_object,
        progress_line,
        received_lines,
        team_lines,
        team_note,
        who_else,
    )
    from ibconsole.services.give_back.team_ledger import TeamFindings, TeamNotAsked
    from ibconsole.services.give_back.teams import GiveBackTeams, SeveralTeams
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "claims": "ClaimsRemain claim_again settle_claims",
            "planning": (
                "GiveBackPlan GiveBackRequest NothingMissing create_give_back default_sending "
                "plan_give_back standing_sentence"
            ),
            "reporting": (
                "counts_sentence item_object job_lines job_object next_steps plan_lines "
                "plan_object progress_line received_lines team_lines team_note who_else"
            ),
            "team_ledger": "TeamFindings TeamNotAsked",
            "teams": "GiveBackTeams SeveralTeams",
        },
    )

__all__ = [
    "ClaimsRemain",
    "GiveBackPlan",
    "GiveBackRequest",
    "GiveBackTeams",
    "NothingMissing",
    "SeveralTeams",
    "TeamFindings",
    "TeamNotAsked",
    "claim_again",
    "counts_sentence",
    "create_give_back",
    "default_sending",
    "item_object",
    "job_lines",
    "job_object",
    "next_steps",
    "plan_give_back",
    "plan_lines",
    "plan_object",
    "progress_line",
    "received_lines",
    "settle_claims",
    "standing_sentence",
    "team_lines",
    "team_note",
    "who_else",
]
