from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mesocast.columns import TARGETS
from mesocast.report.blocks import Row, Table
from mesocast.report.sections import sensitivity
from tests.report.conftest import replaced

if TYPE_CHECKING:
    from mesocast.report.results import Results


def test_every_input_of_every_property_is_listed_with_its_interval(results: Results) -> None:
    (table,) = (b for b in sensitivity.build(results).blocks if isinstance(b, Table))
    assert len(table.rows) == 3 * len(TARGETS)
    found = results.sensitivities[TARGETS[0]]
    assert table.rows[0][2] == f"{found.first_order[0]:.3f} ± {found.first_order_half_width[0]:.3f}"


def test_the_input_that_decides_is_named(results: Results) -> None:
    found = replace(
        results.sensitivities[TARGETS[0]], first_order=(0.1, 0.2, 0.5), total=(0.2, 0.3, 0.7)
    )
    changed = replaced(results, sensitivities={**results.sensitivities, TARGETS[0]: found})
    (row,) = (b for b in sensitivity.build(changed).blocks if isinstance(b, Row))
    assert row.blocks[0].caption == (
        "Compression rate decides most (0.70 in total); 20 % come from inputs acting together."
    )
