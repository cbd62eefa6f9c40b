from __future__ import annotations

import runpy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import qmc

from mesocast.optimization.objective import Objective

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Function = Callable[[NDArray[np.float64]], NDArray[np.float64]]

_SCRIPT = Path(__file__).parents[2] / "scripts" / "synthetic_electrode.py"


@pytest.fixture(scope="session")
def electrode() -> dict[str, Any]:
    """The synthetic electrode of the benchmark: PROPERTIES and BOUNDS_PCT."""
    return runpy.run_path(str(_SCRIPT))


@pytest.fixture(scope="session")
def electrode_objective(electrode: dict[str, Any]) -> Objective:
    lower, upper = zip(*electrode["BOUNDS_PCT"].values(), strict=True)
    recipes = qmc.scale(qmc.Sobol(3, rng=0).random(256), lower, upper)
    table = pd.DataFrame({name: f(recipes) for name, f in electrode["PROPERTIES"].items()})
    return Objective.from_table(table.assign(status="ok"))


@pytest.fixture(scope="session")
def hartmann() -> Function:
    """Hartmann's function of three variables on the unit cube: four local minima."""
    alpha = np.array([1.0, 1.2, 3.0, 3.2])
    a = np.array([[3, 10, 30], [0.1, 10, 35], [3, 10, 30], [0.1, 10, 35]])
    p = 1e-4 * np.array(
        [[3689, 1170, 2673], [4699, 4387, 7470], [1091, 8732, 5547], [381, 5743, 8828]]
    )

    def function(x: NDArray[np.float64]) -> NDArray[np.float64]:
        exponent = (a * (x[:, None, :] - p) ** 2).sum(-1)
        return np.asarray(-(alpha * np.exp(-exponent)).sum(-1))

    return function
