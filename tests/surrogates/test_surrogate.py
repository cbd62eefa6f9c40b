from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from mesocast.errors import InputError
from mesocast.surrogates import metrics
from mesocast.surrogates.equations.equation import Equation
from mesocast.surrogates.registry import METHODS
from mesocast.surrogates.surrogate import Surrogate, fit_surrogate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BOX = {"am_pct": (86.0, 96.0), "sc_pct": (45.0, 71.0), "cr_pct": (0.0, 40.0)}
CHEAP = {"rung": 1, "subspace_size": 20}


def density(am: Any, sc: Any, cr: Any) -> Any:
    return 1.2 + 2.5 * am * sc / (1.3 - cr)


@pytest.fixture
def table() -> pd.DataFrame:
    """24 conditions of 6 slurries with 1 % noise."""
    rng = np.random.default_rng(0)
    am, sc = rng.uniform(86, 96, 6).repeat(4), rng.uniform(45, 71, 6).repeat(4)
    cr = rng.uniform(0, 40, 24)
    values = density(am / 100, sc / 100, cr / 100) * (1 + 0.01 * rng.standard_normal(24))
    return pd.DataFrame(
        {
            "condition_id": [f"c{i:02d}" for i in range(24)],
            "slurry_id": [f"s{i // 4}" for i in range(24)],
            "status": "ok",
            "am_pct": am,
            "sc_pct": sc,
            "cr_pct": cr,
            "density_g_cm3": values,
        }
    )


def fit(table: pd.DataFrame, **settings: Any) -> Surrogate:
    return fit_surrogate(table, "density_g_cm3", **{"seed": 1, "settings": CHEAP, **settings})


def test_split_errors_and_pairs(table: pd.DataFrame) -> None:
    result = fit(table, box_pct=BOX, unit="g/cm3")
    train, test = result.condition_ids("train"), result.condition_ids("test")
    assert (len(train), len(test)) == (19, 5)
    assert sorted([*train, *test]) == list(table["condition_id"])
    by_id = table.set_index("condition_id")
    for ids, errors in ((train, result.train), (test, result.test)):
        rows = by_id.loc[ids]
        prediction = result.model(rows[list(BOX)].to_numpy())
        assert errors.n == len(ids)
        assert errors.rmse_pct == metrics.rmse_pct(rows["density_g_cm3"], prediction)
        assert errors.r2 == metrics.r2(rows["density_g_cm3"], prediction)
    for pair in result.pairs:
        assert pair["simulated"] == by_id.loc[pair["condition_id"], "density_g_cm3"]
    assert result.test.rmse_pct < 3
    assert isinstance(result.model, Equation)
    assert result.model.box == tuple(BOX.values())
    assert result.model.unit == "g/cm3"


def test_test_rows_do_not_touch_the_model(table: pd.DataFrame) -> None:
    result = fit(table)
    changed = table.copy()
    is_test = changed["condition_id"].isin(result.condition_ids("test"))
    changed.loc[is_test, "density_g_cm3"] += np.arange(is_test.sum())
    again = fit(changed)
    assert again.model == result.model
    assert again.test.r2 < result.test.r2


def test_same_seed_same_numbers_whatever_the_order_of_the_rows(table: pd.DataFrame) -> None:
    shuffled = table.sample(frac=1, random_state=3)
    assert fit(shuffled) == fit(table)
    assert fit(table, seed=2).condition_ids("test") != fit(table).condition_ids("test")


# PySR gives an equation like Operon's and needs Julia to do so.
@pytest.mark.parametrize("method", sorted(set(METHODS) - {"pysr"}))
def test_file_round_trip(method: str, table: pd.DataFrame, tmp_path: Path) -> None:
    settings = {"sisso": CHEAP, "operon": {"max_evaluations": 5000}}.get(method, {})
    result = fit(table, method=method, settings=settings)
    path = tmp_path / method / "density_g_cm3.json"
    result.write(path)
    assert Surrogate.read(path) == result
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    if not isinstance(result.model, Equation):
        assert "python" not in json.loads(path.read_text())
        return
    scope: dict[str, Any] = {}
    exec(json.loads(path.read_text())["python"], scope)
    x = table[list(BOX)].to_numpy()
    assert np.array_equal(scope["density_g_cm3"](*x.T), result.model(x))


def test_unusable_rows_are_left_out_and_counted(table: pd.DataFrame) -> None:
    expected = fit(table)
    bad = table.iloc[[0, 1, 2, 3, 4, 5]].copy()
    bad["condition_id"] = [f"z{i}" for i in range(6)]
    bad["status"] = ["not_percolating", "failed", "ok", "ok", "ok", "ok"]
    bad.loc[bad.index[:2], "density_g_cm3"] = 99.0
    bad.loc[bad.index[2], "density_g_cm3"] = np.nan
    bad.loc[bad.index[3], "am_pct"] = np.inf
    result = fit(pd.concat([table, bad]))  # the last two repeat rows of the table
    assert result.left_out == {"status": 2, "not_finite": 2, "duplicate": 2}
    assert result == dataclasses.replace(expected, left_out=result.left_out)


def test_repeated_conditions_with_other_results_stay(table: pd.DataFrame) -> None:
    repeated = table.iloc[[0, 1]].assign(condition_id=["r0", "r1"])
    repeated["density_g_cm3"] *= 1.01
    assert len(fit(pd.concat([table, repeated])).pairs) == 26


def test_first_of_equal_rows_stays_whatever_the_order_of_the_table(table: pd.DataFrame) -> None:
    again = table.iloc[[3]].assign(condition_id="zz")
    for rows in (pd.concat([table, again]), pd.concat([again, table])):
        found = {pair["condition_id"] for pair in fit(rows).pairs}
        assert found == set(table["condition_id"])


def drop(name: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda t: t.drop(columns=name)


def put(name: str, value: Any) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda t: t.assign(**{name: value})


@pytest.mark.parametrize(
    ("change", "settings", "message"),
    [
        (drop("am_pct"), {}, "column 'am_pct' is missing"),
        (drop("status"), {}, "column 'status' is missing"),
        (drop("condition_id"), {}, "column 'condition_id' is missing"),
        (drop("density_g_cm3"), {}, "column 'density_g_cm3' is missing"),
        (put("cr_pct", 20.0), {}, r"cr_pct is constant \(20\)"),
        (put("density_g_cm3", 2.0), {}, r"density_g_cm3 is constant \(2\)"),
        (put("density_g_cm3", "dense"), {}, "not numeric"),
        (put("status", "failed"), {}, "0 usable rows"),
        (lambda t: t.iloc[:11], {}, "11 usable rows for density_g_cm3 leave 9"),
        (lambda t: t, {"test_share": 0.0}, "test_share: found 0"),
        (lambda t: t, {"test_share": 1.0}, "test_share: found 1"),
        (lambda t: t, {"test_share": 0.9}, "leave 2 for training"),
        (lambda t: t, {"method": "magic"}, "method: found 'magic'; allowed: sisso, polynomial"),
        (lambda t: t, {"settings": {"depth": 3}}, "sisso: unknown setting 'depth'"),
        (lambda t: t, {"settings": {"dimension": 9}}, "dimension: found 9"),
        (lambda t: t, {"settings": {"operators": ("pow",)}}, "unknown 'pow'"),
        (
            lambda t: t,
            {"method": "polynomial", "settings": {"degree": 3}},
            "unknown setting 'degree'",
        ),
        (lambda t: t, {"box_pct": {**BOX, "am_pct": (90.0, 96.0)}}, "allowed: 90 to 96"),
        (lambda t: t, {"box_pct": {**BOX, "cr_pct": (40.0, 0.0)}}, "allowed: 40 to 0"),
        (lambda t: t, {"box_pct": {"am_pct": (86.0, 96.0)}}, "sc_pct is missing"),
    ],
)
def test_bad_data_gives_one_line(
    change: Callable[..., Any], settings: dict[str, Any], message: str, table: pd.DataFrame
) -> None:
    with pytest.raises(InputError, match=message) as caught:
        fit(change(table), **settings)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text", [None, "", "[]", "{}", '{"method": "magic"}', '{"method": "sisso", "model": {}}']
)
def test_broken_file(text: str | None, tmp_path: Path) -> None:
    path = tmp_path / "density_g_cm3.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(InputError, match="cannot be read as a surrogate"):
        Surrogate.read(path)
