"""The objective on average over what is not known of a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from mesocast.optimization.laboratory.expected import OnTheLine
from mesocast.optimization.optimum.find import best_recipe
from mesocast.optimization.problem import Problem
from mesocast.surrogates.measured.correction import Corrected, correct
from mesocast.surrogates.measured.table import measured_table

if TYPE_CHECKING:
    from mesocast.surrogates.fit import Surrogates

# As they lie in the box: one where the line was measured, one far from there.
RECIPES = np.array([[95.0, 60.0, 20.0], [87.0, 48.0, 38.0]])


@pytest.fixture(scope="module")
def models(problem: Problem, surrogates: Surrogates) -> dict[str, Corrected]:
    """A line of which the density was measured in one corner, and nothing else."""
    table = pd.DataFrame(
        {
            "am_pct": [94.5, 95.0, 95.5, 95.0],
            "sc_pct": [60.0, 61.0, 60.0, 59.0],
            "cr_pct": [20.0, 21.0, 20.0, 19.0],
            "density_g_cm3": [2.9, 2.95, 2.9, 2.85],
            "density_g_cm3_std": 0.01,
        }
    )
    return correct(surrogates, measured_table(table), problem.bounds_pct)


def test_it_is_the_mean_over_many_draws(problem: Problem, models: dict[str, Corrected]) -> None:
    random = np.random.default_rng(1)
    drawn = {
        name: model.discrepancy(RECIPES)[0]
        + model.discrepancy(RECIPES)[1] * random.standard_normal((20_000, 2))
        for name, model in models.items()
    }
    values = {name: model.with_difference(RECIPES, drawn[name]) for name, model in models.items()}
    expected = problem.objective(values).mean(axis=0)
    found = OnTheLine.of(problem, models).value(RECIPES)
    # The conductivity differs by a factor, for which the rule is not exact.
    assert found == pytest.approx(expected, rel=0.1)


def test_what_is_little_known_counts_as_worse(
    problem: Problem, models: dict[str, Corrected]
) -> None:
    certain = Problem({**problem.predict, **models}, problem.objective, problem.bounds_pct)
    loss = OnTheLine.of(problem, models).value(RECIPES) - certain.value(RECIPES)
    assert np.all(loss > 0)
    assert loss[1] > loss[0]


def test_its_best_recipe_is_no_worse_on_average(
    problem: Problem, models: dict[str, Corrected]
) -> None:
    line = OnTheLine.of(problem, models)
    certain = Problem({**problem.predict, **models}, problem.objective, problem.bounds_pct)
    both = np.stack([best_recipe(line), best_recipe(certain)])
    values = line.value(both)
    assert values[0] <= values[1]
