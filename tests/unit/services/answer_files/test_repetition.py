from ibconsole.listener.answers import PRESETS, AnswerRule, AnswerScenario, RuleAnswer
from ibconsole.services.answer_files import borrows_from_customer, repetition_warning
from ibconsole.services.connections import Connection, Environment
from ibconsole.services.runtime import LeaseState, LeaseStatus

SANDBOX = Connection("1", "Demo", "http://127.0.0.1", environment=Environment.SANDBOX)
ACME = Connection("2", "Acme", "https://a", environment=Environment.PRODUCTION)
OTHERS = [Connection(str(number), f"C{number}", "https://c") for number in range(3, 6)]


def test_nothing_is_asked_without_a_customer() -> None:
    """In a sandbox, or with answers that a platform takes for delivered, there is no question."""
    prompt = AnswerScenario("n", (AnswerRule("ok", answer=RuleAnswer(200, body="{text}")),))

    assert repetition_warning(PRESETS["401"], [SANDBOX]) == ""
    assert repetition_warning(PRESETS["401"], []) == ""
    assert repetition_warning(prompt, [ACME], borrows=True) == ""


def test_a_route_borrowed_from_a_sandbox_is_no_customers() -> None:
    """Only routes of accounts that may be a customer's count; an unknown account may be one."""
    lease = LeaseStatus("L", "1", "CODE", "http://h/l", "/l", LeaseState.ACTIVE, 0, 1)

    assert not borrows_from_customer([lease], [SANDBOX])
    assert borrows_from_customer([lease], [ACME])
    assert not borrows_from_customer([], [ACME])


def test_the_sentence_names_rules_and_connections() -> None:
    """The user reads which rules do what to whose messages."""
    assert repetition_warning(PRESETS["401"], [SANDBOX, ACME]) == (
        "Rule “401” makes the platform send a message again, which may be lost after the last"
        " attempt; the platform's support can see these answers. “Acme” is no sandbox, so a"
        " customer's messages can be among them."
    )
    rules = [AnswerRule(name, answer=RuleAnswer(500)) for name in "abc"]
    several = repetition_warning(AnswerScenario("n", tuple(rules)), [ACME, *OTHERS])
    assert several.startswith("Rules “a”, “b” and 1 more make the platform")
    assert "“Acme”, “C3” and 2 more are no sandbox," in several
    assert "A route is borrowed at this time, so" in repetition_warning(
        PRESETS["slow"], [SANDBOX], borrows=True
    )
