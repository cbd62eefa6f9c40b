from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mesocast.errors import InputError
from mesocast.surrogates.equations.expressions import (
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


def test_constants() -> None:
    tree = ("-", ("*", -2.5, 0), ("exp", ("/", 1, 0.1)))
    x = [np.array([0.5, 2.0]), np.array([0.1, 0.2])]
    expected = -2.5 * x[0] - np.exp(10 * x[1])
    assert evaluate(tree, x) == pytest.approx(expected, rel=1e-14)
    assert complexity(tree) == 4
    assert to_json(tree, NAMES) == ["-", ["*", -2.5, "am_pct"], ["exp", ["/", "sc_pct", 0.1]]]
    assert from_json(to_json(tree, NAMES), NAMES) == tree
    source = python_source(tree, ["x", "y"])
    assert eval(source, {"numpy": np, "x": x[0], "y": x[1]}) == pytest.approx(expected, rel=1e-14)
    assert eval(python_source(("square", -3.0), [])) == 9


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
        (["+", "am_pct", float("nan")], "must be finite"),
        ([["+"], "am_pct", "sc_pct"], "neither"),
    ],
)
def test_bad_json(data: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        from_json(data, NAMES)
