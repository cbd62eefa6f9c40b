"""The subcommands that put simulations beside published and measured numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable


def add_published_commands(
    add: Callable[[str, Callable[[argparse.Namespace], None], str], argparse.ArgumentParser],
) -> None:
    """Add the subcommands.

    Parameters
    ----------
    add
        Adds one by its name, its function and its help, and returns its parser.
    """
    validate = add("validate", _validate, "compare simulated electrodes with published ones")
    validate.add_argument("--results", type=Path, required=True, help="the campaign's results")
    validate.add_argument("--folder", type=Path, required=True, help="folder to write")

    viscosity = add("viscosity", _viscosity, "shear a slurry and measure its viscosity")
    viscosity.add_argument("--folder", type=Path, required=True, help="folder of the slurry")
    viscosity.add_argument("--am-pct", type=float, required=True, help="percent")
    viscosity.add_argument("--sc-pct", type=float, required=True, help="percent")
    viscosity.add_argument("--seed", type=int, default=1, help="seed of the random placement")
    viscosity.add_argument("--physics", help="the physics that the workflow asks for")

    curves = add("flow-curves", _flow_curves, "compare viscosities with measured ones")
    curves.add_argument("--folder", type=Path, required=True, help="folder to write")
    curves.add_argument("files", type=Path, nargs="+", help="viscosity.json of each slurry")


def _validate(arguments: argparse.Namespace) -> None:
    from mesocast.campaign.checks import load
    from mesocast.dataset.package import read_dataset
    from mesocast.verification import published

    campaign = load(arguments.config)
    provenance = {
        "campaign": campaign.campaign,
        "config": str(arguments.config),
        "seed": campaign.seed,
        "physics": campaign.physics("characterization"),
    }
    published.write(read_dataset(arguments.results), arguments.folder, provenance)


def _viscosity(arguments: argparse.Namespace) -> None:
    from mesocast.campaign.checks import load
    from mesocast.simulation.jobs import run_viscosity

    campaign = load(arguments.config)
    campaign.check_physics("viscosity", asked=arguments.physics)
    run_viscosity(
        campaign,
        arguments.folder,
        am_pct=arguments.am_pct,
        sc_pct=arguments.sc_pct,
        seed=arguments.seed,
    )


def _flow_curves(arguments: argparse.Namespace) -> None:
    from mesocast.verification.flow_curves import write_comparison

    write_comparison(arguments.files, arguments.folder)
