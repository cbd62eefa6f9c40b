from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from mesocast.errors import InputError
from mesocast.surrogates.evidence.split_study import Spread
from mesocast.surrogates.evidence.validation import Validation, validate
from mesocast.surrogates.surrogate import Surrogate, fit_surrogate

if TYPE_CHECKING:
    from pathlib import Path

BOX = {"am_pct": (86.0, 96.0), "sc_pct": (45.0, 71.0), "cr_pct": (0.0, 40.0)}


def law(am: Any, sc: Any, cr: Any) -> Any:
    return 1.2 + 2.5 * am * sc + 3 * cr**2


def dataset(noise: float, slurry_noise: float = 0.0, slurries: int = 12) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    rows = 5 * slurries
    am, sc = rng.uniform(86, 96, slurries).repeat(5), rng.uniform(45, 71, slurries).repeat(5)
    cr = rng.uniform(0, 40, rows)
    values = law(am / 100, sc / 100, cr / 100) * (1 + noise * rng.standard_normal(rows))
    values = values * (1 + slurry_noise * rng.standard_normal(slurries)).repeat(5)
    return pd.DataFrame(
        {
            "condition_id": [f"c{i:03d}" for i in range(rows)],
            "slurry_id": [f"s{i // 5:02d}" for i in range(rows)],
            "status": "ok",
            "am_pct": am,
            "sc_pct": sc,
            "cr_pct": cr,
            "density_g_cm3": values,
        }
    )


def fit(table: pd.DataFrame, method: str = "polynomial", **settings: Any) -> Surrogate:
    return fit_surrogate(
        table, "density_g_cm3", seed=1, method=method, settings=settings, box_pct=BOX, unit="g/cm3"
    )


TABLE = dataset(0.01)


@pytest.fixture(scope="module")
def validation() -> Validation:
    return validate(fit(TABLE), TABLE, splits=20, box_pct=BOX)


def test_spread_by_hand() -> None:
    spread = Spread.of([0.8, 0.9, 1.0])
    assert (spread.mean, spread.standard_deviation) == pytest.approx((0.9, 0.1))
    assert spread.mean_ci95[0] == pytest.approx(0.9 - 1.96 * 0.1 / np.sqrt(3))
    assert spread.percentiles95 == pytest.approx((0.805, 0.995))


def test_splits_and_errors(validation: Validation) -> None:
    grouped = validation.grouped
    assert grouped is not None
    assert (validation.random.splits, grouped.splits) == (20, 20)
    assert len(validation.random.test_r2_values) == 20
    # 1 % noise on a law that the method holds: a relative error just above the noise.
    assert 0.8 < validation.random.train_rmse_pct.mean < 1.0 < validation.random.test_rmse_pct.mean
    assert validation.random.test_r2.mean > 0.9
    assert validation.noise_ceiling is None
    low, high = validation.interval.low, validation.interval.high
    assert validation.interval == grouped.interval
    assert -0.06 < low < -0.015
    assert 0.015 < high < 0.06


def test_what_slurries_share_leaks_through_random_splits() -> None:
    table = dataset(0.002, slurry_noise=0.03)
    found = validate(fit(table), table, splits=20, box_pct=BOX)
    assert found.grouped is not None
    assert found.grouped.test_rmse_pct.mean > 1.2 * found.random.test_rmse_pct.mean


def test_same_surrogate_same_numbers_and_file_round_trip(
    validation: Validation, tmp_path: Path
) -> None:
    again = validate(fit(TABLE), TABLE.sample(frac=1, random_state=1), splits=20, box_pct=BOX)
    assert again == validation
    path = tmp_path / "polynomial" / "density_g_cm3.validation.json"
    validation.write(path)
    assert Validation.read(path) == validation
    path.write_text('{"unit": ""}')
    with pytest.raises(InputError, match="cannot be read as a validation"):
        Validation.read(path)


def test_selection_counts_descriptors() -> None:
    settings = {"rung": 1, "dimension": 2, "subspace_size": 30, "log_target": "never"}
    for noise in (0.0, 0.01):
        table = dataset(noise)
        surrogate = fit(table, "sisso", **settings)
        study = validate(surrogate, table, splits=6, box_pct=BOX).random
        assert study.dimensions == {"2": 1.0}
        assert study.transforms == {"identity": 1.0}
        assert sum(study.selection.values()) == pytest.approx(2)
        assert all(0 < share <= 1 for share in study.selection.values())
        # Without noise each split finds the law's own terms.
        assert noise or study.selection == {"(am * sc)": 1.0, "(cr**2)": 1.0}


def test_a_gaussian_process_is_validated_without_descriptors() -> None:
    study = validate(fit(TABLE, "gaussian_process"), TABLE, splits=2, box_pct=BOX)
    assert study.random.selection == {}
    assert study.rows[0].leverage is None
    assert study.random.test_r2.mean > 0.9


def test_replicates_give_a_ceiling() -> None:
    again = TABLE.iloc[:10].assign(condition_id=[f"r{i}" for i in range(10)])
    again["slurry_id"] = "again"
    again["density_g_cm3"] *= 1.01
    table = pd.concat([TABLE, again], ignore_index=True)
    ceiling = validate(fit(table), table, splits=2, box_pct=BOX).noise_ceiling
    assert ceiling is not None
    assert ceiling.recipes == 10
    assert ceiling.relative_standard_deviation_pct == pytest.approx(1 / np.sqrt(2), rel=0.02)


def test_one_slurry_cannot_be_grouped() -> None:
    for table in (TABLE.drop(columns="slurry_id"), TABLE.assign(slurry_id="s")):
        found = validate(fit(table), table, splits=2, box_pct=BOX)
        assert found.grouped is None
        assert found.interval == found.random.interval


def test_splits_that_cannot_be_fitted_are_counted() -> None:
    # Only one slurry varies in solids: splits without it have a constant column.
    table = TABLE.copy()
    table.loc[table["slurry_id"] != "s00", "sc_pct"] = 60.0
    found = validate(fit(table), table, splits=30, box_pct=BOX)
    assert found.grouped is not None
    assert found.grouped.splits + sum(found.grouped.left_out.values()) == 30
    (reason,) = found.grouped.left_out
    assert "sc_pct is constant" in reason


def test_another_dataset_is_refused() -> None:
    with pytest.raises(InputError, match="fitted to other rows"):
        validate(fit(TABLE), TABLE.iloc[1:], splits=2)
