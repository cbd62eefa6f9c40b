"""Electrodes that are simulated to verify predictions, and what they say of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mesocast.analysis import wanted
from mesocast.errors import InputError
from mesocast.files import read_json, write_json
from mesocast.properties import TARGETS, check_row, unit_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mesocast.config import Campaign
    from mesocast.optimization.objective import Objective
    from mesocast.properties import Properties

OPTIMUM = "optimum"
# Slurries are numbered by seed: V01 has the recipe of the optimum, VT01 that of the lowest
# tortuosity factor.
_PREFIXES = {
    OPTIMUM: "V",
    "tortuosity_factor": "VT",
    "electronic_conductivity_S_m": "VC",
    "active_surface_pct": "VS",
    "density_g_cm3": "VD",
}


def slurry_ids(campaign: Campaign) -> dict[str, list[str]]:
    """Slurries of the verification, by what has their recipe: the optimum, or a property."""
    recipes = [OPTIMUM, *(wanted(campaign) if campaign.verification.extremes else ())]
    seeds = range(1, campaign.verification.seeds + 1)
    return {name: [f"{_PREFIXES[name]}{seed:02d}" for seed in seeds] for name in recipes}


def recipe_path(results: Path, name: str) -> Path:
    """File of the recipe of the optimum, or of the best in one property."""
    return results / ("optimum.json" if name == OPTIMUM else f"extremes/{name}.json")


def verify(campaign: Campaign, results: Path, rows: Sequence[Path]) -> None:
    """Hold simulated electrodes against the prediction; write ``verification.json``.

    Parameters
    ----------
    campaign, results
        The config and the campaign's folder, with ``optimum.json``, the validations of the
        surrogates and, where they are verified, the recipes best in one property.
    rows
        ``properties.json`` of the simulated electrodes, one per recipe and seed.

    Raises
    ------
    InputError
        A file is missing or broken, or a row is no electrode of the verification.
    """
    from mesocast.evaluation import read_validation
    from mesocast.optimization.extremes import Extreme
    from mesocast.optimization.optimum import Optimum

    optimum = Optimum.read(recipe_path(results, OPTIMUM))
    recipes = {prefix: name for name, prefix in _PREFIXES.items()}
    simulated: dict[str, list[Properties]] = {OPTIMUM: []}
    for path in rows:
        row = check_row(read_json(path), str(path))
        prefix = row.slurry_id.rstrip("0123456789")
        if prefix not in recipes:
            raise InputError(
                f"{path}: slurry {row.slurry_id} is not one of the verification; allowed: "
                f"{', '.join(f'{prefix}01' for prefix in recipes)} and so on"
            )
        simulated.setdefault(recipes[prefix], []).append(row)
    intervals: dict[str, tuple[float, float]] = {
        name: read_validation(results, campaign.surrogates.method, name).interval
        for name in TARGETS
    }

    def compared(
        name: str, parameters: Mapping[str, float], predicted: Mapping[str, float]
    ) -> dict[str, Any]:
        return _compare(
            parameters, predicted, simulated[name], intervals, optimum.objective_definition
        )

    extremes = {
        name: Extreme.read(recipe_path(results, name)) for name in simulated if name != OPTIMUM
    }
    write_json(
        results / "verification.json",
        {
            **compared(OPTIMUM, optimum.parameters, optimum.predicted),
            "extremes": {
                name: compared(name, extreme.parameters, extreme.predicted)
                for name, extreme in extremes.items()
            },
        },
    )


def _compare(
    parameters: Mapping[str, float],
    predicted: Mapping[str, float],
    simulated: Sequence[Properties],
    intervals: Mapping[str, tuple[float, float]],
    objective: Objective,
) -> dict[str, Any]:
    """Hold the electrodes of one recipe against its prediction."""
    import numpy as np

    from mesocast.surrogates.predict import around

    good = [row for row in simulated if row.status == "ok"]
    properties: dict[str, dict[str, Any]] = {}
    for name in TARGETS:
        values = [float(getattr(row, name)) for row in good]
        mean = float(np.mean(values)) if values else None
        low, high = (float(end) for end in around(np.array(predicted[name]), intervals[name]))
        properties[name] = {
            "unit": unit_of(name),
            "predicted": predicted[name],
            "interval": [low, high],
            "is_inside": None if mean is None else low <= mean <= high,
            "simulated_mean": mean,
            "simulated_standard_deviation": (
                float(np.std(values, ddof=1)) if len(values) > 1 else None
            ),
            "simulated": values,
            "deviation_pct": None if mean is None else 100 * (predicted[name] / mean - 1),
        }
    scores = [float(objective({n: getattr(row, n) for n in objective.goals})) for row in good]
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
