"""What a summary is made of: facts, remarks and sections."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and a value. A code is worth copying; a secret is masked until it is asked for.

    `leads_to` is what else can be looked at: "message" or "delivery", and its id.
    """

    label: str
    value: str
    tooltip: str = ""
    is_code: bool = False
    is_secret: bool = False
    leads_to: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence that asks for attention; `kind` is info, warning or danger."""

    kind: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Summary:
    """A heading, what to watch out for, and sections of facts with their titles."""

    title: str
    lead: str
    remarks: tuple[Remark, ...]
    sections: tuple[tuple[str, tuple[Fact, ...]], ...]
