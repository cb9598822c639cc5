import re

from ibconsole.simulator.random_ids import chance, code_of, key_of, message_id_of, uuid_of


def test_a_seed_decides_everything() -> None:
    """The same seed and purpose make the same, another purpose something else."""
    assert uuid_of(chance(1, "a")) == uuid_of(chance(1, "a"))
    assert uuid_of(chance(1, "a")) != uuid_of(chance(1, "b"))
    assert uuid_of(chance(1, "a")) != uuid_of(chance(2, "a"))


def test_identifiers_have_the_documented_shapes() -> None:
    """Codes, keys and message ids look like the vendor's."""
    source = chance(1, "x")

    assert re.fullmatch(r"[0-9a-f]{32}-[0-9a-f-]{36}", code_of(source))
    assert re.fullmatch(r"[0-9A-F]{32}", key_of(source))
    names = [message_id_of(source) for _ in range(200)]
    numbers = [name for name in names if name.isdigit()]
    assert 100 < len(numbers) < 200
    assert all(len(name) == 19 and int(name) > 2**53 for name in numbers)
