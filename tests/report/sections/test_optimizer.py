from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mesocast.report.blocks import Figure, Text
from mesocast.report.figures.optimizer import convergence
from mesocast.report.numbers import number
from mesocast.report.sections import optimizer
from tests.report.conftest import replaced

if TYPE_CHECKING:
    from mesocast.optimization.optimum.result import Optimum, Search
    from mesocast.report.results import Results


def _first_text(results: Results) -> str:
    text = optimizer.build(results).blocks[0]
    assert isinstance(text, Text)
    return text.text


def _constrained(results: Results, search: Search) -> Results:
    optimum = results.optimum
    trace = tuple(replace(visit, violation=0.1 * (i % 2)) for i, visit in enumerate(optimum.trace))
    changed: Optimum = replace(optimum, method="exhaustive_search", search=search, trace=trace)
    return replaced(results, optimum=changed)


def test_regret_of_the_published_rule_is_told(results: Results) -> None:
    search = results.optimum.search
    text = _first_text(results)
    assert "its best point, which is the recipe, is" in text
    assert f"is {number(search.regret, 2)} above the minimum" in text
    assert "xhaustive_search" not in text


def test_exhaustive_search_is_named_with_the_regret_of_the_rule_it_stands_for(
    results: Results,
) -> None:
    search = replace(results.optimum.search, regret=0.0123, relative_regret=0.0045)
    text = _first_text(_constrained(results, search))
    assert "The recipe is that of an exhaustive search" in text
    assert "its best point is 0.012 above the minimum" in text
    assert "(0.45 % of the objective's range)" in text


@pytest.mark.parametrize(
    ("violation", "said"),
    [
        (0.25, "its best point misses the constraints (by 0.25 in units of"),
        (0.0, "its best point cannot be compared, since no recipe meets all constraints"),
    ],
)
def test_rule_that_broke_the_constraints_has_no_regret(
    violation: float, said: str, results: Results
) -> None:
    search = replace(results.optimum.search, violation=violation, regret=None, relative_regret=None)
    assert said in _first_text(_constrained(results, search))


def test_points_that_miss_a_constraint_are_crosses_and_no_best_point(results: Results) -> None:
    changed = _constrained(results, results.optimum.search)
    trace = changed.optimum.trace
    figure = convergence(trace, changed.optimum.truth.objective)
    best = next(t for t in figure.data if t.name == "best so far")
    assert best.y[-1] == min(visit.objective for visit in trace[::2])
    symbols = [s for t in figure.data if t.mode == "markers" for s in t.marker.symbol]
    assert symbols.count("x-thin-open") == len(trace) // 2
    # A search whose first points are not allowed has no best point yet.
    forbidden = [replace(visit, violation=1.0) for visit in trace[:3]]
    best = convergence([*forbidden, *trace[3:]], 0.0).data[-2]
    assert list(best.y[:3]) == [None] * 3
    captions = {b.name: b.caption for b in optimizer.build(changed).blocks if isinstance(b, Figure)}
    assert "Crosses miss a constraint" in captions["convergence"]
