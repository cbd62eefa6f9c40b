"""Seeded divisions of the rows into training and test."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from mesocast.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Split = tuple[NDArray[np.intp], NDArray[np.intp]]


def random_split(rows: int, test_share: float, seed: int | tuple[int, ...]) -> Split:
    """Draw one random split.

    Parameters
    ----------
    rows
        Number of rows.
    test_share
        Between 0 and 1; at least two rows are kept for the test.
    seed
        The same seed gives the same split.

    Returns
    -------
    tuple
        Training and test rows, both ascending.

    Raises
    ------
    InputError
        ``test_share`` is not between 0 and 1.
    """
    _check(test_share)
    count = kept_for_test(rows, test_share)
    order = np.random.default_rng(seed).permutation(rows)
    return np.sort(order[count:]), np.sort(order[:count])


def kept_for_test(rows: int, test_share: float) -> int:
    """How many of some rows a random split keeps for the test, at least two."""
    return max(round(test_share * rows), 2)


def random_splits(rows: int, count: int, test_share: float, seed: int) -> list[Split]:
    """Draw independent random splits, as published.

    Conditions of one slurry fall on both sides: the test asks for another compression of a slurry
    that is known, not for a new slurry.
    """
    return [random_split(rows, test_share, (seed, number)) for number in range(count)]


def grouped_splits(
    groups: NDArray[np.object_], count: int, test_share: float, seed: int
) -> list[Split]:
    """Draw distinct splits that keep all rows of one group on one side.

    Parameters
    ----------
    groups
        Group of each row, shape (rows,).
    count
        How many; fewer when there are not so many distinct choices of test groups.
    test_share
        Share of the groups that is kept for the test, at least one group.
    seed
        The same seed gives the same splits.

    Raises
    ------
    InputError
        There are fewer than two groups, or ``test_share`` is not between 0 and 1.
    """
    _check(test_share)
    names = np.unique(groups.astype(str))
    if len(names) < 2:
        raise InputError(f"splits: found {len(names)} slurry; at least 2 are needed to group by it")
    size = min(max(round(test_share * len(names)), 1), len(names) - 1)
    wanted = min(count, math.comb(len(names), size))
    rng = np.random.default_rng(seed)
    # A dictionary keeps the order of drawing.
    chosen: dict[tuple[int, ...], None] = {}
    while len(chosen) < wanted:
        chosen[tuple(sorted(rng.choice(len(names), size, replace=False).tolist()))] = None
    splits = []
    for numbers in chosen:
        is_test = np.isin(groups.astype(str), names[list(numbers)])
        splits.append((np.flatnonzero(~is_test), np.flatnonzero(is_test)))
    return splits


def _check(test_share: float) -> None:
    if not 0 < test_share < 1:
        raise InputError(f"test_share: found {test_share}; allowed: above 0 and below 1")
