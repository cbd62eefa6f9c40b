"""The design as a job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesocast.design.evenness import discrepancy
from mesocast.design.plan import make_plan
from mesocast.storage.files import write_json, write_text
from mesocast.storage.layout import Layout

if TYPE_CHECKING:
    from pathlib import Path

    from mesocast.config.campaign import Campaign


def run_design(campaign: Campaign, results: Path) -> None:
    """Write the table of recipes, and how even they are."""
    layout, plan = Layout(results), make_plan(campaign)
    write_text(layout.design, plan.table().to_csv(index=False))
    write_json(
        layout.design_summary,
        {"pairing": campaign.design.pairing, "discrepancy": discrepancy(plan, campaign)},
    )
