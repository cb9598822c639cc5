"""Believable applications: invented companies in every state that a support engineer meets.

The first six show each state of the inbound setup once; the first of all can be pulled.
"""

from dataclasses import dataclass
from typing import Any

from ibconsole.simulator.random_ids import RandomIds, chance, code_of, key_of

PULL = "PULL"
FORWARD = "HTTP_FORWARD"


@dataclass(frozen=True, slots=True)
class Example:
    """An invented application.

    `actions` are the types of its configuration's actions, None if it has no
    configuration. `systems` are those it is registered with: "a" APNs, "g" GCM.
    """

    name: str
    description: str
    registrations: int
    systems: str
    actions: tuple[str, ...] | None
    callback_data: str = ""


EXAMPLES = (
    Example(
        "Bora Bank",
        "Mobile banking, retail customers: balance, cards, in-app chat",
        1_284_310,
        "ag",
        (PULL,),
        "channel=inapp-chat;tenant=retail",
    ),
    Example(
        "Kestrel Airways",
        "Boarding passes, gate changes and replies to disruption notices",
        648_205,
        "ag",
        (FORWARD,),
        '{"queue":"disruption","site":"ZAG"}',
    ),
    Example(
        "Pronto Lunch",
        "Food delivery, couriers and guests share one app",
        93_477,
        "ag",
        (PULL, FORWARD),
    ),
    Example("Lumen Mobile", "Self-care app of the operator, iOS and Android", 4_730_118, "ag", ()),
    Example("Marigold Retail", "Loyalty card and weekly offers", 215_904, "g", None),
    Example(
        "Vita Polyclinic",
        "Appointments and reminders; patients answer YES or NO",
        18_662,
        "a",
        (PULL,),
        "clinic/7",
    ),
    Example(
        "Tramontana Energy",
        "Meter readings and outage reports",
        57_031,
        "ag",
        (FORWARD,),
    ),
    Example(
        "Školjka turizam",
        "Rezervacije, gosti i čišćenje, Jadran",
        3_820,
        "ag",
        (PULL,),
        "sezona=ljeto",
    ),
    Example("Postkutsche Logistik", "Sendungsverfolgung für Geschäftskunden", 402_559, "ag", ()),
    Example("مكتبة النور", "تطبيق المكتبة: الطلبات والاستفسارات", 76_112, "g", (PULL,)),
    Example("さくら便", "荷物の再配達と問い合わせ", 1_050_777, "ag", (FORWARD, FORWARD)),
    Example("Bora Bank (UAT)", "test, do not use for campaigns", 0, "", (PULL,)),
    Example("Onda Radio", "Studio line: listeners write to the programme", 9_004, "a", None),
    Example("Sagarmatha Learning", "Homework help and parent messages", 321_456, "g", (PULL,)),
)


def applications(seed: int, count: int) -> list[dict[str, Any]]:
    """So many applications in the platform's spelling; past the examples, numbered kin of them."""
    source = chance(seed, "applications")
    return [_application(index, source) for index in range(count)]


def actions(seed: int, index: int) -> list[dict[str, Any]] | None:
    """The actions that the application of an index begins with, without keys.

    None stands for an application without a configuration. Forwards go to addresses on
    loopback where nobody may be listening.
    """
    example = EXAMPLES[index % len(EXAMPLES)]
    if example.actions is None:
        return None
    source = chance(seed, f"actions/{index}")
    return [_action(example, kind, source) for kind in example.actions]


def _application(index: int, source: RandomIds) -> dict[str, Any]:
    example = EXAMPLES[index % len(EXAMPLES)]
    generation = index // len(EXAMPLES)
    registrations = example.registrations
    if generation:
        registrations = int(registrations * source.random() ** 2)
    return {
        "applicationCode": code_of(source),
        "applicationId": key_of(source),
        "name": f"{example.name} {generation + 1}" if generation else example.name,
        "description": example.description,
        "registrationsCount": registrations,
        "apns": {"enabled": "a" in example.systems},
        "gcm": {"enabled": "g" in example.systems},
    }


def _action(example: Example, kind: str, source: RandomIds) -> dict[str, Any]:
    action: dict[str, Any] = {"type": kind}
    if kind == FORWARD:
        action["forwardUrl"] = f"http://127.0.0.1:8484/inbound/{source.getrandbits(64):016x}"
    if example.callback_data:
        action["callbackData"] = example.callback_data
    return action
