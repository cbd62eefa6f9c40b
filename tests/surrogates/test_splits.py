from __future__ import annotations

import numpy as np
import pytest

from mesocast.errors import InputError
from mesocast.surrogates.splits import grouped_splits, random_split, random_splits

GROUPS = np.array([f"s{i // 4}" for i in range(24)], dtype=object)


def test_random_splits_divide_the_rows() -> None:
    splits = random_splits(24, 75, 0.2, seed=1)
    assert len(splits) == 75
    for train, test in splits:
        assert len(test) == 5
        assert sorted([*train, *test]) == list(range(24))
    assert len({tuple(test) for _, test in splits}) > 70
    again = random_splits(24, 75, 0.2, seed=1)
    assert all(np.array_equal(a[1], b[1]) for a, b in zip(splits, again, strict=True))
    assert not np.array_equal(splits[0][1], random_splits(24, 1, 0.2, seed=2)[0][1])


def test_at_least_two_rows_are_tested() -> None:
    assert len(random_split(10, 0.01, 0)[1]) == 2


def test_grouped_splits_keep_a_slurry_on_one_side_and_do_not_repeat() -> None:
    splits = grouped_splits(GROUPS, 10, 0.4, seed=3)
    assert len({tuple(test) for _, test in splits}) == 10
    for train, test in splits:
        assert not set(GROUPS[train]) & set(GROUPS[test])
        assert len(set(GROUPS[test])) == 2
        assert sorted([*train, *test]) == list(range(24))


def test_fewer_grouped_splits_where_there_are_not_so_many() -> None:
    splits = grouped_splits(GROUPS, 75, 0.2, seed=0)
    assert sorted(test[0] for _, test in splits) == [0, 4, 8, 12, 16, 20]


def test_wrong_input() -> None:
    for share in (0.0, 1.0):
        with pytest.raises(InputError, match="test_share"):
            random_split(10, share, 0)
    with pytest.raises(InputError, match="found 1 slurry"):
        grouped_splits(np.array(["s", "s"], dtype=object), 5, 0.2, 0)
