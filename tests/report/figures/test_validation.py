from __future__ import annotations

import pandas as pd
import pytest

from mesocast.columns import TARGETS
from mesocast.report.figures.validation import compared_methods
from mesocast.verification.published_accuracy import PUBLISHED

TABLE = pd.DataFrame(
    [
        {
            "property": name,
            "method": method,
            "test_r2": r2,
            "test_r2_percentile_2_5": r2 - 0.3,
            "test_r2_percentile_97_5": r2 + 0.05,
        }
        for name in TARGETS
        for method, r2 in (("sisso", 0.9), ("operon", -3.0))
    ]
)


def test_intervals_are_drawn_around_the_means() -> None:
    sisso, operon, published = compared_methods(TABLE, with_published=True).data
    assert list(sisso.y) == [0.9] * len(TARGETS)
    assert list(sisso.error_y.array) == pytest.approx([0.05] * len(TARGETS))
    assert list(sisso.error_y.arrayminus) == pytest.approx([0.3] * len(TARGETS))
    assert all(a < b for a, b in zip(sisso.x, operon.x, strict=True))
    assert list(published.y) == [PUBLISHED[name].r2 for name in TARGETS]


def test_a_hopeless_method_does_not_flatten_the_others() -> None:
    figure = compared_methods(TABLE, with_published=False)
    assert len(figure.data) == 2
    assert figure.layout.yaxis.range[0] > -1
