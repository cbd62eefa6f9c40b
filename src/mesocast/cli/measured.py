"""Measured electrodes on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mesocast.cli.answer import add_output, write_table
from mesocast.cli.command import Command, add_results, campaign_of
from mesocast.report.numbers import aligned

if TYPE_CHECKING:
    import argparse

    from mesocast.config.campaign import Campaign
    from mesocast.verification.measured import MeasuredComparison

_NUMBERS = "measured - simulated"


def compare_table(arguments: argparse.Namespace) -> None:
    """Answer ``mesocast compare --measured``."""
    from mesocast.dataset.design_columns import DesignColumns
    from mesocast.surrogates.measured.table import read_measured
    from mesocast.verification.jobs import compare_with_measured, write_measured

    campaign = campaign_or_that_of_results(arguments)
    measured = read_measured(arguments.measured, DesignColumns.of(campaign))
    found = compare_with_measured(campaign, arguments.results, measured)
    if arguments.folder is not None:
        write_measured(found, arguments.folder)
    print(comparison_text(found))  # noqa: T201 - the command's answer


def campaign_or_that_of_results(arguments: argparse.Namespace) -> Campaign:
    """Campaign of ``--config``, else that with which the results were begun."""
    if arguments.config is not None:
        return campaign_of(arguments)
    from mesocast.report.results import open_results

    results: Path = arguments.results
    return open_results(results).campaign


def comparison_text(found: MeasuredComparison) -> str:
    """Lines of a comparison for people."""
    header = ("property", "n", _NUMBERS, "in %", "RMSE simulated", "corrected", "in 95 %")
    rows = [
        (
            row["property"],
            str(row["n"]),
            f"{row['difference']:+.3g} {row['unit']}".rstrip(),
            f"{row['difference_pct']:+.1f}",
            f"{row['rmse_predicted']:.3g}",
            f"{row['rmse_corrected']:.3g}",
            f"{100 * row['inside_95']:.0f} %",
        )
        for row in found.bias.to_dict("records")
    ]
    first, second = found.uncorrected, found.corrected
    best = [
        ("best by simulations", first.recipe.label, f"{first.objective:.3f}"),
        ("best as corrected", second.recipe.label, f"{second.objective:.3f}"),
    ]
    predicted = [
        (
            name,
            f"{value:.4g}",
            "{:.4g} to {:.4g}".format(*found.corrected.interval[name]),
        )
        for name, value in found.corrected.predicted.items()
    ]
    return "\n".join(
        [
            *aligned([header, *rows]),
            "",
            *aligned([("", "recipe", "objective as corrected"), *best]),
            "",
            *aligned([("best as corrected", "predicted", "95 % of electrodes"), *predicted]),
            *(f"remark: {remark}" for remark in found.remarks),
        ]
    )


def _add_ask(parser: argparse.ArgumentParser) -> None:
    add_results(parser)
    add_output(parser)


def _ask(arguments: argparse.Namespace) -> None:
    from mesocast.optimization.laboratory.jobs import run_ask

    campaign = campaign_or_that_of_results(arguments)
    write_table(run_ask(campaign, arguments.results), arguments.output)


def _add_tell(parser: argparse.ArgumentParser) -> None:
    add_results(parser)
    parser.add_argument(
        "table",
        type=Path,
        help="what was measured, as for compare --measured; an electrode that was asked for is "
        "known by its name",
    )
    parser.add_argument(
        "--replace", action="store_true", help="take another value for what was told before"
    )


def _tell(arguments: argparse.Namespace) -> None:
    from mesocast.report.results import Results

    results = Results(campaign_or_that_of_results(arguments), arguments.results)
    told = results.tell(arguments.table, replace=arguments.replace)
    lines = [f"{len(told.new)} new, {len(told.changed)} changed, {len(told.same)} told before"]
    lines += [f"remark: {remark}" for remark in told.remarks]
    print("\n".join(lines))  # noqa: T201 - the command's answer


COMMANDS = (
    Command("ask", "give the next electrodes to make on a line", _ask, _add_ask, config="optional"),
    Command("tell", "take what was measured on a line", _tell, _add_tell, config="optional"),
)
