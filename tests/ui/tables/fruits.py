"""Records of two columns for the tests of tables."""

from dataclasses import dataclass

from ibconsole.ui.tables.records_model import RecordsModel
from ibconsole.ui.tables.snapshot import Column


@dataclass(frozen=True)
class Fruit:
    name: str
    price: int = 1


APPLE, PEAR, PLUM, FIG = Fruit("apple", 10), Fruit("Pear", 9), Fruit("plum", 100), Fruit("fig")
COLUMNS: tuple[Column[Fruit], ...] = (
    Column("Name", lambda fruit: fruit.name, tooltip=lambda fruit: f"a {fruit.name}"),
    Column("Price", lambda fruit: f"{fruit.price}", lambda fruit: fruit.price, right=True),
)


def fruit_model() -> RecordsModel[Fruit]:
    return RecordsModel(COLUMNS, lambda fruit: fruit.name, search=lambda fruit: fruit.name)
