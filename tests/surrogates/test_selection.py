from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mesocast.surrogates.rows import Rows
from mesocast.surrogates.selection import folds_of, make_folds, one_standard_error
from mesocast.surrogates.training import TrainingData


@pytest.mark.parametrize(
    ("errors", "first", "expected"),
    [
        # The lowest is dimension 3 with 1.0 +- 0.5; dimension 2 with 1.4 is within, 1 is not.
        ({"identity": [[2, 2, 2], [1.4, 1.4, 1.4], [0.0, 1.5, 1.5]]}, 1, ("identity", 2)),
        # Clear differences: the lowest wins.
        ({"identity": [[3, 3.1], [2, 2.1], [1, 1.1]]}, 1, ("identity", 3)),
        # Of two transforms the better one of the smallest dimension that is good enough.
        ({"identity": [[9, 9], [1, 1.1]], "log": [[1.02, 1.04], [1.5, 1.5]]}, 1, ("log", 1)),
        # A fixed dimension chooses the transform only.
        ({"identity": [[0, 0], [3, 3]], "log": [[1, 1], [2, 2]]}, 2, ("log", 2)),
        # Errors of rounding do not count.
        ({"identity": [[1e-28, 2e-28], [1e-31, 1e-31]]}, 1, ("identity", 1)),
        ({"identity": [[np.inf, 1], [4, 4]]}, 1, ("identity", 2)),
    ],
)
def test_choice(errors: dict[str, Any], first: int, expected: Any) -> None:
    arrays: Any = {transform: np.array(rows, dtype=float) for transform, rows in errors.items()}
    assert one_standard_error(arrays, first) == expected


def test_folds_by_number_are_seeded_and_cover_all_rows() -> None:
    y = np.arange(7.0)
    folds = make_folds(3, y, seed=1)
    assert sorted(np.concatenate([test for _, test in folds])) == list(range(7))
    again = make_folds(3, y, seed=1)
    other = make_folds(3, y, seed=2)
    assert [t.tolist() for _, t in folds] == [t.tolist() for _, t in again]
    assert [t.tolist() for _, t in folds] != [t.tolist() for _, t in other]
    assert len(make_folds(10, y, seed=1)) == 7


def test_given_folds_are_taken_as_they_are() -> None:
    train, test = np.array([0, 1]), np.array([2])
    assert make_folds([(train, test)], np.arange(3.0), seed=0) == [(train, test)]


def test_fold_without_variance() -> None:
    with pytest.raises(ValueError, match="constant in the training rows"):
        make_folds(2, np.array([1.0, 1.0, 1.0, 5.0]), seed=0)


def test_folds_keep_slurries_together_where_they_are_known() -> None:
    x, y = np.zeros((24, 1)), np.arange(24.0)
    slurries = np.repeat([f"s{i}" for i in range(6)], 4).astype(object)
    data = TrainingData("p", ("x",), "", ((0.0, 1.0),), x, y, slurries, seed=1)
    folds = folds_of(data)
    assert len(folds) == 5
    for train, test in folds:
        assert not set(slurries[train]) & set(slurries[test])
    assert len(folds_of(replace(data, slurries=np.repeat(["a", "b"], 12).astype(object)))) == 2
    for unknown in (None, np.full(24, "a", dtype=object)):
        folds = folds_of(replace(data, slurries=unknown))
        assert sorted(np.concatenate([test for _, test in folds])) == list(range(24))


def test_films_of_one_recipe_with_several_seeds_are_kept_together() -> None:
    pairs = np.repeat([(90.0, 50.0), (92.0, 60.0), (94.0, 55.0)], 8, axis=0)
    table = pd.DataFrame(pairs, columns=["am_pct", "sc_pct"]).assign(
        cr_pct=np.arange(24.0),
        condition_id=[f"c{i:02d}" for i in range(24)],
        slurry_id=np.repeat([f"s{i}" for i in (3, 4, 1, 2, 5, 6)], 4),
        status="ok",
        p=np.arange(24.0),
    )
    rows = Rows.from_table(table, "p")
    assert rows.mixtures is not None
    assert rows.mixtures.tolist() == ["s3"] * 8 + ["s1"] * 8 + ["s5"] * 8
    everything = np.arange(24)
    data = rows.training_data(everything, everything, box=rows.box(None), unit="", seed=1)
    for train, test in folds_of(data):
        assert not set(data.x[train, 0]) & set(data.x[test, 0])
