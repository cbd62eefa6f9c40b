"""Compare two rounds with a one-shot design of the same cost on the synthetic electrode.

A slurry costs as much as ten conditions. Each side gives a dataset with 1 % noise; Gaussian
processes are fitted to it, and the objective's minimum on them is verified: evaluated without
noise. The better one of this recipe and of the dataset's electrodes counts. Prints one line per
seed.

    python scripts/benchmark_rounds.py --seeds 10
"""

from __future__ import annotations

import argparse
import os
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"  # read when NumPy and PyTorch are imported
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
import pandas as pd

from mesocast.columns import PARAMETERS
from mesocast.config.campaign import Campaign
from mesocast.design.plan import make_plan
from mesocast.optimization.minima import lattice, minima
from mesocast.optimization.objective import Objective
from mesocast.optimization.rounds.propose import model, propose
from mesocast.seeds import derived_seed
from synthetic_dataset import BOX_PCT, NOISE, laws

SLURRY_COST = 10
# Two rounds may spend what the one-shot design has more of.
ONE_SHOT = {"slurries": 10, "conditions": 30}
START = {"slurries": 6, "conditions": 18}
ROUNDS = 2
BUDGET = (
    SLURRY_COST * (ONE_SHOT["slurries"] - START["slurries"])
    + ONE_SHOT["conditions"]
    - START["conditions"]
) / ROUNDS


def campaign_of(seed: int, design: dict[str, int]) -> Campaign:
    """Campaign within the box of the laws."""
    bounds = {name: {"min": low, "max": high} for name, (low, high) in BOX_PCT.items()}
    return Campaign.model_validate(
        {
            "campaign": "rounds",
            "seed": seed,
            "design": {**bounds, **design},
            "rounds": {
                "count": ROUNDS,
                "slurries": 3,
                "conditions": 20,
                "slurry_cost": SLURRY_COST,
                "budget": BUDGET,
            },
        }
    )


def simulate(rows: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Give recipes their properties; the noise depends on seed and identifier only."""
    properties = laws(*(rows[name].to_numpy(float) / 100 for name in PARAMETERS))
    noisy: dict[str, Any] = {}
    for number, (name, values) in enumerate(properties.items()):
        noise = [
            np.random.default_rng([derived_seed(seed, i), number]).standard_normal()
            for i in rows["condition_id"]
        ]
        noisy[name] = values * (1 + NOISE * np.array(noise))
    return rows.assign(status="ok", **noisy)


def true_objective(objective: Objective, recipes: np.ndarray[Any, Any]) -> Any:
    """Objective without noise, shape (n,)."""
    return objective(laws(*(recipes.T / 100)))


def verified(campaign: Campaign, table: pd.DataFrame, objective: Objective) -> float:
    """Best objective of the electrodes and of the recipe that the models call the best."""
    problem, _ = model(campaign, table, 0)
    lower, upper = problem.box
    found = minima(
        lambda recipes: problem(recipes)[:, None],
        lambda values, _: values[..., 0],
        np.zeros((1, 1)),
        lower,
        upper,
    ).points
    recipes = np.concatenate([found, table[list(PARAMETERS)].to_numpy(float)])
    return float(true_objective(objective, recipes).min())


def cost(table: pd.DataFrame) -> float:
    """Cost of all electrodes, in units of one condition."""
    return float(len(table) + SLURRY_COST * table["slurry_id"].nunique())


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10)
    seeds = range(1, parser.parse_args().seeds + 1)
    box = np.array(list(BOX_PCT.values()))
    recipes = lattice(box[:, 0].tolist(), box[:, 1].tolist())
    objective = Objective.from_table(pd.DataFrame(laws(*(recipes.T / 100))).assign(status="ok"))
    values = true_objective(objective, recipes)
    lowest, span = float(values.min()), float(np.ptp(values))
    wins = 0
    for seed in seeds:
        one_shot = campaign_of(seed, ONE_SHOT)
        single = simulate(make_plan(one_shot).table(), seed)
        campaign = campaign_of(seed, START)
        table = simulate(make_plan(campaign).table(), seed)
        for number in range(1, ROUNDS + 1):
            proposal = propose(campaign, table, number)
            new = pd.DataFrame(
                [
                    {"condition_id": name, "round": number, **vars(condition)}
                    for name, condition in proposal.conditions.items()
                    if not condition.skipped
                ]
            )
            if not new.empty:
                table = pd.concat([table, simulate(new, seed)], ignore_index=True)
        if cost(table) > cost(single):
            raise SystemExit(f"seed {seed}: the rounds cost more than the one-shot design")
        ours, theirs = (
            verified(c, t, objective) for c, t in ((campaign, table), (one_shot, single))
        )
        wins += ours < theirs
        print(
            f"seed {seed}: regret of two rounds {(ours - lowest) / span:.2e} "
            f"(cost {cost(table):g}, {table['slurry_id'].nunique()} slurries), "
            f"of one shot {(theirs - lowest) / span:.2e} "
            f"(cost {cost(single):g}, {single['slurry_id'].nunique()} slurries)",
            flush=True,
        )
    print(f"two rounds are better in {wins} of {len(seeds)} seeds")


if __name__ == "__main__":
    main()
