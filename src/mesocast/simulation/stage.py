"""What the stages of the simulation have in common."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mesocast.electrode import ACTIVE_MATERIAL

if TYPE_CHECKING:
    from mesocast.config.simulation import Motion
    from mesocast.electrode import Electrode
    from mesocast.simulation.convergence import Observation

_LOGGER = logging.getLogger(__name__)

# Random placement leaves overlaps; this many steps of bounded moves take them out before the
# dynamics starts.
SEPARATION_STEPS = 500
SEPARATION_MOVE_UM = 0.05


@dataclass(frozen=True)
class StageResult:
    """What became of a film.

    Parameters
    ----------
    electrode
        Beads at the end of the stage.
    status, reason
        ``"ok"``, or a word and a sentence that say what failed.
    measured
        Numbers of this stage, names with units.
    history
        The film through the stage.
    """

    electrode: Electrode
    status: str
    reason: str
    measured: dict[str, float]
    history: list[Observation] = field(default_factory=list)


def least_inertia_pg(film: Electrode, motion: Motion) -> float:
    """Mass as which every lighter bead moves."""
    return motion.inertia_share * float(film.masses_pg[film.species == ACTIVE_MATERIAL].min())


def verdict_of(moving: str, longest_us: float) -> tuple[str, str]:
    """Give status and reason of a stage: `moving` is what had not come to rest, or empty."""
    if moving:
        return "not_converged", f"after {longest_us:g} us: {moving}"
    return "ok", ""
