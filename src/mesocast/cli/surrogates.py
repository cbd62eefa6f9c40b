"""The subcommands about surrogates."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mesocast.cli.answer import add_output, write_table
from mesocast.cli.command import Command, add_results, campaign_of, number
from mesocast.errors import InputError

if TYPE_CHECKING:
    import argparse

_PARAMETERS = ("am_pct", "sc_pct", "cr_pct")


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
    parser.add_argument("--recipes", type=Path, help="CSV with am_pct, sc_pct and cr_pct")
    for name in _PARAMETERS:
        parser.add_argument(
            f"--{name.replace('_', '-')}", type=number, help="percent, of a single recipe"
        )
    add_output(parser)


def _predict(arguments: argparse.Namespace) -> None:
    from mesocast.surrogates.jobs import predict_recipe, predict_table

    given = {name: getattr(arguments, name) for name in _PARAMETERS}
    values = [value for value in given.values() if value is not None]
    if bool(values) == (arguments.recipes is not None) or len(values) not in (0, 3):
        raise InputError(
            "predict: wants one recipe or a table; allowed: --am-pct, --sc-pct and --cr-pct, or "
            "--recipes FILE.csv"
        )
    campaign = campaign_of(arguments)
    if values:
        table = predict_recipe(campaign, arguments.results, given)
    else:
        table = predict_table(campaign, arguments.results, arguments.recipes)
    write_table(table, arguments.output)


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
