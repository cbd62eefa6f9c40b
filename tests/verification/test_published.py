"""Comparison with published electrodes."""

import json
from pathlib import Path

import pandas as pd
import pytest

from mesocast.errors import InputError
from mesocast.verification.published import compare, published_electrodes, write


def _dataset(**changes: float) -> pd.DataFrame:
    rows = [
        {"slurry_id": slurry, "am_pct": 96.0, "sc_pct": 69.0, "cr_pct": cr, "status": status,
         "porosity_total": p, "porosity_by_mass": p - 0.005, "porosity_bulk": p - 0.1,
         "density_g_cm3": 2.0, "cr_retained_pct": 0.7 * cr,
         "active_surface_pct": 60.0, "electronic_conductivity_S_m": 0.1, "tortuosity_factor": 2.0}
        for slurry, cr, status, p in [
            ("S001", 0.0, "ok", 0.50),
            ("S002", 0.0, "ok", 0.54),
            ("S001", 30.0, "ok", 0.40),
            ("S002", 30.0, "not_converged", 0.9),
        ]
    ]  # fmt: skip
    return pd.DataFrame(rows).assign(**changes)


def test_published_table_names_columns_of_the_dataset() -> None:
    from mesocast.columns import Properties

    table = published_electrodes()
    assert set(table["column"]) <= set(Properties.model_fields)
    assert table["source"].str.len().gt(0).all()


def test_mean_over_seeds_beside_the_published_number() -> None:
    found = compare(_dataset())
    series = found.electrodes[found.electrodes["name"] == "series in compression"]
    at_rest = series[series["cr_pct"] == 0].iloc[0]
    assert at_rest["simulated"] == pytest.approx(0.52)
    assert at_rest["standard_deviation"] == pytest.approx(0.02 * 2**0.5)
    assert at_rest["seeds"] == 2
    assert at_rest["difference"] == pytest.approx(0.52 - 0.535)
    # A row that failed does not count.
    assert series[series["cr_pct"] == 30].iloc[0]["simulated"] == pytest.approx(0.40)
    assert found.recovered_pct["recovered_pct"].tolist() == pytest.approx([30.0])
    assert any(name.startswith("optimum") for name in found.not_simulated)


def test_a_dataset_without_published_recipes_is_refused() -> None:
    with pytest.raises(InputError, match="no recipe of it is published"):
        compare(_dataset(am_pct=95.5))


def test_files_of_a_validation(tmp_path: Path) -> None:
    write(_dataset(), tmp_path / "validation", {"seed": 1})
    names = {path.name for path in (tmp_path / "validation").iterdir()}
    assert names == {
        "electrodes.csv", "validation.csv", "validation.json", "validation.md", "validation.svg"
    }  # fmt: skip
    text = (tmp_path / "validation" / "validation.md").read_text()
    assert "| series in compression (simulated) | 96/69/30 | Total porosity | 0.411 | 0.4 |" in text
    content = json.loads((tmp_path / "validation" / "validation.json").read_text())
    assert content["seed"] == 1
    assert content["recovered_pct"][0]["seeds"] == 1
    # 0.50 and 0.54; the third electrode has no second seed.
    noise = {row["column"]: row for row in content["seed_noise"]}
    assert noise["porosity_total"]["standard_deviation"] == pytest.approx(0.02 * 2**0.5)
    assert noise["porosity_total"]["of_the_mean_pct"] == pytest.approx(100 * 0.02 * 2**0.5 / 0.52)
    assert noise["porosity_total"]["electrodes"] == 2
    assert noise["density_g_cm3"]["standard_deviation"] == 0
    assert "| Total porosity | 0.028 | 5.4 % | 1 |" in text
    assert "| 96/69 | 0.520 | 2 |" in text
    assert "falls by" not in text


def test_fall_of_dried_films_with_solid_content() -> None:
    rows = _dataset().head(2)
    films = [rows.assign(sc_pct=sc, porosity_total=p) for sc, p in [(59, 0.56), (64, 0.545)]]
    found = compare(pd.concat([rows, *films]))
    # 0.56, 0.545, 0.52: a line of slope -0.004.
    assert found.fall_with_solid_content == {96.0: pytest.approx(0.4)}
    assert found.uncalendered["seeds"].tolist() == [2, 2, 2]


def test_no_seed_noise_without_a_second_seed() -> None:
    found = compare(_dataset().iloc[[0, 2]])
    assert found.seed_noise.empty
