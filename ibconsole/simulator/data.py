"""Example applications: invented companies in every state that a support engineer meets.

The first six show each state of the inbound setup once; the first one has a PULL action.
"""

from dataclasses import dataclass
from typing import Any

from ibconsole.simulator.random_ids import RandomIds

PULL = "PULL"
FORWARD = "HTTP_FORWARD"
_NOWHERE = "http://127.0.0.1:9"  # not a port that a listener uses: it would get foreign requests


@dataclass(frozen=True, slots=True)
class ExampleApplication:
    """An invented application.

    `actions` are the types of its configuration's actions, None if it has no
    configuration. `systems` are its push services: "a" APNs, "g" GCM.
    """

    name: str
    description: str
    registrations: int
    systems: str
    actions: tuple[str, ...] | None
    callback_data: str = ""


EXAMPLES = (
    ExampleApplication(
        "Bora Bank",
        "Mobile banking, retail customers: balance, cards, in-app chat",
        1_284_310,
        "ag",
        (PULL,),
        "channel=inapp-chat;tenant=retail",
    ),
    ExampleApplication(
        "Kestrel Airways",
        "Boarding passes, gate changes and replies to disruption notices",
        648_205,
        "ag",
        (FORWARD,),
        '{"queue":"disruption","site":"ZAG"}',
    ),
    ExampleApplication(
        "Pronto Lunch",
        "Food delivery, couriers and guests share one app",
        93_477,
        "ag",
        (PULL, FORWARD),
    ),
    ExampleApplication(
        "Lumen Mobile", "Self-care app of the operator, iOS and Android", 4_730_118, "ag", ()
    ),
    ExampleApplication("Marigold Retail", "Loyalty card and weekly offers", 215_904, "g", None),
    ExampleApplication(
        "Vita Polyclinic",
        "Appointments and reminders; patients answer YES or NO",
        18_662,
        "a",
        (PULL,),
        "clinic/7",
    ),
    ExampleApplication(
        "Tramontana Energy",
        "Meter readings and outage reports",
        57_031,
        "ag",
        (FORWARD,),
    ),
    ExampleApplication(
        "Školjka turizam",
        "Rezervacije, gosti i čišćenje, Jadran",
        3_820,
        "ag",
        (PULL,),
        "sezona=ljeto",
    ),
    ExampleApplication(
        "Postkutsche Logistik", "Sendungsverfolgung für Geschäftskunden", 402_559, "ag", ()
    ),
    ExampleApplication("مكتبة النور", "تطبيق المكتبة: الطلبات والاستفسارات", 76_112, "g", (PULL,)),
    ExampleApplication("さくら便", "荷物の再配達と問い合わせ", 1_050_777, "ag", (FORWARD, FORWARD)),
    ExampleApplication("Bora Bank (UAT)", "test, do not use for campaigns", 0, "", (PULL,)),
    ExampleApplication(
        "Onda Radio", "Studio line: listeners write to the programme", 9_004, "a", None
    ),
    ExampleApplication(
        "Sagarmatha Learning", "Homework help and parent messages", 321_456, "g", (PULL,)
    ),
)


def applications(seed: int, count: int) -> list[dict[str, Any]]:
    """Return `count` applications as on the wire; after the examples come numbered variants."""
    source = RandomIds(seed, "applications")
    return [_application(index, source) for index in range(count)]


def actions(seed: int, index: int) -> list[dict[str, Any]] | None:
    """Return the initial actions of the application with this index, without keys.

    None stands for an application without a configuration. Forwards go to loopback
    addresses, where possibly no server listens.
    """
    example = EXAMPLES[index % len(EXAMPLES)]
    if example.actions is None:
        return None
    source = RandomIds(seed, f"actions/{index}")
    return [_action(example, kind, source) for kind in example.actions]


def _application(index: int, source: RandomIds) -> dict[str, Any]:
    example = EXAMPLES[index % len(EXAMPLES)]
    generation = index // len(EXAMPLES)
    registrations = example.registrations
    if generation:
        registrations = int(registrations * source.random() ** 2)
    return {
        "applicationCode": source.code(),
        "applicationId": source.key(),
        "name": f"{example.name} {generation + 1}" if generation else example.name,
        "description": example.description,
        "registrationsCount": registrations,
        "apns": {"enabled": "a" in example.systems},
        "gcm": {"enabled": "g" in example.systems},
    }


def _action(example: ExampleApplication, kind: str, source: RandomIds) -> dict[str, Any]:
    action: dict[str, Any] = {"type": kind}
    if kind == FORWARD:
        action["forwardUrl"] = f"{_NOWHERE}/inbound/{source.getrandbits(64):016x}"
    if example.callback_data:
        action["callbackData"] = example.callback_data
    return action
