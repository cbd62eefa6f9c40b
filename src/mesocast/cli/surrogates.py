"""The subcommands about surrogates."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mesocast.cli.answer import add_output, write_table
from mesocast.cli.command import Command, add_results, add_set, campaign_of, number
from mesocast.columns.variables import PARAMETERS, is_variable
from mesocast.errors import InputError

if TYPE_CHECKING:
    import argparse


def _add_surrogate(parser: argparse.ArgumentParser) -> None:
    add_results(parser)
    parser.add_argument("--property", required=True, dest="name", help="column of the dataset")
    parser.add_argument("--method", help="instead of the config's")


def _surrogate(arguments: argparse.Namespace) -> None:
    from mesocast.surrogates.jobs import run_surrogate
    from mesocast.surrogates.surrogate import check_method

    campaign = campaign_of(arguments)
    if arguments.name not in campaign.modelled:
        raise InputError(f"--property = {arguments.name}; allowed: {', '.join(campaign.modelled)}")
    method = arguments.method or campaign.surrogate_method
    check_method(method)
    run_surrogate(campaign, arguments.results, arguments.name, method)


def _sensitivity(arguments: argparse.Namespace) -> None:
    from mesocast.surrogates.jobs import run_sensitivity

    run_sensitivity(campaign_of(arguments), arguments.results)


def _comparison(arguments: argparse.Namespace) -> None:
    from mesocast.surrogates.jobs import run_comparison

    run_comparison(campaign_of(arguments), arguments.results)


def _add_predict(parser: argparse.ArgumentParser) -> None:
    add_results(parser)
    parser.add_argument(
        "--recipes",
        type=Path,
        help="CSV with am_pct, sc_pct, cr_pct and the config's own variables",
    )
    for name in PARAMETERS:
        parser.add_argument(
            f"--{name.replace('_', '-')}", type=number, help="percent, of a single recipe"
        )
    add_set(parser)
    add_output(parser)


def _predict(arguments: argparse.Namespace) -> None:
    from mesocast.surrogates.jobs import predict_recipe, predict_table

    campaign = campaign_of(arguments)
    told = {name: getattr(arguments, name) for name in PARAMETERS}
    given = {n: value for n, value in told.items() if value is not None} | dict(arguments.set)
    if bool(given) == (arguments.recipes is not None) or given.keys() not in (
        set(),
        set(campaign.box_pct),
    ):
        options = [_option(name) for name in campaign.box_pct]
        raise InputError(
            f"predict: wants one recipe or a table; allowed: {', '.join(options[:-1])} and "
            f"{options[-1]}, or --recipes FILE.csv"
        )
    if given:
        table = predict_recipe(campaign, arguments.results, given)
    else:
        table = predict_table(campaign, arguments.results, arguments.recipes)
    write_table(table, arguments.output)


def _option(name: str) -> str:
    """Option that gives a design variable."""
    own = f"--set {name}=VALUE"
    return own if is_variable(name) else f"--{name.replace('_', '-')}"


COMMANDS = (
    Command(
        "surrogate",
        "find the equation of one property and validate it",
        _surrogate,
        _add_surrogate,
    ),
    Command(
        "sensitivity",
        "compute the Sobol indices of all properties",
        _sensitivity,
        add_results,
    ),
    Command("comparison", "compare the methods of the config", _comparison, add_results),
    Command("predict", "predict the properties of recipes", _predict, _add_predict),
)
