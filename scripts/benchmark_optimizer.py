"""Compare Mesocast's GP-Hedge rule with scikit-optimize's on the synthetic electrode.

Both minimize the same objective with the same number of evaluations, on one thread. Prints the
CPU seconds of each and its regret: distance to the true minimum, as a share of the range.

    python scripts/benchmark_optimizer.py --seeds 5 --scikit-optimize-seeds 1
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import time
from typing import TYPE_CHECKING

os.environ["OMP_NUM_THREADS"] = "1"  # read when NumPy and PyTorch are imported
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
import pandas as pd
from scipy.stats import qmc

from mesocast.optimization.exhaustive import global_minimum
from mesocast.optimization.hedge import minimize
from mesocast.optimization.objective import Objective
from synthetic_electrode import BOUNDS_PCT, PROPERTIES

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

LOWER, UPPER = zip(*BOUNDS_PCT.values(), strict=True)


def synthetic_objective() -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """Equal-weight objective, scaled by 256 Sobol recipes."""
    recipes = qmc.scale(qmc.Sobol(len(LOWER), rng=0).random(256), LOWER, UPPER)
    table = pd.DataFrame({name: predict(recipes) for name, predict in PROPERTIES.items()})
    objective = Objective.from_table(table.assign(status="ok"))
    return lambda recipe: objective({name: f(recipe) for name, f in PROPERTIES.items()})


def run_mesocast(
    function: Callable[[NDArray[np.float64]], NDArray[np.float64]], evaluations: int, seed: int
) -> float:
    """Lowest value found."""
    visits = minimize.minimize(function, LOWER, UPPER, evaluations=evaluations, seed=seed)
    return min(visit.value for visit in visits)


def run_scikit_optimize(
    function: Callable[[NDArray[np.float64]], NDArray[np.float64]], evaluations: int, seed: int
) -> float:
    """Lowest value found."""
    from skopt import gp_minimize  # type: ignore[import-not-found] # noqa: PLC0415 - optional

    result = gp_minimize(
        lambda point: float(function(np.array([point]))[0]),
        list(zip(LOWER, UPPER, strict=True)),
        n_calls=evaluations,
        n_initial_points=10,
        acq_func="gp_hedge",
        random_state=seed,
        n_jobs=1,
    )
    return float(result.fun)


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--evaluations", type=int, default=300)
    parser.add_argument("--seeds", type=int, default=5, help="runs of Mesocast")
    parser.add_argument(
        "--scikit-optimize-seeds", type=int, default=1, help="runs of scikit-optimize (slow)"
    )
    arguments = parser.parse_args()

    function = synthetic_objective()
    truth = global_minimum(function, LOWER, UPPER)
    print(f"true minimum {truth.value:.10f} at {np.round(truth.point, 3)}, range {truth.span:.4f}")

    runs = [("mesocast", run_mesocast, arguments.seeds)]
    if importlib.util.find_spec("skopt"):
        runs.append(("scikit-optimize", run_scikit_optimize, arguments.scikit_optimize_seeds))
    else:
        print(
            "scikit-optimize is not installed, so there is nothing to compare with: "
            "'pip install scikit-optimize' into a copy of this environment"
        )
    mean_seconds = {}
    for name, run, seeds in runs:
        seconds = []
        for seed in range(seeds):
            start = time.process_time()
            value = run(function, arguments.evaluations, seed)
            seconds.append(time.process_time() - start)
            print(
                f"{name:16} seed {seed}: {seconds[-1]:7.1f} CPU s, "
                f"regret {(value - truth.value) / truth.span:.1e} of the range",
                flush=True,
            )
        mean_seconds[name] = np.mean(seconds)
    if len(mean_seconds) == 2:
        ratio = mean_seconds["scikit-optimize"] / mean_seconds["mesocast"]
        print(f"scikit-optimize takes {ratio:.0f} times the CPU time of mesocast")


if __name__ == "__main__":
    main()
