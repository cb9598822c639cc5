"""The undo of an act for one application, worked out from what is recorded."""

from ibconsole.archive.history.points import SetupPart, SetupPoint
from ibconsole.model import read_action
from ibconsole.services.setup.inbound_route import ConfigurationState, InboundRoute, route_bytes
from ibconsole.services.setup.plans.acts import ActChange, ActRecord
from ibconsole.services.setup.plans.application_undo import ApplicationUndo
from ibconsole.services.setup.plans.plan import StepKind

PULL = {"key": "a", "type": "PULL"}
URL = {"key": "b", "type": "HTTP_FORWARD", "forwardUrl": "https://u:p@x.example/"}


def route(*actions: dict[str, str], key: str = "c") -> InboundRoute:
    state = ConfigurationState(key, tuple(map(read_action, actions)), {"key": key})
    return InboundRoute((state,))


def point(at: int, found: InboundRoute | None) -> SetupPoint:
    content = b"?" if found is None else route_bytes(found)
    return SetupPoint("app", SetupPart.ROUTE, at, at, is_current=False, content=content)


def change(kind: StepKind, key: str, at: int = 10, **values: object) -> ActChange:
    fields = {"before": "", "after": "", "is_certain": True, "configuration": "c", **values}
    return ActChange(kind=kind, at=at, application="app", key=key, **fields)  # type: ignore[arg-type]


def undo(
    now: InboundRoute, *changes: ActChange, points: tuple[SetupPoint, ...] = (), **keys: str
) -> ApplicationUndo:
    record = ActRecord(
        id="x", at=1, user="", place="", stated="", applications=("app",), changes=changes
    )
    made = ApplicationUndo(record, "app", now, points, keys)
    made.plan("Shop", into_existing=False)
    return made


def kinds(made: ApplicationUndo) -> list[StepKind]:
    return [step.kind for step in (*made.creations, *made.deletions)]


def test_values_come_from_the_state_before_the_change() -> None:
    """The audit has them redacted."""
    points = (point(1, route(PULL)), point(9, route(PULL, URL)), point(11, route(PULL)))

    made = undo(route(PULL), change(StepKind.DELETE_ACTION, "b"), points=points)

    [step] = made.creations
    assert step.draft
    assert (step.draft.forward_url, step.replaces) == (URL["forwardUrl"], "b")


def test_the_audit_helps_out_where_nothing_is_redacted() -> None:
    """Without the state before, a redacted value is not put back; that is said."""
    plain = change(StepKind.DELETE_ACTION, "a", before='{"key":"a","type":"PULL"}')
    masked = change(StepKind.DELETE_ACTION, "b", before='{"key":"b","forwardUrl":"••••"}')
    damaged = change(StepKind.DELETE_ACTION, "d", before="?")

    made = undo(route(), plain, masked, damaged, points=(point(1, None),))

    assert [step.replaces for step in made.creations] == ["a"]
    assert sum("cannot be created again" in note for note in made.notes) == 2


def test_a_credential_is_not_put_back_as_its_mask() -> None:
    """The program never sees it, so it cannot send it."""
    masked = {**URL, "forwardUrl": "https://x.example/?key=••••"}
    made = undo(route(), change(StepKind.DELETE_ACTION, "b"), points=(point(1, route(masked)),))
    assert kinds(made) == []
    assert "by hand" in made.notes[0]


def test_what_an_act_deleted_again_itself_is_no_part_of_its_undo() -> None:
    points = (point(1, route()), point(11, route(PULL)))
    made = undo(
        route(),
        change(StepKind.CREATE_ACTION, "a", after='{"type":"PULL"}'),
        change(StepKind.DELETE_ACTION, "a", at=12),
        points=points,
    )
    assert kinds(made) == []

    made = undo(
        InboundRoute(),
        change(StepKind.CREATE_CONFIGURATION, "c", configuration=""),
        change(StepKind.CREATE_ACTION, "a", after='{"type":"PULL"}'),
        change(StepKind.DELETE_CONFIGURATION, "c", at=12),
        points=(point(1, InboundRoute()), *points[1:]),
    )
    assert kinds(made) == []


def test_a_replaced_configuration_keeps_its_place() -> None:
    """There is one configuration: what was deleted goes into the act's own new one."""
    made = undo(
        route({**URL, "key": "n"}, key="d"),
        change(StepKind.DELETE_CONFIGURATION, "c"),
        change(StepKind.CREATE_CONFIGURATION, "d", at=12, configuration=""),
        change(
            StepKind.CREATE_ACTION,
            "n",
            at=14,
            configuration="d",
            after='{"type":"HTTP_FORWARD","forwardUrl":"https://••••@x.example/"}',
        ),
        points=(point(1, route(PULL)),),
    )
    assert kinds(made) == [StepKind.CREATE_ACTION, StepKind.DELETE_ACTION]
    assert made.creations[0].configuration == "d"


def test_an_empty_configuration_comes_back() -> None:
    made = undo(
        InboundRoute(),
        change(StepKind.DELETE_CONFIGURATION, "c"),
        points=(point(1, route()),),
    )
    assert kinds(made) == [StepKind.CREATE_CONFIGURATION]
    assert not made.notes


def test_an_uncertain_deletion_counts_only_if_it_is_gone() -> None:
    uncertain = change(StepKind.DELETE_ACTION, "a", is_certain=False)
    points = (point(1, route(PULL, URL)),)

    assert kinds(undo(route(PULL, URL), uncertain, points=points)) == []
    assert kinds(undo(route(URL), uncertain, points=points)) == [StepKind.CREATE_ACTION]


def test_what_was_created_without_an_answer_is_looked_for() -> None:
    """One object that can be it is it; of several none is taken, as they may be of others."""
    created = change(StepKind.CREATE_ACTION, "", after='{"type":"PULL"}')
    configured = change(StepKind.CREATE_CONFIGURATION, "", configuration="")
    two = (PULL, {**PULL, "key": "z"})

    assert kinds(undo(route(PULL), created, points=(point(1, route()),))) == [
        StepKind.DELETE_ACTION
    ]
    made = undo(route(*two), created, points=(point(1, route()),))
    assert kinds(made) == []
    assert "not known" in made.notes[0]
    seen = (point(1, route()), point(11, route(PULL)))
    assert [one.action for one in undo(route(*two), created, points=seen).deletions] == ["a"]
    assert kinds(undo(route(), configured, points=(point(1, InboundRoute()),))) == [
        StepKind.DELETE_CONFIGURATION
    ]


def test_what_was_changed_since_stays() -> None:
    created = change(StepKind.CREATE_ACTION, "a", after='{"type":"MAIL"}')
    made = undo(route(PULL), created)
    assert kinds(made) == []
    assert "not as it was created" in made.notes[0]
    seen = (point(11, route(PULL)),)
    assert kinds(undo(route(PULL), created, points=seen)) == [StepKind.DELETE_ACTION]


def test_what_was_put_back_already_is_found_by_its_new_key() -> None:
    points = (point(1, route(PULL, PULL | {"key": "k"})),)
    deleted = change(StepKind.DELETE_ACTION, "a")

    assert kinds(undo(route({**PULL, "key": "n"}), deleted, points=points, a="n")) == []
    assert kinds(undo(route({**PULL, "key": "k"}), deleted, points=points)) == [
        StepKind.CREATE_ACTION
    ]
