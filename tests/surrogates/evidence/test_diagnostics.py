from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mesocast.surrogates.evidence.diagnostics import diagnose
from mesocast.surrogates.rows import Rows
from mesocast.surrogates.surrogate import Surrogate, fit_surrogate

NAME = "density_g_cm3"


def table() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    x = rng.uniform([86, 45, 0], [96, 71, 40], (80, 3))
    y = (1 + x[:, 0] * x[:, 1] / 1e4 + x[:, 2] / 100) * (1 + 0.01 * rng.standard_normal(80))
    frame = pd.DataFrame(x, columns=["am_pct", "sc_pct", "cr_pct"])
    frame[NAME], frame["status"] = y, "ok"
    frame["condition_id"] = [f"c{i:02d}" for i in range(80)]
    return frame


def fitted(frame: pd.DataFrame, method: str = "polynomial", **settings: object) -> Surrogate:
    return fit_surrogate(frame, NAME, seed=0, method=method, settings=settings)


def test_leverage_is_the_diagonal_of_the_hat_matrix() -> None:
    frame = table()
    surrogate = fitted(frame)
    found = diagnose(surrogate, Rows.from_table(frame, NAME))
    train = [row for row in found if row.split == "train"]
    # Its trace is the number of coefficients.
    assert sum(row.leverage or 0 for row in train) == pytest.approx(10)
    assert all(0 < (row.leverage or 0) < 1 for row in train)
    # It says how far the own value moves the prediction.
    name = train[3].condition_id
    moved = frame.copy()
    moved.loc[moved["condition_id"] == name, NAME] += 0.01
    row = frame[frame["condition_id"] == name][["am_pct", "sc_pct", "cr_pct"]].to_numpy()
    shift = fitted(moved).model(row) - surrogate.model(row)
    assert shift[0] / 0.01 == pytest.approx(train[3].leverage, rel=1e-6)


def test_residuals() -> None:
    frame = table()
    surrogate = fitted(frame)
    for row, pair in zip(
        diagnose(surrogate, Rows.from_table(frame, NAME)), surrogate.pairs, strict=True
    ):
        assert row.residual == pytest.approx(pair["simulated"] - pair["predicted"])
        assert row.relative_residual_pct == pytest.approx(100 * row.residual / pair["simulated"])


@pytest.mark.parametrize("log_target", ["never", "always"])
def test_standardized_residuals_have_unit_variance_and_show_an_outlier(log_target: str) -> None:
    frame = table()
    settings = {"rung": 1, "dimension": 2, "log_target": log_target}
    found = diagnose(fitted(frame, "sisso", **settings), Rows.from_table(frame, NAME))
    ratios = np.array([row.standardized_residual for row in found], dtype=float)
    assert ratios.std() == pytest.approx(1, abs=0.15)
    name = next(row.condition_id for row in found if row.split == "test")
    frame.loc[frame["condition_id"] == name, NAME] *= 1.1
    changed = diagnose(fitted(frame, "sisso", **settings), Rows.from_table(frame, NAME))
    outlier = next(row for row in changed if row.condition_id == name)
    assert outlier.is_influential
    assert (outlier.standardized_residual or 0) > 5


def test_no_equation_no_leverage() -> None:
    frame = table()
    found = diagnose(fitted(frame, "gaussian_process"), Rows.from_table(frame, NAME))
    assert all(row.leverage is None and row.standardized_residual is None for row in found)
    assert not any(row.is_influential for row in found)
