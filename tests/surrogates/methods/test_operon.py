from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mesocast.errors import InputError
from mesocast.surrogates.equations.from_trees import best_equation
from mesocast.surrogates.methods import operon
from mesocast.surrogates.methods.operon import fit_operon
from mesocast.surrogates.training import TrainingData

INPUTS = ("am_pct", "sc_pct", "cr_pct")
BOX = ((86.0, 96.0), (45.0, 71.0), (0.0, 40.0))
LIMITS = np.array(BOX).T[0], np.array(BOX).T[1]
X = np.random.default_rng(0).uniform(*LIMITS, (60, 3))
OTHER = np.random.default_rng(1).uniform(*LIMITS, (300, 3))
CHEAP = {"max_evaluations": 20_000}


def law(x: Any) -> Any:
    am, sc, cr = x.T / 100
    return 1.2 + 2.5 * am * sc / (1.3 - cr)


def data(y: Any, seed: int = 0) -> TrainingData:
    return TrainingData("density_g_cm3", INPUTS, "g/cm3", BOX, X, y, None, seed)


def test_finds_a_law_in_spite_of_noise() -> None:
    noise = 1 + 0.01 * np.random.default_rng(2).standard_normal(len(X))
    # Operon's course depends on the processor (32 bits, vectors): enough evaluations on any.
    equation, facts = fit_operon(data(law(X) * noise), {"max_evaluations": 60_000})
    assert np.abs(equation(OTHER) / law(OTHER) - 1).max() < 0.03
    assert facts["pareto_front_equations"] >= 3
    assert (equation.inputs, equation.box, equation.unit) == (INPUTS, BOX, "g/cm3")


def test_each_operator_is_translated() -> None:
    # Each equation must be the one that Operon evaluates, with its coefficients fitted again: it
    # cannot fit the training rows worse.
    from pyoperon.sklearn import SymbolicRegressor

    theirs: list[float] = []
    ours: list[float] = []
    original = SymbolicRegressor.fit

    def spy(self: Any, x: Any, y: Any) -> Any:
        original(self, x, y)
        errors = [np.mean((self.evaluate_model(e["tree"], x) - y) ** 2) for e in self.pareto_front_]
        theirs[:] = map(float, errors)
        return self

    def each(rows: TrainingData, trees: list[Any]) -> Any:
        ours.clear()
        for tree in trees:
            try:
                ours.append(float(np.mean((best_equation(rows, [tree])(X) - rows.y) ** 2)))
            except InputError:  # a pole somewhere in the box
                ours.append(np.nan)
        return best_equation(rows, trees)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SymbolicRegressor, "fit", spy)
        patch.setattr(operon, "best_equation", each)
        for name, function in (
            ("exp", lambda c: np.exp(3 * c)), ("log", lambda c: np.log(c + 0.05)),
            ("sqrt", np.sqrt), ("cbrt", np.cbrt), ("square", lambda c: (c - 0.2) ** 4),
            ("/", lambda c: 1 / (c + 0.1)),
        ):  # fmt: skip
            y = function(X[:, 2] / 100)
            fit_operon(data(y), {"max_evaluations": 5000})
            found, limits = np.array(ours), 1.05 * np.array(theirs) + 1e-6 * y.var()
            assert np.isfinite(found).sum() > 1
            # Operon computes with 32 bits.
            assert ((found <= limits) | np.isnan(found)).all(), name


def test_same_seed_same_equation() -> None:
    settings = {"max_evaluations": 3000}
    first = fit_operon(data(law(X)), settings)
    assert fit_operon(data(law(X)), settings) == first
    assert fit_operon(data(law(X), seed=1), settings) != first


def test_length_is_limited() -> None:
    short = fit_operon(data(law(X)), {**CHEAP, "max_length": 3})[0]
    long = fit_operon(data(law(X)), CHEAP)[0]
    assert np.mean((long(X) - law(X)) ** 2) < np.mean((short(X) - law(X)) ** 2)


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"depth": 3}, "unknown setting 'depth'"), ({"max_length": 0}, "max_length = 0; allowed")],
)
def test_wrong_settings(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        fit_operon(data(law(X)), settings)
