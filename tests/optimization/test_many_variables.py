"""Ten design variables, six of them a campaign's own: equations and optima by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
import sympy

from mesocast.errors import InputError
from mesocast.optimization.exhaustive import global_minimum
from mesocast.optimization.inverse import Wanted, invert
from mesocast.optimization.objective import Goal, Objective, Scaling
from mesocast.optimization.optimize import optimize
from mesocast.optimization.optimum.find import find_optimum
from mesocast.optimization.optimum.flat import find_flat
from mesocast.optimization.problem import Limits, Problem
from mesocast.recipe import Recipe
from mesocast.surrogates.equations.equation import Equation
from mesocast.surrogates.fit import fit
from mesocast.surrogates.predict import Interval
from mesocast.surrogates.sensitivity import sobol_indices
from mesocast.surrogates.surrogate import fit_surrogate

if TYPE_CHECKING:
    from numpy.typing import NDArray

BOUNDS = {
    "am_pct": (86.0, 96.0),
    "sc_pct": (45.0, 71.0),
    "cr_pct": (0.0, 40.0),
    "set_mass_loading_mg_cm2": (5.0, 30.0),
    "set_carbon_to_binder": (0.5, 2.0),
    "set_small_share": (0.1, 0.5),
    "set_capillary_pressure_kPa": (50.0, 200.0),
    "set_bead_um": (1.0, 2.0),
    "set_hold_us": (1.0, 20.0),
    "set_nanoporosity": (0.3, 0.6),
}
LOW, HIGH = np.array(list(BOUNDS.values())).T


def planted(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1.5 + 0.003 * x[:, 2] * x[:, 3] / x[:, 7] + 0.4 * x[:, 4] * x[:, 5])


def many_valleys(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Function of Styblinski and Tang, over the box: 1024 minima, of which one is the lowest."""
    z = 10 * (x - LOW) / (HIGH - LOW) - 5
    return np.asarray(0.5 * (z**4 - 16 * z**2 + 5 * z).sum(axis=-1))


LOWEST = -391.6616570377142


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    x = LOW + np.random.default_rng(3).random((60, 10)) * (HIGH - LOW)
    names = [f"S{number:03d}" for number in range(60)]
    return pd.DataFrame(x, columns=list(BOUNDS)).assign(
        density_g_cm3=planted(x),
        condition_id=[f"{name}-C01" for name in names],
        slurry_id=names,
        status="ok",
    )


def test_sisso_recovers_the_planted_equation(table: pd.DataFrame) -> None:
    surrogate = fit_surrogate(table, "density_g_cm3", seed=1, method="sisso", box_pct=BOUNDS)
    assert surrogate.inputs == tuple(BOUNDS)
    assert isinstance(surrogate.model, Equation)
    cr, bead, ratio, share, load = sympy.symbols(
        "cr set_bead_um set_carbon_to_binder set_small_share set_mass_loading_mg_cm2"
    )
    found = surrogate.model.sympy()
    names = {symbol: sympy.Symbol(symbol.name) for symbol in found.free_symbols}
    difference = found.xreplace(names) - (1.5 + 0.3 * cr * load / bead + 0.4 * ratio * share)
    assert max(abs(c) for c in sympy.Poly(sympy.expand(difference * bead)).coeffs()) < 1e-9
    # The text of the equation computes the same from columns in their units.
    namespace: dict[str, object] = {}
    exec(surrogate.model.python(), namespace)
    recipe = dict(table.loc[0, list(BOUNDS)].astype(float))
    assert namespace["density_g_cm3"](**recipe) == pytest.approx(table.loc[0, "density_g_cm3"])  # type: ignore[operator]
    assert r"\mathrm{Mass\ loading}" in surrogate.latex()


def test_what_follows_a_fit_knows_the_names(table: pd.DataFrame) -> None:
    models = fit(table, ["density_g_cm3"], method="sisso", settings={"rung": 1}, splits=2)
    predicted = models.predict(table)
    assert predicted["density_g_cm3"].corr(table["density_g_cm3"]) > 0.9
    with pytest.raises(InputError, match="'set_hold_us' is missing"):
        models.predict(table.drop(columns="set_hold_us"))
    indices = sobol_indices(models["density_g_cm3"], tuple(BOUNDS), list(BOUNDS.values()))
    total = dict(zip(indices.inputs, indices.total, strict=True))
    assert total["set_mass_loading_mg_cm2"] > 0.1
    assert total["set_hold_us"] < 1e-3
    best = optimize(models, table, goals={"density_g_cm3": "maximize"}, evaluations=20)
    assert best.parameters["set_mass_loading_mg_cm2"] > 25
    assert best.recipe.cr_pct > 30
    found = invert(
        models,
        {"density_g_cm3": Interval(-0.01, 0.01)},
        {"density_g_cm3": 3.0},
        BOUNDS,
        {"density_g_cm3": Wanted(3.0, 3.1)},
    )
    assert found.is_reached
    assert list(found.closest.parameters) == list(BOUNDS)


def test_optimizer_finds_the_lowest_of_many_valleys() -> None:
    problem = Problem(
        {"valleys": many_valleys},
        Objective({"valleys": Goal("minimize")}, {"valleys": Scaling(LOWEST, 0.0)}),
        BOUNDS,
    )
    best = find_optimum(problem, evaluations=20, seed=1, resolution_pct={})
    exact = problem.point(best.exact.parameters)
    regret = (many_valleys(exact[None])[0] - LOWEST) / (2500 - LOWEST)
    assert 0 <= regret < 1e-3
    rounded = problem.point(best.parameters)
    assert (many_valleys(rounded[None])[0] - LOWEST) / (2500 - LOWEST) < 1e-3
    assert best.method == "exhaustive_search"
    assert len(best.partial_dependence) == 45
    assert best.recipe == Recipe.of(best.parameters)


def test_minimum_under_a_constraint_in_six_variables() -> None:
    names = list(BOUNDS)[:6]
    low, high = LOW[:6], HIGH[:6]
    bounds = {name: BOUNDS[name] for name in names}

    def bowl(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray((((x - low) / (high - low) - 0.5) ** 2).sum(axis=-1))

    def total(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(((x - low) / (high - low)).sum(axis=-1))

    problem = Problem(
        {"bowl": bowl, "total": total},
        Objective({"bowl": Goal("minimize")}, {"bowl": Scaling(0.0, 1.0)}),
        bounds,
        constraints={"total": Limits(3.6, np.inf)},
        spans={"total": 6.0},
    )
    best = find_optimum(problem, evaluations=20, seed=1, resolution_pct={})
    # The nearest point of the plane: 0.6 along every axis.
    assert best.constraints["total"].is_met
    assert best.exact.objective == pytest.approx(
        bowl((low + 0.6 * (high - low))[None])[0] ** 2, rel=0.02
    )


def test_global_minimum_leaves_a_valley_along_an_axis() -> None:
    found = global_minimum(many_valleys, LOW.tolist(), HIGH.tolist(), starts=1)
    assert found.value == pytest.approx(LOWEST)


def test_flat_map_of_many_variables(table: pd.DataFrame) -> None:
    bounds = {name: BOUNDS[name] for name in list(BOUNDS)[:4]}

    def linear(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray((x[:, 0] - 86) / 10)

    problem = Problem(
        {"density_g_cm3": linear},
        Objective({"density_g_cm3": Goal("minimize")}, {"density_g_cm3": Scaling(0.0, 1.0)}),
        bounds,
    )
    noisy = table.assign(
        density_g_cm3=linear(table[list(bounds)].to_numpy())
        + 0.02 * np.random.default_rng(0).standard_normal(len(table))
    )
    flat = find_flat(problem, noisy, {name: low for name, (low, _) in bounds.items()})
    assert len(flat.maps) == 6
    # The objective is the square, so what cannot be told from 0 is a share of the first parameter.
    low, high = flat.extent_pct["am_pct"]
    assert flat.share == pytest.approx((high - low) / 10, abs=0.01)
    assert 0 < flat.share < 0.6
    with_first = next(m for m in flat.maps if m.first == "am_pct")
    assert np.array(with_first.share)[0].min() == 1
    assert np.array(with_first.share)[-1].max() == 0


def test_bounds_must_name_what_is_free() -> None:
    objective = Objective({"bowl": Goal("minimize")}, {"bowl": Scaling(0.0, 1.0)})
    own = {"set_x": (0.0, 1.0)}
    problem = Problem({"bowl": many_valleys}, objective, own, fixed={"am_pct": 94.0})
    assert problem.inputs == ("set_x",)
    assert problem.named((0.5,)) == {"am_pct": 94.0, "set_x": 0.5}
    with pytest.raises(InputError, match="needed is low < high"):
        Problem({"bowl": many_valleys}, objective, {"set_x": (1.0, 1.0)})
    with pytest.raises(InputError, match="needed for am_pct, sc_pct, cr_pct"):
        Problem({"bowl": many_valleys}, objective, {"loading": (0.0, 1.0)})


def test_fit_of_a_single_variable(table: pd.DataFrame) -> None:
    name = "set_mass_loading_mg_cm2"
    alone = table[[name, "condition_id", "slurry_id", "status"]].assign(
        density_g_cm3=2.0 + 0.1 * np.sqrt(table[name])
    )
    surrogate = fit_surrogate(
        alone, "density_g_cm3", seed=1, settings={"rung": 1}, box_pct={name: BOUNDS[name]}
    )
    assert surrogate.inputs == (name,)
    assert surrogate.test.r2 == pytest.approx(1.0)
    assert surrogate.is_inside([[10.0]]).all()
    assert not surrogate.is_inside([[40.0]]).any()


def test_what_varies_must_have_bounds(table: pd.DataFrame) -> None:
    bounds = {name: BOUNDS[name] for name in list(BOUNDS)[:-1]}
    with pytest.raises(InputError, match="box_pct: set_nanoporosity is missing, which varies"):
        fit_surrogate(table, "density_g_cm3", seed=1, box_pct=bounds)
