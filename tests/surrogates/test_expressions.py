from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mesocast.errors import InputError
from mesocast.surrogates.expressions import (
    complexity,
    evaluate,
    from_json,
    python_source,
    to_json,
)

NAMES = ("am_pct", "sc_pct")
TREE = ("/", ("square", ("cube", 0)), ("exp-", ("|-|", 0, 1)))


def test_evaluate() -> None:
    a, b = np.array([0.5, 2.0]), np.array([1.5, 1.0])
    assert evaluate(TREE, [a, b]) == pytest.approx(a**6 / np.exp(-np.abs(a - b)), rel=1e-14)


def test_complexity_counts_operators() -> None:
    assert complexity(1) == 0
    assert complexity(TREE) == 5


def test_json_round_trip() -> None:
    data = to_json(TREE, NAMES)
    assert data == ["/", ["square", ["cube", "am_pct"]], ["exp-", ["|-|", "am_pct", "sc_pct"]]]
    assert from_json(data, NAMES) == TREE


def test_source_keeps_nested_powers() -> None:
    assert eval(python_source(("square", ("cube", 0)), ["x"]), {"x": 2}) == 64


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("cr", "unknown input 'cr'"),
        (["pow", "am_pct", "sc_pct"], "neither"),
        (["__import__('os')"], "neither"),
        (["+", "am_pct"], "takes 2"),
        (["exp", "am_pct", "sc_pct"], "takes 1"),
        ([], "neither"),
        (3, "neither"),
        ([["+"], "am_pct", "sc_pct"], "neither"),
    ],
)
def test_bad_json(data: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        from_json(data, NAMES)
