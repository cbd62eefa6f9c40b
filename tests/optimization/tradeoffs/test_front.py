from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from botorch.test_functions.multi_objective import DTLZ2, ZDT1, ZDT2, BraninCurrin
from botorch.utils.multi_objective.box_decompositions import DominatedPartitioning

from mesocast.optimization.tradeoffs.front import is_non_dominated, knee, pareto_front

if TYPE_CHECKING:
    from mesocast.optimization.tradeoffs.front import Front

# Area up to (1.1, 1.1): below the front's own end, beside it, and the integral over it.
_BESIDE = 0.1 * 1.1 + 0.1


def _search(problem: Any, reference: list[float]) -> Front:
    lower, upper = problem.bounds.tolist()

    def objectives(x: np.ndarray) -> np.ndarray:
        return np.asarray(problem.evaluate_true(torch.as_tensor(x)))

    return pareto_front(objectives, reference, lower, upper, rays_per_objective=128)


@pytest.mark.parametrize(
    ("problem", "reference", "exact"),
    [
        (ZDT1(dim=3), [1.1, 1.1], _BESIDE + 2 / 3),
        (ZDT2(dim=3), [1.1, 1.1], _BESIDE + 1 / 3),
        (DTLZ2(dim=4, num_objectives=3), [1.1] * 3, None),
        (DTLZ2(dim=5, num_objectives=4), [1.1] * 4, None),
        (BraninCurrin(), [18.0, 6.0], None),
    ],
    ids=["convex", "concave", "three objectives", "four objectives", "unequal scales"],
)
def test_hypervolume_is_within_a_percent_of_the_known_one(
    problem: Any, reference: list[float], exact: float | None
) -> None:
    problem = problem.to(torch.double)
    front = _search(problem, reference)
    assert front.hypervolume == pytest.approx(exact or problem.max_hv, rel=0.01)
    assert is_non_dominated(front.objectives).all()
    assert (front.objectives < reference).all()
    # The points by themselves, measured by BoTorch, dominate less and not much less.
    by_points = DominatedPartitioning(
        ref_point=-torch.tensor(reference, dtype=torch.double),
        Y=-torch.as_tensor(front.objectives[:100]),
    ).compute_hypervolume()
    assert float(by_points) <= 1.001 * front.hypervolume


def test_points_lie_on_the_known_front() -> None:
    objectives = _search(ZDT1(dim=3).to(torch.double), [1.1, 1.1]).objectives
    np.testing.assert_allclose(objectives[:, 1], 1 - np.sqrt(objectives[:, 0]), atol=1e-3)
    assert np.ptp(objectives, axis=0) == pytest.approx([1, 1], abs=0.02)


def test_nothing_better_than_the_reference_gives_an_empty_front() -> None:
    front = pareto_front(lambda x: x + 2, [1.0, 1.0], [0.0, 0.0], [1.0, 1.0])
    assert (len(front.points), front.hypervolume, front.knee) == (0, 0.0, -1)


def test_one_objective_has_one_best_point() -> None:
    front = pareto_front(lambda x: (x - 0.3) ** 2, [1.0], [0.0], [1.0])
    assert front.points == pytest.approx(np.array([[0.3]]), abs=1e-4)
    assert front.hypervolume == pytest.approx(1.0)


def test_knee_is_where_the_front_bends() -> None:
    assert knee(np.array([[0.0, 10.0], [0.1, 2.0], [1.0, 0.0], [0.5, 1.5]])) == 1
