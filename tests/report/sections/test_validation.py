from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from mesocast.columns import TARGETS
from mesocast.report.blocks import Notice, Table
from mesocast.report.sections import validation
from mesocast.verification.published_accuracy import PUBLISHED
from tests.report.conftest import replaced

if TYPE_CHECKING:
    from mesocast.report.results import Results


def table_of(results: Results, title: str) -> Table:
    (table,) = (
        block
        for block in validation.build(results).blocks
        if isinstance(block, Table) and block.title == title
    )
    return table


def test_every_property_has_its_r2_with_intervals_beside_the_published_one(
    results: Results,
) -> None:
    table = table_of(results, "Test R² over many splits")
    assert len(table.rows) == len(TARGETS)
    for name, row in zip(TARGETS, table.rows, strict=True):
        spread = results.validations[name].random.test_r2
        assert row[2].startswith(f"{spread.mean:.3f} [{spread.mean_ci95[0]:.3f}; ")
        assert row[3].endswith(f" to {spread.percentiles95[1]:.3f}")
        assert row[7].startswith(f"{PUBLISHED[name].r2:.3f} [")


def test_rows_that_stand_out_are_listed(results: Results) -> None:
    name = TARGETS[0]
    found = results.validations[name]
    rows = [replace(row, is_influential=row.condition_id == "S001-C01") for row in found.rows]
    validations = {**results.validations, name: replace(found, rows=rows)}
    for other in TARGETS[1:]:
        rows = [replace(row, is_influential=False) for row in validations[other].rows]
        validations[other] = replace(validations[other], rows=rows)
    listed = table_of(replaced(results, validations=validations), "Electrodes that stand out").rows
    assert [row[0] for row in listed] == ["S001-C01"]


@pytest.mark.parametrize(
    ("own", "other", "expected"),
    [(0.95, 0.96, ()), (0.90, 0.95, ("Gaussian process does better",)),
     (0.30, 0.31, ("less than half of the variance",))],
)  # fmt: skip
def test_a_better_method_is_named(
    own: float, other: float, expected: tuple[str, ...], results: Results
) -> None:
    one = results.comparison.iloc[[0]]
    table = pd.concat(
        [one.assign(test_r2=own), one.assign(test_r2=other, method="gaussian_process")]
    )
    notices = [
        block
        for block in validation.build(replaced(results, comparison=_complete(table))).blocks
        if isinstance(block, Notice)
    ]
    found = notices[0].remarks if notices else ()
    assert len(found) == len(expected) * len(TARGETS)
    assert all(expected[0] in text for text in found)


def _complete(table: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([table.assign(property=name) for name in TARGETS], ignore_index=True)


def test_one_slurry_leaves_a_dash(results: Results) -> None:
    name = TARGETS[0]
    changed = {**results.validations, name: replace(results.validations[name], grouped=None)}
    row = table_of(replaced(results, validations=changed), "Test R² over many splits").rows[0]
    assert row[4:6] == ("–", "–")
