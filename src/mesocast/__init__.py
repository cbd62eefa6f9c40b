"""Mesocast: from an electrode recipe to a microstructure to a better recipe.

>>> import mesocast as mc
>>> campaign = mc.load({"campaign": "mine"})
>>> recipe = mc.Recipe(am_pct=94, sc_pct=62, cr_pct=20)

Then ``mc.simulate(campaign, recipe)`` makes an electrode and ``mc.characterize`` measures it, or
any array and file that shows one; ``mc.open("results/demo")`` reads a campaign, ``mc.fit`` and
``mc.optimize`` go from its dataset to equations and to a recipe; ``mc.calibrate`` finds the
coefficients that measured electrodes ask for. Names are imported when they are used first.
"""

from __future__ import annotations

import importlib
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mesocast.calibration.calibrate import calibrate
    from mesocast.campaign.checks import load
    from mesocast.campaign.run import run_campaign as run
    from mesocast.cell.result import cell
    from mesocast.characterization.characterize import characterize
    from mesocast.characterization.voxels import VoxelImage
    from mesocast.config.campaign import Campaign
    from mesocast.dataset.beads import Beads
    from mesocast.electrode import Electrode
    from mesocast.errors import InputError, MesocastError, PhysicsFailure
    from mesocast.optimization.objective import Goal
    from mesocast.optimization.optimize import optimize
    from mesocast.recipe import Recipe
    from mesocast.report.results import Results
    from mesocast.report.results import open_results as open  # noqa: A004
    from mesocast.simulation.chain import simulate
    from mesocast.surrogates.fit import Surrogates, fit

__version__ = version("mesocast")

# Where each public name lives; a module is imported when one of its names is used.
_PLACES = {
    "Beads": "dataset.beads",
    "Campaign": "config.campaign",
    "Electrode": "electrode",
    "Goal": "optimization.objective",
    "InputError": "errors",
    "MesocastError": "errors",
    "PhysicsFailure": "errors",
    "Recipe": "recipe",
    "Results": "report.results",
    "Surrogates": "surrogates.fit",
    "VoxelImage": "characterization.voxels",
    "calibrate": "calibration.calibrate",
    "cell": "cell:room",
    "characterize": "characterization.characterize",
    "fit": "surrogates.fit",
    "load": "campaign.checks",
    "open": "report.results:open_results",
    "optimize": "optimization.optimize",
    "run": "campaign.run:run_campaign",
    "simulate": "simulation.chain",
}

__all__ = [
    "Beads",
    "Campaign",
    "Electrode",
    "Goal",
    "InputError",
    "MesocastError",
    "PhysicsFailure",
    "Recipe",
    "Results",
    "Surrogates",
    "VoxelImage",
    "__version__",
    "calibrate",
    "cell",
    "characterize",
    "fit",
    "load",
    "open",
    "optimize",
    "run",
    "simulate",
]


def __getattr__(name: str) -> Any:
    """Import a public name (PEP 562)."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, attribute = _PLACES[name].partition(":")
    found = getattr(importlib.import_module(f"{__name__}.{module}"), attribute or name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """Public names."""
    return sorted(__all__)
