"""Plans: changes of a setup in several requests, as data that is stored, reviewed and resumed."""

from collections.abc import Mapping
from enum import StrEnum
from uuid import uuid4

import msgspec

from ibconsole.model import ActionDraft, Undecodable, encode_as_read, parse
from ibconsole.services.setup import StepState

# A note of plans that create and delete: creations come first, so that no message is lost.
TWICE = "What is new exists before the rest is deleted: in between, messages may be handled twice."


class PlanKind(StrEnum):
    """The origins of plans; the values are stored in archives."""

    UNDO = "undo"
    APPLY = "apply"  # of a setup file
    CLONE = "clone"


class StepKind(StrEnum):
    """The changes that the platform offers, one request each; the values are stored."""

    CREATE_CONFIGURATION = "create configuration"
    CREATE_ACTION = "create action"
    DELETE_ACTION = "delete action"
    DELETE_CONFIGURATION = "delete configuration"

    @property
    def deletes(self) -> bool:
        """True if it takes something away."""
        return self in {StepKind.DELETE_ACTION, StepKind.DELETE_CONFIGURATION}


class PlannedStep(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One request of a plan.

    `application` is the code. `configuration` is a key; an empty one is that of the application's
    only configuration at the time of the request, which an earlier step may have created. `action`
    is the key of the action that is deleted, `draft` the action that is created. What is created
    stands for the object that was known by the key `replaces`. `note` is a sentence for the
    reviewer.
    """

    number: int
    kind: StepKind
    application: str
    application_name: str = ""
    configuration: str = ""
    action: str = ""
    draft: ActionDraft | None = None
    replaces: str = ""
    note: str = ""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A change of one account's setup, step by step in an order that can be carried out.

    `expected` is, for the code of each application of a step, the route that the plan was made for,
    in its canonical form (see `route_bytes`): nothing is changed where another one is found.
    `notes` are sentences on what the plan cannot bring about. `undoes` is the act that it takes
    back, see `user_act`; empty if it is no undo. `made_at` is in milliseconds since the epoch. The
    calls of a plan are recorded in the audit as one act, whose id is that of the plan.
    """

    connection: str
    base_url: str
    kind: PlanKind
    title: str
    steps: tuple[PlannedStep, ...]
    expected: Mapping[str, str]
    made_at: int
    notes: tuple[str, ...] = ()
    undoes: str = ""
    id: str = msgspec.field(default_factory=lambda: uuid4().hex)


class StepProgress(msgspec.Struct, frozen=True):
    """The state of a step: the key of what was created, and a sentence about a failure."""

    number: int
    state: StepState
    key: str = ""
    problem: str = ""


def encode_plan(plan: Plan) -> str:
    """Return a plan as JSON, to be stored; a half of a character stays one."""
    return encode_as_read(msgspec.to_builtins(plan)).decode()


def decode_plan(stored: str) -> Plan:
    """Return a stored plan. Raises msgspec.DecodeError or msgspec.ValidationError."""
    try:
        return msgspec.convert(parse(stored.encode()), Plan)
    except Undecodable as error:
        raise msgspec.DecodeError(str(error)) from None
