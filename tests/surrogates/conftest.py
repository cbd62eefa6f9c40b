from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from mesocast.surrogates.equations.operators import OPERATORS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mesocast.surrogates.sisso.features import FeatureSpace

    Combinations = Callable[[FeatureSpace], Iterator[tuple[str, int, int]]]


def _combinations(features: FeatureSpace) -> Iterator[tuple[str, int, int]]:
    for symbol, parents in features.unary.items():
        yield from ((symbol, int(parent), -1) for parent in parents)
    for symbol in (s for s in features.operators if OPERATORS[s].arity == 2):
        for i, j in itertools.permutations(range(len(features.recipes)), 2):
            if symbol == "/":
                if features.denominators[j]:
                    yield symbol, i, j
            elif i < j and (
                OPERATORS[symbol].unit != "equal" or features.unit_id[i] == features.unit_id[j]
            ):
                yield symbol, i, j


@pytest.fixture
def combinations() -> Combinations:
    """Every recipe of the last rung, one by one."""
    return _combinations
