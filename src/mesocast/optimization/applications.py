"""What an electrode is for, as weights of its properties.

The weights are a judgement, not a measurement: they say which property limits a use. The report
shows the optimum of each, so that a reader sees how much hangs on the choice.
"""

from __future__ import annotations

from dataclasses import dataclass

from mesocast.optimization.objective import DEFAULT_GOALS, Goal


@dataclass(frozen=True)
class Application:
    """Goals of a use, and why."""

    goals: dict[str, Goal]
    reason: str


def _weighted(reason: str, **weights: float) -> Application:
    return Application(
        {name: Goal(goal.direction, weights[name]) for name, goal in DEFAULT_GOALS.items()}, reason
    )


APPLICATIONS: dict[str, Application] = {
    "balanced": _weighted(
        "All properties count the same, as published (Duquesnoy et al. 2023).",
        tortuosity_factor=1.0,
        electronic_conductivity_S_m=1.0,
        active_surface_pct=1.0,
        density_g_cm3=1.0,
    ),
    "fast_charge": _weighted(
        "At high current the transport of lithium through the electrolyte in the pores limits the "
        "usable capacity (Gallagher et al., J. Electrochem. Soc. 163 (2016) A138), so tortuosity "
        "counts most; then the active surface, over which the charge-transfer current is spread. "
        "Volume is paid for speed, so density counts little.",
        tortuosity_factor=4.0,
        electronic_conductivity_S_m=1.0,
        active_surface_pct=2.0,
        density_g_cm3=0.5,
    ),
    "high_energy": _weighted(
        "At low current nearly all of the active material is used whatever the transport, so "
        "energy per volume follows the density. The electronic network must still reach every "
        "particle; pores and surface count little.",
        tortuosity_factor=0.5,
        electronic_conductivity_S_m=1.0,
        active_surface_pct=0.5,
        density_g_cm3=4.0,
    ),
}
