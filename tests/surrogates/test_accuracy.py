"""The methods against each other on four known non-linear properties."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mesocast.surrogates.fit import fit_surrogate

BOX = {"am_pct": (86.0, 96.0), "sc_pct": (45.0, 71.0), "cr_pct": (0.0, 40.0)}


def laws(am: Any, sc: Any, cr: Any) -> dict[str, Any]:
    """Four properties of fractions; none is a sum of few descriptors."""
    porosity = 0.55 - 0.9 * cr * (1 - 0.3 * cr) + 0.1 * (1 - sc)
    return {
        "density_g_cm3": 1.2 + 2.5 * am * sc / (1.3 - cr),
        "electronic_conductivity_S_m": 0.3 * np.exp(3 * cr) * (1 - am) ** 1.5 / (1 - 0.5 * sc),
        "tortuosity_factor": porosity**-0.6 * (1 + 2 * (1 - am)),
        "active_surface_pct": 95 - 60 * cr**1.5 * am - 80 * (1 - am) * sc,
    }


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """174 conditions of 30 slurries with 1 % noise."""
    rng = np.random.default_rng(0)
    slurry = np.sort(np.arange(174) % 30)
    am, sc = rng.uniform(0.86, 0.96, 30)[slurry], rng.uniform(0.45, 0.71, 30)[slurry]
    cr = rng.uniform(0, 0.4, 174)
    noisy = {
        name: values * (1 + 0.01 * rng.standard_normal(174))
        for name, values in laws(am, sc, cr).items()
    }
    return pd.DataFrame(
        {
            "condition_id": [f"c{i:03d}" for i in range(174)],
            "slurry_id": [f"s{i:02d}" for i in slurry],
            "status": "ok",
            "am_pct": 100 * am,
            "sc_pct": 100 * sc,
            "cr_pct": 100 * cr,
            **noisy,
        }
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", list(laws(0.9, 0.5, 0.2)))
def test_sisso_is_as_accurate_as_the_best(name: str, table: pd.DataFrame) -> None:
    scores = {}
    for method in ("sisso", "operon", "gaussian_process"):
        fits = (
            fit_surrogate(table, name, seed=seed, method=method, box_pct=BOX) for seed in range(4)
        )
        scores[method] = float(np.mean([fit.test.r2 for fit in fits]))
    assert scores["sisso"] > max(scores.values()) - 0.005, scores
