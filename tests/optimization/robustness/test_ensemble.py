"""The optimum over other surrogates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mesocast.optimization.objective import Goal, Objective, Scaling
from mesocast.optimization.problem import Limits, Problem
from mesocast.optimization.robustness.ensemble import spread_of_optimum

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray


def _porosity(shift: float) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    return lambda x: 0.5 - 0.005 * x[:, 2] + shift


def test_a_missed_constraint_is_counted_and_is_no_loss() -> None:
    """A recipe at the boundary misses it by every second member; its objective hardly changes."""
    problem = Problem(
        predict={"density_g_cm3": lambda x: 2 + 0.02 * x[:, 2], "porosity_bulk": _porosity(0.0)},
        objective=Objective(
            {"density_g_cm3": Goal("maximize")}, {"density_g_cm3": Scaling(2.0, 2.8)}
        ),
        bounds_pct={"am_pct": (86, 96), "sc_pct": (45, 71), "cr_pct": (0, 40)},
        constraints={"porosity_bulk": Limits(minimum=0.35)},
        spans={"porosity_bulk": 0.2},
    )
    members = [{"porosity_bulk": _porosity(shift)} for shift in (-0.01, -0.005, 0.005, 0.01)]
    found = spread_of_optimum(problem, members, {"am_pct": 90, "sc_pct": 60, "cr_pct": 30})
    assert found.missed_share == 0.5
    assert 0 < found.loss_mean < 0.05
    assert found.loss_percentile95 < 0.1
    assert found.consensus.objective < 1
    # As far down as the member that is least porous allows.
    assert found.consensus.parameters["cr_pct"] == pytest.approx(28, abs=0.1)
    for one, compressed in zip(found.optima, (28, 29, 31, 32), strict=True):
        assert one.parameters["cr_pct"] == pytest.approx(compressed, abs=0.1)
        assert one.objective < 1
