"""A plan says in words what would be sent, and who may have it already."""

from ibconsole.services.redelivery.reporting import plan_as_object, plan_sentences
from ibconsole.services.redelivery.values import RedeliveryPlan, RedeliveryRequest

REQUEST = RedeliveryRequest(url=" https://u:p@h.example/in?token=abc ")
PLAN = RedeliveryPlan(
    messages=2_000,
    requests=3,
    size=4_096,
    first=0,
    last=86_400_000,
    divided=1,
    duplicates=2,
    acknowledged=3,
    unknown=1,
    others=tuple(f"https://{number}.example/" for number in range(12)),
)


def test_a_plan_is_a_few_sentences() -> None:
    """Each remark only where there is something to remark; no secret of a URL."""
    text = "\n".join(plan_sentences(REQUEST, PLAN))
    assert text.startswith("2,000 messages in 3 requests to https://")
    assert "1 message came in forwards with others" in text
    assert "3 messages of them were acknowledged by this URL before" in text
    assert "https://9.example/, and 2 others." in text
    assert "abc" not in text
    assert "u:p" not in text
    assert len(list(plan_sentences(REQUEST, RedeliveryPlan(messages=1, requests=1)))) == 2


def test_a_plan_is_an_object() -> None:
    found = plan_as_object(REQUEST, PLAN)
    assert (found["messages"], found["firstAt"][:10]) == (2_000, "1970-01-01")
    assert len(found["forwardedTo"]) == 12
    assert "abc" not in str(found)
