"""The list of calls grows at both ends, and the details say what is stored."""

from datetime import UTC

from ibconsole.archive import AuditRow
from ibconsole.errors import Severity
from ibconsole.services.audit.reports import describe_row
from ibconsole.ui.audit.model import AuditModel, describe_call, tone_of
from ibconsole.ui.toolkit.text import ApplicationNames
from ibconsole.ui.toolkit.times import TimeDisplay
from tests.ui.audit.conftest import CODE, CREATE, call


def rows(model: AuditModel) -> list[int]:
    return [model.id_at(row) for row in range(model.rowCount())]


def test_calls_are_added_at_both_ends_and_changed_in_place() -> None:
    model = AuditModel(ApplicationNames(), TimeDisplay())
    model.replace_calls([call(5, ended=False), call(3)])
    model.add_older_calls([call(2), call(1), call(3)])
    assert rows(model) == [5, 3, 2, 1]
    assert model.unfinished == [5]

    model.add_calls([call(6), call(5, "refused")])
    assert rows(model) == [6, 5, 3, 2, 1]
    assert model.index(1, 5).data() == "refused"
    assert model.unfinished == []
    model.replace_calls([])
    assert rows(model) == []


def test_codes_are_shown_by_name_or_masked() -> None:
    model = AuditModel(ApplicationNames(), TimeDisplay())
    model.replace_calls([call(1)])
    assert model.index(0, 3).data() == "0123…cdef"
    assert model.index(0, 1).data() == "anna"


def test_outcomes_that_need_a_look_have_a_colour() -> None:
    tones = {state: tone_of(call(1, state)) for state in ("done", "refused", "not known")}
    assert tones == {"done": None, "refused": Severity.DANGER, "not known": Severity.WARNING}


def test_details_say_what_is_known_and_what_is_not() -> None:
    outcome = '{"state": "refused", "status": 409, "problem": "There is one."}'
    row = describe_row(AuditRow(1, 0, "a", CODE, CREATE, 5, outcome))
    details = describe_call(row, "Kestrel", 0, UTC)
    assert (details.summary.title, details.summary.lead) == (
        "Create action: pull",
        "refused (409)",
    )
    assert [remark.sentence for remark in details.summary.remarks] == ["There is one."]
    facts = {fact.label: fact.value for _, facts in details.summary.sections for fact in facts}
    assert (facts["Application"], facts["Reason"], facts["Row"]) == ("Kestrel", "ticket 7", "1")
    assert '"type": "PULL"' in details.after.text
    assert details.before.note

    several = CREATE.replace('"kind"', '"covers": "this pull and others", "kind"')
    under_way = describe_call(describe_row(AuditRow(1, 0, "a", CODE, several)), "", 0, UTC)
    assert [remark.severity for remark in under_way.summary.remarks] == [
        Severity.WARNING,
        Severity.INFO,
    ]
