"""A dataset of four known non-linear properties with 1 % noise: 174 conditions of 30 slurries."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

BOX_PCT = {"am_pct": (86.0, 96.0), "sc_pct": (45.0, 71.0), "cr_pct": (0.0, 40.0)}
CONDITIONS, SLURRIES, NOISE = 174, 30, 0.01


def laws(am: Any, sc: Any, cr: Any) -> dict[str, Any]:
    """Four properties of fractions; none is a sum of few descriptors."""
    porosity = 0.55 - 0.9 * cr * (1 - 0.3 * cr) + 0.1 * (1 - sc)
    return {
        "density_g_cm3": 1.2 + 2.5 * am * sc / (1.3 - cr),
        "electronic_conductivity_S_m": 0.3 * np.exp(3 * cr) * (1 - am) ** 1.5 / (1 - 0.5 * sc),
        "tortuosity_factor": porosity**-0.6 * (1 + 2 * (1 - am)),
        "active_surface_pct": 95 - 60 * cr**1.5 * am - 80 * (1 - am) * sc,
    }


def synthetic_dataset() -> pd.DataFrame:
    """Give the table, with the columns of a campaign's dataset that surrogates need."""
    rng = np.random.default_rng(0)
    slurry = np.sort(np.arange(CONDITIONS) % SLURRIES)
    am = rng.uniform(0.86, 0.96, SLURRIES)[slurry]
    sc = rng.uniform(0.45, 0.71, SLURRIES)[slurry]
    cr = rng.uniform(0, 0.4, CONDITIONS)
    noisy = {
        name: values * (1 + NOISE * rng.standard_normal(CONDITIONS))
        for name, values in laws(am, sc, cr).items()
    }
    return pd.DataFrame(
        {
            "condition_id": [f"c{i:03d}" for i in range(CONDITIONS)],
            "slurry_id": [f"s{i:02d}" for i in slurry],
            "status": "ok",
            "am_pct": 100 * am,
            "sc_pct": 100 * sc,
            "cr_pct": 100 * cr,
            **noisy,
        }
    )
