"""Simulated electrodes with smooth properties, and what is sought of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import qmc

from mesocast.config.campaign import Campaign
from mesocast.optimization.objective import DEFAULT_GOALS, Objective
from mesocast.optimization.problem import Problem
from mesocast.surrogates.fit import Surrogates, fit

BOUNDS_PCT = Campaign(campaign="line").box_pct
LOW, HIGH = np.array(list(BOUNDS_PCT.values())).T


@pytest.fixture(scope="package")
def table() -> pd.DataFrame:
    """Electrodes with smooth properties."""
    recipes = qmc.scale(qmc.Sobol(3, rng=1).random(32), LOW, HIGH)
    found = pd.DataFrame(recipes, columns=list(BOUNDS_PCT))
    am, sc, cr = (found[name] / 100 for name in BOUNDS_PCT)
    return found.assign(
        condition_id=[f"C{i}" for i in range(32)],
        slurry_id=[f"S{i}" for i in range(32)],
        status="ok",
        density_g_cm3=1.5 + 2 * cr + am,
        electronic_conductivity_S_m=0.3 * np.exp(3 * cr) * (1 - am),
        tortuosity_factor=1.5 + 2 * cr + sc,
        active_surface_pct=90 - 60 * cr - 100 * (1 - am),
    )


@pytest.fixture(scope="package")
def surrogates(table: pd.DataFrame) -> Surrogates:
    return fit(table, list(DEFAULT_GOALS), method="polynomial", bounds_pct=BOUNDS_PCT, splits=2)


@pytest.fixture(scope="package")
def problem(table: pd.DataFrame, surrogates: Surrogates) -> Problem:
    spans = {name: surrogate.span for name, surrogate in surrogates.items()}
    objective = Objective.from_table(table, DEFAULT_GOALS)
    return Problem(dict(surrogates), objective, BOUNDS_PCT, {}, spans)
