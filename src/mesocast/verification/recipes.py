"""Which electrodes verify predictions, and what they say of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mesocast.columns import prefix_of, unit_of
from mesocast.optimization.asked import goals_of
from mesocast.storage.layout import Layout

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mesocast.columns import Properties
    from mesocast.columns.variables import Value
    from mesocast.config.campaign import Campaign
    from mesocast.optimization.objective import Objective
    from mesocast.surrogates.predict import Interval

OPTIMUM = "optimum"


def prefixes(campaign: Campaign) -> dict[str, str]:
    """Prefix of the slurries that have the recipe of the optimum, or of the best in a property.

    They are numbered by seed: V01 has the recipe of the optimum, VT01 that of the lowest tortuosity
    factor.
    """
    return {OPTIMUM: "V", **{name: prefix_of(name) for name in goals_of(campaign)}}


def slurry_ids(campaign: Campaign) -> dict[str, list[str]]:
    """Slurries of the verification, by what has their recipe: the optimum, or a property."""
    seeds = range(1, campaign.verification.seeds + 1)
    return {
        name: [f"{prefix}{seed:02d}" for seed in seeds]
        for name, prefix in prefixes(campaign).items()
        if name == OPTIMUM or campaign.verification.extremes
    }


def recipe_path(results: Path, name: str) -> Path:
    """File of the recipe of the optimum, or of the best in one property."""
    layout = Layout(results)
    return layout.optimum if name == OPTIMUM else layout.extreme(name)


#: Names of what `compare` gives.
COMPARED = ("parameters", "properties", "objective", "electrodes")


def compare(
    parameters: Mapping[str, Value],
    predicted: Mapping[str, float],
    simulated: Sequence[Properties],
    intervals: Mapping[str, Interval],
    objective: Objective,
    growth: Mapping[str, float],
) -> dict[str, Any]:
    """Hold the electrodes of one recipe against its prediction.

    The interval is that of a single electrode, so each electrode is held against it; a mean of
    several scatters less and would lie inside too easily. It is as much wider than among the data
    as ``growth`` says of each property.
    """
    import numpy as np

    good = [row for row in simulated if row.status == "ok"]
    properties: dict[str, dict[str, Any]] = {}
    for name in intervals:
        found = [getattr(row, name) for row in good]
        values = [float(value) for value in found if value is not None]  # not all have a cell
        mean = float(np.mean(values)) if values else None
        ends = intervals[name].around(np.array(predicted[name]), name, growth[name])
        low, high = (float(end) for end in ends)
        properties[name] = {
            "unit": unit_of(name),
            "predicted": predicted[name],
            "interval": [low, high],
            "outside": sum(not low <= value <= high for value in values),
            "simulated_mean": mean,
            "simulated_standard_deviation": (
                float(np.std(values, ddof=1)) if len(values) > 1 else None
            ),
            "simulated": values,
            "deviation_pct": 100 * (predicted[name] / mean - 1) if mean else None,
        }
    told = [{n: getattr(row, n) for n in objective.goals} for row in good]
    scores = [float(objective(goals)) for goals in told if None not in goals.values()]
    return {
        "parameters": dict(parameters),
        "properties": properties,
        "objective": {
            "predicted": float(objective({n: predicted[n] for n in objective.goals})),
            "simulated_mean": float(np.mean(scores)) if scores else None,
            "simulated": scores,
        },
        "electrodes": [
            {
                "condition_id": row.condition_id,
                "seed": row.seed,
                "status": row.status,
                "reason": row.reason,
            }
            for row in simulated
        ],
    }
