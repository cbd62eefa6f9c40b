"""The subcommands about a whole campaign: what it will cost, and where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesocast.cli.command import RESULTS, Command, campaign_of, folder_to_write
from mesocast.errors import InputError

if TYPE_CHECKING:
    import argparse


def _check(arguments: argparse.Namespace) -> None:
    from mesocast.campaign.costs import describe
    from mesocast.campaign.feasible import check_electrodes, remarks

    campaign = campaign_of(arguments)
    told = remarks(campaign)
    try:
        check_electrodes(campaign)
    except InputError as error:
        if not campaign.design.recipes:
            raise InputError(f"{arguments.config}: {error}") from error
        told.append(str(error))  # recipes of one's own may be wanted for themselves
    print("\n".join([describe(campaign), *told]))  # noqa: T201 - the command's answer


def _add_results(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("results", type=folder_to_write, help=RESULTS)


def _status(arguments: argparse.Namespace) -> None:
    from mesocast.campaign.status import collect, render

    print(render(collect(arguments.results)))  # noqa: T201 - the command's answer


def _costs(arguments: argparse.Namespace) -> None:
    from mesocast.campaign.costs import fit

    found = fit(campaign_of(arguments), arguments.results)
    if not found:
        raise InputError(
            f"{arguments.results}: holds no finished simulation; allowed: the results folder of a "
            "campaign that has simulated"
        )
    print("cost_model:")  # noqa: T201 - the command's answer
    for name, value in found.items():
        print(f"  {name}: {value:g}")  # noqa: T201


COMMANDS = (
    Command("check", "check a config and say what the campaign would cost", _check),
    Command("status", "say where a campaign stands", _status, _add_results, config="none"),
    Command("costs", "fit the cost model to a campaign's finished jobs", _costs, _add_results),
)
