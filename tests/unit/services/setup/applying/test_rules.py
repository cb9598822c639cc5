import pytest

from ibconsole.secret import MASK
from ibconsole.services.documents import InvalidDocument
from ibconsole.services.setup import InboundRoute
from ibconsole.services.setup.applying.rules import (
    BadRule,
    SetupRules,
    Substitution,
    parse_mapping,
    parse_substitution,
    transform,
    wanted_clone,
)
from tests.unit.services.setup.applying.setups import (
    PULL,
    application,
    file_of,
    forward,
    route,
    wanted,
)


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("https://stage.=https://", "https://stage.shop/in", "https://shop/in"),
        ("stage=", "a stage of a stage", "a  of a "),
        (r"env\=stage=env\=live", "?env=stage", "?env=live"),
        (r"/stage-(\d+)/=live-\1", "stage-7 stage-x", "live-7 stage-x"),
        ("/^https?:/=https:", "http://http:", "https://http:"),
        (r"\/in/=/out/", "https://a/in/in/", "https://a/out/in/"),
        ("a.b=c", "a.b axb", "c axb"),
        (r"x=\1", "x", r"\1"),
        ("/a=b/=c", "a=b", "c"),
    ],
)
def test_texts_are_replaced_literally_or_by_an_expression(
    text: str, before: str, after: str
) -> None:
    """A rule between slashes is an expression; of others every character counts."""
    assert parse_substitution(text).apply(before) == after


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("stage", "has no equals sign"),
        ("a=b=c", "has several equals signs"),
        ("=b", "replaces nothing"),
        ("/(/=b", "is no regular expression with a replacement: missing )"),
        (r"/a/=\2", "invalid group reference 2"),
        ("/x*/=y", "matches the empty text"),
        ("//=y", "replaces nothing"),
        ("/in/out", "begins like an expression"),
        ("/", "has no equals sign"),
        ("a\udcff=b", "is no text in UTF-8"),
    ],
)
def test_a_bad_rule_is_one_sentence(text: str, reason: str) -> None:
    """The sentence quotes the rule and says what is wrong with it."""
    with pytest.raises(BadRule) as raised:
        parse_substitution(text)
    sentence = str(raised.value)
    assert reason in sentence
    assert sentence.startswith("“")
    assert "\n" not in sentence


def test_names_are_mapped() -> None:
    """An equals sign of a name is escaped."""
    assert parse_mapping("Shop stage=Shop") == ("Shop stage", "Shop")
    assert parse_mapping(r"a\=b=c") == ("a=b", "c")
    for text in ("Shop", "=Shop", "Shop=", "a=b=c", "a=\udcff"):
        with pytest.raises(BadRule):
            parse_mapping(text)


def test_a_file_is_transformed() -> None:
    """Names, URLs and callback data change; the rest, and the positions, stay."""
    file = file_of(
        wanted("Shop stage", [forward("https://stage.a/in", "stage"), PULL], 3, id="7", code="c"),
        wanted("Bank", None, 9, id="8"),
    )
    rules = SetupRules(
        {"Shop stage": "Shop"}, (parse_substitution("stage.=live."), parse_substitution("stage=x"))
    )

    found = transform(file, rules)

    assert found.file == file_of(
        wanted("Shop", [forward("https://live.a/in", "x"), PULL], 3),
        wanted("Bank", None, 9, id="8"),
    )
    assert found.unused == ()


def test_an_application_is_also_mapped_by_its_id() -> None:
    """An application without a name has an ID in the file."""
    found = transform(file_of(wanted("", [], id="7")), SetupRules({"7": "Shop"}))

    assert found.file == file_of(wanted("Shop", []))


def test_rules_that_find_nothing_are_named() -> None:
    """A rule that was mistyped would leave URLs of a stage in production."""
    rules = SetupRules(
        {"Shp": "Shop"}, (Substitution("satge", "satge", "x"), Substitution("h", "h", "h"))
    )

    found = transform(file_of(wanted("Shop", [forward("https://stage")])), rules)

    assert found.unused == ("Shp", "satge", "h")


def test_two_applications_may_not_get_one_name() -> None:
    """The setup of one would have to be that of both."""
    file = file_of(wanted("Shop stage", [], 2), wanted("Shop", [], 8))

    with pytest.raises(InvalidDocument, match=r"setup\.yaml:8:3: .*“Shop” in line 2"):
        transform(file, SetupRules({"Shop stage": "Shop"}))


def test_a_clone_wants_what_the_other_application_has() -> None:
    """The target is named by all that names it; a credential that was masked cannot be sent."""
    source = route(PULL, forward("https://a/in?key=************", "d"))

    found = wanted_clone(source, application("Bank", "code-2"), "Clone Shop to Bank")

    masked = forward(f"https://a/in?key={MASK}", "d")
    [wants] = found.applications
    assert (wants.name, wants.id, wants.code) == ("Bank", "id-code-2", "code-2")
    assert [one.draft for one in wants.actions] == [PULL, masked]
    assert found.name == "Clone Shop to Bank"


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        (InboundRoute(), "there is no configuration that could be cloned"),
        (
            InboundRoute((*route().configurations, *route(key="other").configurations)),
            "there are 2 configurations, and one can be cloned",
        ),
    ],
)
def test_one_configuration_is_cloned(source: InboundRoute, rule: str) -> None:
    """An application without a configuration is no source, and deletes nothing."""
    with pytest.raises(InvalidDocument, match=f"Clone: {rule}"):
        wanted_clone(source, application("Bank"), "Clone")
