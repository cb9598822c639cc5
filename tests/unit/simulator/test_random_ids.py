import re

from ibconsole.simulator.random_ids import RandomIds


def test_a_seed_and_a_purpose_determine_the_identifiers() -> None:
    """The same seed and purpose give the same identifiers, another purpose gives others."""
    assert RandomIds(1, "a").uuid() == RandomIds(1, "a").uuid()
    assert RandomIds(1, "a").uuid() != RandomIds(1, "b").uuid()
    assert RandomIds(1, "a").uuid() != RandomIds(2, "a").uuid()


def test_identifiers_have_the_documented_shapes() -> None:
    """Codes, keys and message IDs look like those of the platform."""
    source = RandomIds(1, "x")

    assert re.fullmatch(r"[0-9a-f]{32}-[0-9a-f-]{36}", source.code())
    assert re.fullmatch(r"[0-9A-F]{32}", source.key())
    names = [source.message_id() for _ in range(200)]
    numbers = [name for name in names if name.isdigit()]
    assert 100 < len(numbers) < 200
    assert all(len(name) == 19 and int(name) > 2**53 for name in numbers)
