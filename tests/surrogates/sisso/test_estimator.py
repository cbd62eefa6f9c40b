from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import check_estimator

from mesocast.errors import InputError
from mesocast.surrogates.equations.expressions import evaluate
from mesocast.surrogates.sisso.estimator import SISSO

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mesocast.surrogates.equations.equation import Equation


BOX = ((0.5, 3.0),) * 3
X = np.random.default_rng(1).uniform(0.5, 3.0, (100, 3))
A, B, C = X.T

# rung, law, intercept, coefficient per descriptor
PLANTED = [
    (1, 2 + 3 * A * B, 2, {("*", 0, 1): 3}),
    (1, 1 + 2 * np.exp(A) - 4 / B, 1, {("exp", 0): 2, ("inverse", 1): -4}),
    (1, 5 - 2 * np.log(C) + A * B + B**2 / 2, 5,
     {("log", 2): -2, ("*", 0, 1): 1, ("square", 1): 0.5}),
    (2, 2 + 3 * A * B / C, 2, {("/", ("*", 0, 1), 2): 3}),
    (2, 4 + 5 * (A + B) / C, 4, {("/", ("+", 0, 1), 2): 5}),
    (2, 7 + 2 * np.abs(A - B) * C, 7, {("*", 2, ("|-|", 0, 1)): 2}),
    (3, 1 + 2 * A * B / (B + C), 1, {("/", ("*", 0, 1), ("+", 1, 2)): 2}),
    (3, 3 + 2 * np.sqrt(A * B + C / B), 3, {("sqrt", ("+", ("*", 0, 1), ("/", 2, 1))): 2}),
    (3, 3 + 2 * np.exp(B - A) / (B * C), 3, {("/", ("exp-", ("-", 0, 1)), ("*", 1, 2)): 2}),
]  # fmt: skip


def assert_same_descriptors(
    equation: Equation, expected: Mapping[Any, float], tolerance: float
) -> None:
    """Compare values, not trees: the same function can be written in several ways."""
    assert len(equation.descriptors) == len(expected)
    rows = np.random.default_rng(9).uniform(0.5, 3.0, (50, 3))
    left = dict(zip(equation.descriptors, equation.coefficients, strict=True))
    for tree, coefficient in expected.items():
        values = evaluate(tree, list(rows.T))
        match = [d for d in left if np.allclose(evaluate(d, list(rows.T)), values, rtol=1e-12)]
        assert len(match) == 1, (tree, equation.descriptors)
        assert left[match[0]] == pytest.approx(coefficient, rel=tolerance)


@pytest.mark.parametrize(("rung", "y", "intercept", "expected"), PLANTED)
def test_recovers_planted_equation(rung: int, y: Any, intercept: float, expected: Any) -> None:
    model = SISSO(rung, len(expected), box=BOX).fit(X, y)
    assert_same_descriptors(model.equation_, expected, 1e-10)
    assert model.equation_.intercept == pytest.approx(intercept, rel=1e-10)
    assert np.abs(model.predict(X) / y - 1).max() < 1e-11


@pytest.mark.parametrize(("rung", "y", "intercept", "expected"), PLANTED)
def test_recovers_planted_equation_from_one_percent_noise(
    rung: int, y: Any, intercept: float, expected: Any
) -> None:
    noisy = y * (1 + 0.01 * np.random.default_rng(5).standard_normal(len(y)))
    model = SISSO(rung, len(expected), box=BOX).fit(X, noisy)
    assert_same_descriptors(model.equation_, expected, 0.03)
    assert model.equation_.intercept == pytest.approx(intercept, rel=0.1)


def test_large_subspace_recovers_what_screening_ranks_low() -> None:
    y = 1 + 2 * np.exp(A) / B - 3 * C**2 * B
    expected: dict[Any, float] = {("/", ("exp", 0), 1): 2, ("*", ("square", 2), 1): -3}
    assert SISSO(2, 2, box=BOX, subspace_size=50).fit(X, y).score(X, y) < 0.9999
    assert_same_descriptors(
        SISSO(2, 2, box=BOX, subspace_size=500).fit(X, y).equation_, expected, 1e-10
    )


def test_reproduces_the_reference_program_on_its_own_example() -> None:
    """Template of https://github.com/rouyang2017/SISSO (train.dat_regression).

    Output printed by its version 3.0.2 for the settings below, published in
    https://github.com/ajz34/ajz34.readthedocs.io (source/ML_Notes/SISSO/SISSO.out).
    """
    x = np.array([
        [0.8626, 0.7043, 0.6312], [0.7260, 0.7818, 0.6119], [0.4943, 0.0044, 0.4420],
        [0.0106, 0.0399, 0.9877], [0.0970, 0.3199, 0.5504],
    ])  # fmt: skip
    y = np.array([3.0862, 2.8854, 0.6907, 0.9902, 0.7242])
    model = SISSO(
        rung=2,
        dimension=3,
        subspace_size=7,
        operators=(
            "+", "-", "*", "/", "exp", "exp-", "inverse", "square", "cube", "sqrt", "log", "|-|",
            "sixth", "sin", "cos",
        ),
        box="samples",
        units=[{"m": 1}, {"m": 1}, {"s": 1}],
        strict_units=False,
    ).fit(x, y)  # fmt: skip
    printed: list[Any] = [
        ({("/", ("*", 0, 1), ("log", 2)): -0.1802922160e1}, 0.7505553618, 0.104831, 0.178033),
        (
            {("square", ("*", 0, 1)): 0.6364806189e1, ("inverse", ("|-|", 0, 1)): 0.9191542114e-2},
            0.6748801072, 0.003268, 0.004656,
        ),
        (
            {
                ("/", ("sixth", 1), ("log", 0)): -0.2813852886e1,
                ("/", ("exp-", 2), ("|-|", 0, 1)): 0.2638598223e-1,
                ("/", ("cube", 0), ("-", 0, 1)): 0.4721473413e-2,
            },
            0.6547943803, 0.000083, 0.000137,
        ),
    ]  # fmt: skip
    for equation, (terms, intercept, rmse, maximum) in zip(model.equations_, printed, strict=True):
        found = dict(zip(equation.descriptors, equation.coefficients, strict=True))
        assert found == {tree: pytest.approx(value, rel=1e-7) for tree, value in terms.items()}
        assert equation.intercept == pytest.approx(intercept, rel=2e-9)
        error = y - equation(x)
        assert round(np.sqrt(np.mean(error**2)), 6) == rmse
        assert round(np.abs(error).max(), 6) == maximum


@pytest.mark.filterwarnings("ignore:Skipping check")
def test_is_an_estimator_of_scikit_learn() -> None:
    check_estimator(SISSO(rung=1, dimension=2, subspace_size=10))


def test_is_deterministic_and_survives_clone_and_pickle() -> None:
    y = 1 + A / B + 0.05 * np.random.default_rng(0).standard_normal(len(A))
    model = SISSO(2, log_target="auto", subspace_size=20).fit(X, y)
    again = clone(model).fit(X, y)
    assert again.equation_ == model.equation_
    assert again.equations_ == model.equations_
    assert pickle.loads(pickle.dumps(model)).equation_ == model.equation_
    assert np.array_equal(pickle.loads(pickle.dumps(model)).predict(X), model.predict(X))


@pytest.mark.parametrize(
    ("y", "dimension"), [(2 + 3 * A, 1), (2 + 3 * A - 4 / B, 2), (2 + 3 * A - 4 / B + 3 * C**3, 3)]
)
def test_chooses_the_smallest_sufficient_dimension(y: Any, dimension: int) -> None:
    noisy = y * (1 + 0.01 * np.random.default_rng(2).standard_normal(len(y)))
    model = SISSO(rung=1, box=BOX).fit(X, noisy)
    assert model.dimension_ == dimension
    assert model.cv_errors_["identity"].shape == (3, 5)


def test_pure_noise_gets_one_descriptor() -> None:
    y = 5 + np.random.default_rng(3).standard_normal(24)
    assert SISSO(2).fit(X[:24], y).dimension_ == 1


def test_takes_the_logarithm_when_errors_are_relative() -> None:
    law = np.exp(2 * A - B)
    y = law * np.exp(0.05 * np.random.default_rng(4).standard_normal(len(A)))
    automatic = SISSO(rung=1, dimension=2, log_target="auto").fit(X, y)
    assert automatic.equation_.transform == "log"
    assert np.abs(automatic.predict(X) / law - 1).max() < 0.05
    assert set(automatic.cv_errors_) == {"identity", "log"}
    plain = SISSO(rung=1, dimension=2).fit(X, y)
    assert plain.equation_.transform == "identity"
    assert plain.cv_errors_ == {}


def test_does_not_take_the_logarithm_of_negative_values() -> None:
    assert SISSO(1, 1, log_target="auto").fit(X, A - 2).equation_.transform == "identity"
    with pytest.raises(ValueError, match="needs a positive y"):
        SISSO(1, 1, log_target="always").fit(X, A - 2)


def test_stops_when_the_equation_is_exact() -> None:
    model = SISSO(rung=1, dimension=3, box=BOX).fit(X, 1 + 2 * A * B)
    assert model.dimension_ == 1
    assert model.equation_.descriptors == (("*", 0, 1),)


def test_dimension_that_no_fold_has_does_not_take_part_in_the_choice() -> None:
    noise = np.random.default_rng(6).standard_normal(len(A))
    model = SISSO(rung=0, max_dimension=3).fit(X[:, :2], A + 0.1 * noise)
    errors = model.cv_errors_["identity"]
    assert np.isfinite(errors[:2]).all()
    assert np.isinf(errors[2]).all()
    assert model.dimension_ <= 2
    # An exact equation stands for the longer ones as well.
    exact = SISSO(rung=1, max_dimension=3, box=BOX).fit(X, 1 + 2 * A * B)
    assert np.isfinite(exact.cv_errors_["identity"]).all()


@pytest.mark.parametrize("sign", [1, -1])
def test_exponential_of_either_sign_of_a_difference_times_something(sign: int) -> None:
    """Of (a - b) c and (b - a) c one is built; the exponential needs both."""
    y = 1 + 2 * np.exp(sign * (A - B) * C)
    model = SISSO(3, 1, operators=("-", "*", "exp"), box=BOX).fit(X, y)
    assert model.predict(X) == pytest.approx(y, rel=1e-9)


def test_never_more_coefficients_than_rows_can_carry() -> None:
    y = np.array([1.0, 3.0, 2.0, 5.0])
    assert SISSO(rung=1, dimension=4).fit(X[:4], y).dimension_ == 2


def test_more_residuals_see_more_features() -> None:
    y = 1 + 2 * np.exp(A) / B - 3 * C**2 * B
    one = SISSO(2, 2, box=BOX).fit(X, y).score(X, y)
    assert SISSO(2, 2, box=BOX, n_residual=10).fit(X, y).score(X, y) >= one


def test_box_is_larger_than_the_rows() -> None:
    # In the rows c stays away from zero; in the box it does not.
    rows = X * [1, 1, 0.1] + [0, 0, 0.01]
    y = 1 / rows[:, 2]
    assert ("inverse", 2) in SISSO(1, 1).fit(rows, y).equation_.descriptors
    wide = SISSO(1, 1, box=((0.5, 3.0), (0.5, 3.0), (0.0, 0.4))).fit(rows, y)
    assert np.isfinite(wide.predict(np.array([[1.0, 1.0, 0.0]]))).all()


@pytest.mark.parametrize(
    ("settings", "y", "error", "message"),
    [
        ({"dimension": 5}, A, ValueError, "dimension: found 5"),
        ({"dimension": 0}, A, ValueError, "dimension: found 0"),
        ({"subspace_size": 0}, A, ValueError, "subspace_size: found 0"),
        ({"n_residual": 0}, A, ValueError, "n_residual: found 0"),
        ({"log_target": "yes"}, A, ValueError, "log_target: found 'yes'"),
        ({"box": "data"}, A, ValueError, "box: found 'data'"),
        ({"rung": 1.0}, A, ValueError, "rung: found 1.0"),
        ({"max_complexity": -1}, A, ValueError, "max_complexity: found -1"),
        ({"box": ((0.0, 1.0),) * 3}, A, ValueError, "does not hold all rows"),
        ({"box": ((0.0, 9.0),)}, A, ValueError, "does not hold all rows"),
        ({"operators": ("pow",)}, A, InputError, "unknown 'pow'"),
        ({"rung": 7}, A, InputError, "rung: found 7"),
        ({}, np.ones_like(A), ValueError, "constant"),
    ],
)
def test_bad_settings(
    settings: dict[str, Any], y: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        SISSO(**settings).fit(X, y)


@pytest.mark.parametrize("rows", [1, 2])
def test_too_few_rows(rows: int) -> None:
    with pytest.raises(ValueError, match=f"n_samples={rows}"):
        SISSO().fit(X[:rows], A[:rows])


def test_constant_inputs() -> None:
    with pytest.raises(ValueError, match="no feature varies"):
        SISSO(rung=1).fit(np.ones((9, 2)), np.arange(9.0))


@pytest.mark.parametrize("seed", [0, 1, 2, 4])
@pytest.mark.filterwarnings("error")
def test_huge_targets_overflow_without_a_warning(seed: int) -> None:
    """A prediction that overflows is rejected by its error; a notebook need not hear of it."""
    random = np.random.default_rng(seed)
    x, y = random.uniform(0.5, 1, (14, 3)), np.exp(random.uniform(-150, 150, 14))
    model = SISSO(rung=1, max_dimension=3, log_target="always", cv=5).fit(x, y)
    assert np.isfinite(model.predict(x)).all()
