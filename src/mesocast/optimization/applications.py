"""What an electrode is for, as goals: the published balance of properties, or what a cell does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mesocast.config.optimization import OptimumSettings
from mesocast.optimization.objective import DEFAULT_GOALS, Goal

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Application:
    """Goals of a use, and why."""

    goals: Mapping[str, Goal]
    reason: str


_REASONS = {
    "high_energy": "At low current nearly all of the active material is used, so what counts is "
    "how much of the stack's volume it fills: the energy of the stack per volume at C/5.",
    "fast_charge": "At high current transport limits what can be used, and volume is paid for "
    "speed: the energy of the stack per volume at the rate asked for.",
    "power": "The energy is given, and the power is what is left to improve: the highest mean "
    "power at which the stack still gives it.",
}

# Weight of what a use does not ask for.
_TIE_BREAK = 1e-3


def applications(settings: OptimumSettings | None = None) -> dict[str, Application]:
    """Give all applications for the rate of a config; ``balanced`` is the published objective.

    The three that ask for a cell have the same three goals, of which one has nearly all the weight:
    so the Pareto front shows what the others lose by it, and they choose among recipes that are
    equally good in it.
    """
    columns = (settings or OptimumSettings()).cell_goals
    found = {
        "balanced": Application(
            DEFAULT_GOALS,
            "The four properties count the same, as published (Duquesnoy et al. 2023).",
        )
    }
    for name, reason in _REASONS.items():
        goals = {
            column: Goal("maximize", 1.0 if other == name else _TIE_BREAK)
            for other, column in columns.items()
        }
        found[name] = Application(goals, reason)
    return found
