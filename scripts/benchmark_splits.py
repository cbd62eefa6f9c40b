"""CPU time and memory of SISSO over 75 splits of four properties of a synthetic dataset.

    OMP_NUM_THREADS=1 python scripts/benchmark_splits.py  # rung 2, as in a campaign
    OMP_NUM_THREADS=1 python scripts/benchmark_splits.py --rung 3 --dimension 3 --log-target never

Random splits, as published. As in a campaign, cross-validation chooses dimension and transform in
each split unless --dimension and --log-target fix them. Compiled code is cached by a first fit.
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np

from mesocast.surrogates.evidence.split_study import study_splits
from mesocast.surrogates.rows import Rows
from mesocast.surrogates.splits import random_splits
from mesocast.surrogates.surrogate import fit_surrogate
from synthetic_dataset import BOX_PCT, laws, synthetic_dataset


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rung", type=int, default=2)
    parser.add_argument("--subspace-size", type=int, default=50)
    parser.add_argument("--splits", type=int, default=75)
    parser.add_argument("--dimension", type=int, help="instead of the best up to 3")
    parser.add_argument("--log-target", choices=("never", "always", "auto"), default="auto")
    arguments = parser.parse_args()
    settings = {
        "rung": arguments.rung,
        "max_dimension": 3,
        "dimension": arguments.dimension or "auto",
        "subspace_size": arguments.subspace_size,
        "log_target": arguments.log_target,
    }
    table = synthetic_dataset()
    fit_surrogate(table, "density_g_cm3", seed=0, settings={"rung": 1}, box_pct=BOX_PCT)
    total = 0.0
    for name in laws(0.9, 0.6, 0.2):
        start = time.process_time()
        surrogate = fit_surrogate(table, name, seed=0, settings=settings, box_pct=BOX_PCT)
        rows = Rows.from_table(table, name)
        splits = random_splits(len(rows.y), arguments.splits, surrogate.test_share, surrogate.seed)
        study = study_splits(surrogate, rows, rows.box(BOX_PCT), splits)
        used = time.process_time() - start
        total += used
        low, high = study.test_r2.mean_ci95
        print(
            f"{name:28} {used:7.1f} s CPU, test R2 {np.mean(study.test_r2_values):.4f} "
            f"[{low:.4f}, {high:.4f}], dimensions {study.dimensions}"
        )
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{'all':28} {total:7.1f} s CPU, at most {memory:.2f} GiB")


if __name__ == "__main__":
    main()
