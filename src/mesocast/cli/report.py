"""The subcommands that write the page, and what it shows for a paper."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mesocast.cli.command import RESULTS, Command, add_results, campaign_of, folder_to_write

if TYPE_CHECKING:
    import argparse


def _report(arguments: argparse.Namespace) -> None:
    from mesocast.report.page import write_report

    print(write_report(campaign_of(arguments), arguments.results))  # noqa: T201 - the answer


def _export(arguments: argparse.Namespace) -> None:
    from mesocast.report.paper import write_paper
    from mesocast.report.results import open_results

    results = open_results(arguments.results)
    manifest = write_paper(results, arguments.output, with_figures=not arguments.no_figures)
    print(manifest)  # noqa: T201 - the answer


def _add_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("results", type=Path, metavar="RESULTS", help=RESULTS)
    parser.add_argument(
        "--output", type=folder_to_write, required=True, help="the folder to write into"
    )
    parser.add_argument(
        "--no-figures",
        action="store_true",
        help="write tables and equations only; figures need Chromium or Chrome on this machine",
    )


COMMANDS = (
    Command("report", "write the page that shows the campaign", _report, add_results),
    Command(
        "export",
        "write what the page shows for a paper: figures as SVG and PDF, tables as CSV and LaTeX, "
        "equations as Python and LaTeX, and a manifest",
        _export,
        _add_export,
        config="none",
    ),
)
