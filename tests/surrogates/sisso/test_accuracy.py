"""The methods against each other on four known non-linear properties."""

from __future__ import annotations

import numpy as np
import pytest

from mesocast.surrogates.surrogate import fit_surrogate
from synthetic_dataset import BOX_PCT, laws, synthetic_dataset

TABLE = synthetic_dataset()


@pytest.mark.slow
@pytest.mark.parametrize("name", list(laws(0.9, 0.5, 0.2)))
def test_sisso_is_as_accurate_as_the_best(name: str) -> None:
    scores = {}
    for method in ("sisso", "operon", "gaussian_process"):
        fits = (
            fit_surrogate(TABLE, name, seed=seed, method=method, box_pct=BOX_PCT)
            for seed in range(4)
        )
        scores[method] = float(np.mean([fit.test.r2 for fit in fits]))
    assert scores["sisso"] > max(scores.values()) - 0.005, scores
