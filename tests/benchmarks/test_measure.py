"""The arithmetic and the table of the benchmarks."""

from pathlib import Path

import pytest

from measure import (
    Figure,
    Options,
    Report,
    cpu_model,
    document,
    formatted,
    percentile,
    ratios,
    summarize,
)


def test_a_figure_is_a_median_with_its_spread() -> None:
    """One slow run moves the spread, and not the median."""
    assert summarize([3.0, 1.0, 900.0, 2.0, 4.0]) == Figure(3.0, 1.0, 900.0, 5)


def test_a_figure_needs_a_run() -> None:
    """A benchmark that measured nothing fails instead of reporting zero."""
    with pytest.raises(ValueError, match="no values"):
        summarize([])


def test_ratios_are_those_of_each_run() -> None:
    """The two values of a ratio were measured one after the other."""
    assert ratios([1.0, 6.0], [2.0, 3.0]) == [0.5, 2.0]


def test_ratios_need_the_same_runs() -> None:
    """A run that is missing on one side is not ignored."""
    with pytest.raises(ValueError, match="shorter"):
        ratios([1.0, 2.0], [1.0])


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([5.0], 0.95, 5.0),
        (list(range(1, 101)), 0.95, 95),
        (list(range(1, 21)), 0.95, 19),
        (list(range(1, 11)), 0.95, 10),
        ([3.0, 1.0, 2.0], 0.5, 2.0),
        ([3.0, 1.0, 2.0], 0.0, 1.0),
    ],
)
def test_a_percentile_is_a_measured_value(
    values: list[float], share: float, expected: float
) -> None:
    """A percentile is the smallest value that the given share does not exceed."""
    assert percentile(values, share) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, "0"), (0.12345, "0.123"), (9.876, "9.88"), (33_700.4, "33,700"), (-1.5, "-1.50")],
)
def test_numbers_have_three_digits(value: float, expected: str) -> None:
    """More digits would pretend an accuracy that a noisy machine does not have."""
    assert formatted(value) == expected


def test_the_table_has_medians_spread_and_targets() -> None:
    """The table shows how much the runs differ, and which targets are missed."""
    report = Report("pull")
    report.add("console ÷ bare", [0.5, 0.4, 0.7], at_least=0.5)
    report.add("p99", [30.0], "ms", at_most=25)
    report.note("mitmdump is left out.")
    report.note("mitmdump is left out.")

    assert document([report], {"cores": "2"}) == (
        "- cores: 2\n"
        "\n"
        "| benchmark | what           | median  | min to max     | runs | target      |\n"
        "|-----------|----------------|---------|----------------|------|-------------|\n"
        "| pull      | console ÷ bare | 0.500   | 0.400 to 0.700 | 3    | ≥ 0.5 met   |\n"
        "| pull      | p99            | 30.0 ms |                | 1    | ≤ 25 missed |\n"
        "\n"
        "- pull: mitmdump is left out.\n"
    )


def test_a_report_survives_the_way_between_processes() -> None:
    """The table of all benchmarks is made from what each of them printed."""
    report = Report("feed")
    report.add("grüße: first rows", [1.0, 2.0], "ms", at_most=50)
    report.note("A note.")

    assert Report.from_json(report.to_json()) == report


def test_quick_sizes_give_way_to_given_ones() -> None:
    """--quick chooses sizes that the command line does not name."""
    command = Options("A benchmark.", runs=7, quick_runs=2)
    command.add_size("--messages", 100_000, 1_000)

    full, quick = command.parse([]), command.parse(["--quick", "--runs", "9"])

    assert (full.runs, full.messages) == (7, 100_000)
    assert (quick.runs, quick.messages) == (9, 1_000)


def test_the_cpu_is_named_as_the_system_names_it(tmp_path: Path) -> None:
    """A table shows on which kind of machine it was measured."""
    cpu_info = tmp_path / "cpuinfo"
    cpu_info.write_text("processor\t: 0\nmodel name\t: Fast 3000 @ 2 GHz\n", encoding="utf-8")

    assert cpu_model(cpu_info) == "Fast 3000 @ 2 GHz"
    assert cpu_model(tmp_path / "none")
