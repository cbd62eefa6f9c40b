from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from mesocast.report.results import Results
from mesocast.storage.files import write_text
from tests.report.conftest import link

if TYPE_CHECKING:
    from pathlib import Path


def test_failed_and_simulated_rows_are_all_rows(results: Results) -> None:
    good = [*results.simulated["condition_id"], *results.confirmed["condition_id"]]
    failed = results.failed["condition_id"].tolist()
    assert sorted(good + failed) == sorted(results.everything["condition_id"])
    assert set(failed) == {"S002-C02", "S003-C01", "S003-C02", "S003-C03"}


def test_best_electrode_has_the_smallest_objective(results: Results) -> None:
    assert results.simulated["objective"].is_monotonic_increasing
    assert np.isfinite(results.simulated["objective"]).all()


def test_objective_of_the_verification_is_the_recorded_one(results: Results) -> None:
    recorded = results.verification["objective"]["simulated"]
    np.testing.assert_allclose(results.confirmed["objective"], recorded, rtol=1e-12)


def test_best_of_the_design_is_shown_when_the_optimum_failed(
    results: Results, unverified: Results
) -> None:
    assert results.shown["condition_id"].tolist() == ["V01-C01", "V02-C01"]
    assert unverified.shown["condition_id"].tolist() == [unverified.simulated["condition_id"][0]]


def test_slurries_are_counted_once(results: Results) -> None:
    assert len(results.records("slurry")) == results.everything["slurry_id"].nunique()
    assert len(results.records("calendering")) == len(results.everything)


def test_history_of_a_stage_that_never_ran_is_none(results: Results) -> None:
    rows = results.everything.set_index("slurry_id", drop=False)
    lost, good = rows.loc["S003"].iloc[0], rows.loc["S001"].iloc[0]
    assert results.history("drying", lost) is None
    history = results.history("drying", good)
    assert history is not None
    assert isinstance(history, pd.DataFrame)
    assert {"phase", "time_us", "thickness_um"} <= set(history.columns)


def test_benchmarks_are_grouped_by_rule(results: Results, tmp_path: Path) -> None:
    link(results.folder, tmp_path)
    for name, seconds in (("slurry/S001", 2.5), ("slurry/S002", 3.5), ("optimum", 9.0)):
        write_text(tmp_path / "benchmarks" / f"{name}.tsv", f"s\tmax_rss\n{seconds}\t1.0\n")
    found = Results(results.campaign, tmp_path).benchmarks
    assert found == {"optimum": [9.0], "slurry": [2.5, 3.5]}


def test_campaign_without_benchmarks_has_none(results: Results) -> None:
    assert results.benchmarks == pytest.approx({})
