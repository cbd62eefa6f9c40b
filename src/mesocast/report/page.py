"""The report: one HTML page that needs nothing but itself."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mesocast.report.blocks import WhatIf
from mesocast.report.results import Results
from mesocast.report.sections import (
    answer,
    cell,
    citation,
    data,
    design,
    electrodes,
    equations,
    failures,
    measured,
    optimizer,
    optimum,
    provenance,
    robustness,
    sensitivity,
    tradeoffs,
    validation,
    whatif,
)
from mesocast.report.style import THEMES
from mesocast.storage.files import write_text
from mesocast.storage.layout import Layout

if TYPE_CHECKING:
    from mesocast.config.campaign import Campaign
    from mesocast.report.blocks import Section

_HERE = Path(__file__).parent

_SECTIONS = (
    answer,
    whatif,
    design,
    electrodes,
    data,
    equations,
    validation,
    sensitivity,
    optimizer,
    optimum,
    measured,
    robustness,
    tradeoffs,
    cell,
    failures,
    provenance,
    citation,
)


def write_report(campaign: Campaign, results: Path) -> None:
    """Write ``report.html``: self-contained, the same bytes for the same results.

    Parameters
    ----------
    campaign
        The config.
    results
        The campaign's folder, with everything up to ``verification.json``.

    Raises
    ------
    InputError
        A file that every finished campaign has is missing or broken.
    """
    write_text(Layout(results).report, render(Results(campaign, results)))


def render(results: Results) -> str:
    """Give the HTML of the page."""
    import jinja2
    from plotly.offline import get_plotlyjs

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    built = (part.build(results) for part in _SECTIONS)
    sections = [section for section in built if section is not None]
    return environment.get_template("template.html").render(
        campaign=results.campaign.campaign,
        seed=results.campaign.seed,
        sections=sections,
        figures=_figures(sections),
        plotly_js=get_plotlyjs(),
        what_ifs=[b for section in sections for b in section.blocks if isinstance(b, WhatIf)],
    )


def _figures(sections: list[Section]) -> str:
    """JSON of all figures and of the two themes, safe inside a script element."""
    content = {
        "templates": THEMES,
        "figures": {
            name: specification
            for section in sections
            for name, specification in section.specifications().items()
        },
    }
    text = json.dumps(_with_gaps(content), allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def _with_gaps(content: Any) -> Any:
    """Put None where a number is missing: JSON has no NaN, and Plotly leaves a gap at null."""
    if isinstance(content, dict):
        return {key: _with_gaps(value) for key, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [_with_gaps(value) for value in content]
    return None if isinstance(content, float) and math.isnan(content) else content
