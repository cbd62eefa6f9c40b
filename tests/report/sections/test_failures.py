from __future__ import annotations

from typing import TYPE_CHECKING

from mesocast.report.blocks import Table
from mesocast.report.sections import failures
from tests.report.conftest import replaced

if TYPE_CHECKING:
    from mesocast.report.results import Results


def test_first_failed_stage_is_named(results: Results) -> None:
    (table,) = (b for b in failures.build(results).blocks if isinstance(b, Table))
    stages = {row[0]: row[5] for row in table.rows}
    assert stages == {
        "S002-C02": "characterization",
        "S003-C01": "slurry",
        "S003-C02": "slurry",
        "S003-C03": "slurry",
    }


def test_campaign_without_failures_says_so(results: Results) -> None:
    good = results.dataset[results.dataset["status"] == "ok"]
    changed = replaced(results, dataset=good)
    (text,) = failures.build(changed).blocks
    assert f"all {len(good) + 2} electrodes" in getattr(text, "text", "")
