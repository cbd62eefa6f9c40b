"""The subcommands about cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesocast.cli.command import (
    Command,
    add_results,
    campaign_of,
    file_to_write,
    whole_number,
)
from mesocast.cli.dataset import add_rows, row_files_of

if TYPE_CHECKING:
    import argparse


def _add_cell(parser: argparse.ArgumentParser) -> None:
    add_results(parser)
    parser.add_argument(
        "--output",
        type=file_to_write,
        help="list of the electrodes and their status (cells/cells.json)",
    )
    parser.add_argument(
        "--processes",
        type=whole_number,
        default=1,
        metavar="N",
        help="electrodes to discharge at the same time",
    )
    add_rows(parser)


def _cell(arguments: argparse.Namespace) -> None:
    from mesocast.cell.jobs import run_cells
    from mesocast.storage.layout import Layout

    campaign, results = campaign_of(arguments), arguments.results
    rows = row_files_of(arguments, campaign)
    output = arguments.output or Layout(results).cells("cells")
    run_cells(campaign, results, rows, output, processes=arguments.processes)


def _ragone(arguments: argparse.Namespace) -> None:
    from mesocast.report.ragone import run_ragone

    run_ragone(campaign_of(arguments), arguments.results)


COMMANDS = (
    Command("cell", "put electrodes into cells and discharge them", _cell, _add_cell),
    Command(
        "ragone",
        "discharge the electrodes that the page shows at more loadings and rates",
        _ragone,
        add_results,
    ),
)
