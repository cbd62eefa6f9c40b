"""The subcommands that put simulations beside predictions and published numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mesocast.cli.command import Command, add_results, campaign_of, folder_to_write

if TYPE_CHECKING:
    import argparse


def _add_verification(parser: argparse.ArgumentParser) -> None:
    add_results(parser)
    parser.add_argument("rows", type=Path, nargs="*", help="properties.json at the optimum")


def _verification(arguments: argparse.Namespace) -> None:
    from mesocast.verification.jobs import run_verification

    run_verification(campaign_of(arguments), arguments.results, arguments.rows)


def _add_folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--folder", type=folder_to_write, required=True, help="folder to write")


def _add_validate(parser: argparse.ArgumentParser) -> None:
    add_results(parser)
    _add_folder(parser)


def _validate(arguments: argparse.Namespace) -> None:
    from mesocast.dataset.package import read_dataset
    from mesocast.verification import published

    campaign = campaign_of(arguments)
    provenance = {
        "campaign": campaign.campaign,
        "config": str(arguments.config),
        "seed": campaign.seed,
        "physics": campaign.physics("characterization"),
    }
    published.write(read_dataset(arguments.results), arguments.folder, provenance)


def _add_flow_curves(parser: argparse.ArgumentParser) -> None:
    _add_folder(parser)
    parser.add_argument("files", type=Path, nargs="+", help="viscosity.json of each slurry")


def _flow_curves(arguments: argparse.Namespace) -> None:
    from mesocast.verification.flow_curves import write_comparison

    campaign_of(arguments)
    write_comparison(arguments.files, arguments.folder)


COMMANDS = (
    Command(
        "verification",
        "compare simulated and predicted optimum",
        _verification,
        _add_verification,
    ),
    Command(
        "validate", "compare simulated electrodes with published ones", _validate, _add_validate
    ),
    Command(
        "flow-curves", "compare viscosities with measured ones", _flow_curves, _add_flow_curves
    ),
)
