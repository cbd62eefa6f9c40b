"""The subcommands about surrogates."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mesocast.errors import InputError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable


def add_surrogate_commands(
    add: Callable[[str, Callable[[argparse.Namespace], None], str], argparse.ArgumentParser],
) -> None:
    """Add the subcommands.

    Parameters
    ----------
    add
        Adds one by its name, its function and its help, and returns its parser.
    """
    surrogate = add("surrogate", _surrogate, "find the equation of one property and validate it")
    surrogate.add_argument("--results", type=Path, required=True)
    surrogate.add_argument("--property", required=True, dest="name", help="column of the dataset")
    surrogate.add_argument("--method", help="instead of the config's")
    for name, run, text in (
        ("sensitivity", _sensitivity, "compute the Sobol indices of all properties"),
        ("comparison", _comparison, "compare the methods of the config"),
    ):
        add(name, run, text).add_argument("--results", type=Path, required=True)
    predict = add("predict", _predict, "predict the properties of recipes")
    predict.add_argument("--results", type=Path, required=True)
    predict.add_argument(
        "--recipes", type=Path, required=True, help="CSV with am_pct, sc_pct and cr_pct"
    )
    predict.add_argument("--output", type=Path, help="CSV to write instead of printing it")
    invert = add("invert", _invert, "search the recipes that reach wanted properties")
    invert.add_argument("--results", type=Path, required=True)
    invert.add_argument(
        "--target",
        action="append",
        required=True,
        metavar="PROPERTY=VALUE",
        help="a value or LOW:HIGH, of which one may be left out; once per property",
    )
    invert.add_argument("--output", type=Path, help="JSON to write instead of printing it")


def _surrogate(arguments: argparse.Namespace) -> None:
    from mesocast.campaign.checks import load
    from mesocast.surrogates.jobs import run_surrogate
    from mesocast.surrogates.surrogate import check_method

    campaign = load(arguments.config)
    if arguments.name not in campaign.modelled:
        raise InputError(f"--property = {arguments.name}; allowed: {', '.join(campaign.modelled)}")
    method = arguments.method or campaign.surrogates.method
    check_method(method)
    run_surrogate(campaign, arguments.results, arguments.name, method)


def _sensitivity(arguments: argparse.Namespace) -> None:
    from mesocast.campaign.checks import load
    from mesocast.surrogates.jobs import run_sensitivity

    run_sensitivity(load(arguments.config), arguments.results)


def _comparison(arguments: argparse.Namespace) -> None:
    from mesocast.campaign.checks import load
    from mesocast.surrogates.jobs import run_comparison

    run_comparison(load(arguments.config), arguments.results)


def _predict(arguments: argparse.Namespace) -> None:
    from mesocast.campaign.checks import load
    from mesocast.surrogates.jobs import predict_table

    table = predict_table(load(arguments.config), arguments.results, arguments.recipes)
    _answer(table.to_csv(index=False), arguments.output)


def _invert(arguments: argparse.Namespace) -> None:
    import json

    from mesocast.campaign.checks import load
    from mesocast.optimization.inverse import Wanted
    from mesocast.optimization.jobs import run_inverse

    wanted: dict[str, Wanted] = {}
    for target in arguments.target:
        name, _, text = target.partition("=")
        if name in wanted:
            raise InputError(f"--target: {name} is given twice; allowed: once, as LOW:HIGH")
        wanted[name] = Wanted.parse(text)
    content = run_inverse(load(arguments.config), arguments.results, wanted)
    _answer(json.dumps(content, indent=2, allow_nan=False) + "\n", arguments.output)


def _answer(text: str, output: Path | None) -> None:
    """Write the text to a file when one is given, else print it."""
    from mesocast.storage.files import write_text

    if output is None:
        print(text, end="")  # noqa: T201 - the command's run_inverse
    else:
        write_text(output, text)
