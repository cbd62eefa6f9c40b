from __future__ import annotations

from mesocast.report.figures.surrogates import predicted_against_simulated

PAIRS = [
    {"condition_id": "A", "split": "train", "simulated": 1.0, "predicted": 1.1},
    {"condition_id": "B", "split": "train", "simulated": 3.0, "predicted": 2.9},
    {"condition_id": "C", "split": "test", "simulated": 2.0, "predicted": 3.5},
]


def test_splits_are_drawn_apart() -> None:
    _, train, test = predicted_against_simulated("density_g_cm3", PAIRS).data
    assert (list(train.x), list(train.y)) == ([1.0, 3.0], [1.1, 2.9])
    assert (list(test.x), list(test.y)) == ([2.0], [3.5])
    assert train.marker.symbol != test.marker.symbol


def test_line_of_equality_spans_all_values() -> None:
    line = predicted_against_simulated("density_g_cm3", PAIRS).data[0]
    assert list(line.x) == list(line.y) == [1.0, 3.5]
