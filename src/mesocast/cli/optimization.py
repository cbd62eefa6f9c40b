"""The subcommands that search recipes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mesocast.cli.answer import add_output, write_content
from mesocast.cli.command import (
    ROWS,
    Command,
    add_results,
    campaign_of,
    whole_number,
)
from mesocast.cli.dataset import row_files_of
from mesocast.errors import InputError

if TYPE_CHECKING:
    import argparse


def _optimum(arguments: argparse.Namespace) -> None:
    from mesocast.optimization.jobs import run_optimum

    run_optimum(campaign_of(arguments), arguments.results)


def _extremes(arguments: argparse.Namespace) -> None:
    from mesocast.optimization.jobs import run_extremes

    run_extremes(campaign_of(arguments), arguments.results)


def _tradeoffs(arguments: argparse.Namespace) -> None:
    from mesocast.optimization.jobs import run_tradeoffs

    run_tradeoffs(campaign_of(arguments), arguments.results)


def _robustness(arguments: argparse.Namespace) -> None:
    from mesocast.optimization.jobs import run_robustness

    run_robustness(campaign_of(arguments), arguments.results)


def _add_propose(parser: argparse.ArgumentParser) -> None:
    add_results(parser)
    parser.add_argument("--round", type=whole_number, required=True, help="its number, from 1")
    parser.add_argument("rows", type=Path, nargs="*", help=ROWS)


def _propose(arguments: argparse.Namespace) -> None:
    from mesocast.optimization.jobs import run_proposal

    campaign = campaign_of(arguments)
    if arguments.round > campaign.rounds.count:
        allowed = f"1 to {campaign.rounds.count}" if campaign.rounds.count else "none"
        raise InputError(
            f"--round = {arguments.round}; allowed: {allowed} (rounds.count of {arguments.config})"
        )
    rows = row_files_of(arguments, campaign, before=arguments.round)
    run_proposal(campaign, arguments.results, arguments.round, rows)


def _add_invert(parser: argparse.ArgumentParser) -> None:
    add_results(parser)
    parser.add_argument(
        "--target",
        action="append",
        required=True,
        metavar="PROPERTY=VALUE",
        help="a value or LOW:HIGH, of which one may be left out; once per property",
    )
    add_output(parser)


def _invert(arguments: argparse.Namespace) -> None:
    from mesocast.optimization.inverse import Wanted
    from mesocast.optimization.jobs import run_inverse

    wanted: dict[str, Wanted] = {}
    for target in arguments.target:
        name, _, text = target.partition("=")
        if name in wanted:
            raise InputError(f"--target: {name} is given twice; allowed: once, as LOW:HIGH")
        wanted[name] = Wanted.parse(text)
    content = run_inverse(campaign_of(arguments), arguments.results, wanted)
    write_content(content, arguments.output, rows=[_flat(r) for r in content["recipes"]])


def _flat(recipe: dict[str, Any]) -> dict[str, float]:
    """Row of a recipe, with the columns of `predict`."""
    row: dict[str, float] = dict(recipe["parameters"])
    for name, value in recipe["predicted"].items():
        row |= {name: value} | {f"{name}_{s}": v for s, v in recipe["interval"][name].items()}
    return {**row, "distance": recipe["distance"]}


COMMANDS = (
    Command("propose", "choose what a round simulates", _propose, _add_propose),
    Command("invert", "search the recipes that reach wanted properties", _invert, _add_invert),
    Command("optimum", "find the best recipe", _optimum, add_results),
    Command(
        "extremes",
        "find the recipes that are best in one property alone",
        _extremes,
        add_results,
    ),
    Command(
        "tradeoffs",
        "find the Pareto front, and the best recipe by the weights",
        _tradeoffs,
        add_results,
    ),
    Command("robustness", "say how sure the best recipe is", _robustness, add_results),
)
