"""The report: one HTML page that needs nothing but itself."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mesocast.errors import InputError
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
    standing,
    tradeoffs,
    validation,
    whatif,
)
from mesocast.report.steps import steps_to_page
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


def write_report(campaign: Campaign, results: Path) -> Path:
    """Write ``report.html``: self-contained, the same bytes for the same results.

    Of a campaign that is not at its end, or that can have none since its electrodes failed,
    ``report-so-far.html`` tells what there is: how far it came, what failed and why.

    Parameters
    ----------
    campaign
        The config.
    results
        The campaign's folder.

    Returns
    -------
    Path
        What was written.

    Raises
    ------
    InputError
        The folder is not there, or a file is broken.
    """
    if not results.is_dir():
        raise InputError(f"{results}: is not there; allowed: the results folder of a campaign")
    layout, found = Layout(results), Results(campaign, results)
    *before, _ = steps_to_page(campaign, results)
    if all(step.is_done for step in before):
        write_text(layout.report, render(found))
        layout.report_so_far.unlink(missing_ok=True)
        return layout.report
    write_text(layout.report_so_far, render_so_far(found))
    return layout.report_so_far


def render(results: Results) -> str:
    """Give the HTML of the page of a finished campaign."""
    return _page(results, sections_of(results))


def sections_of(results: Results) -> list[Section]:
    """Give the sections of the page of a finished campaign."""
    built = (part.build(results) for part in _SECTIONS)
    return [section for section in built if section is not None]


def render_so_far(results: Results) -> str:
    """Give the HTML of the page of a campaign that is not at its end."""
    sections, absent = [], {}
    for part in _SECTIONS:
        try:
            section = part.build(results)
        except InputError as error:
            is_missing = isinstance(error.__cause__, FileNotFoundError)
            absent[part.__name__.rpartition(".")[2]] = "" if is_missing else str(error)
            continue
        if section is not None:
            sections.append(section)
    return _page(results, [standing.build(results, absent), *sections])


def _page(results: Results, sections: list[Section]) -> str:
    lead = "From recipes to simulated electrodes to the recipe to make next."
    return page_of(results.campaign, lead, sections)


def page_of(campaign: Campaign, lead: str, sections: list[Section]) -> str:
    """Give the HTML of a page of sections; ``lead`` is the sentence below its title."""
    import jinja2
    from plotly.offline import get_plotlyjs

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("template.html").render(
        campaign=campaign.campaign,
        seed=campaign.seed,
        lead=lead,
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
    return json_of(content)


def json_of(content: Any) -> str:
    """JSON of figures, safe inside a script element; numbers that are missing are null."""
    text = json.dumps(_with_gaps(content), allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def _with_gaps(content: Any) -> Any:
    """Put None where a number is missing: JSON has no NaN, and Plotly leaves a gap at null."""
    if isinstance(content, dict):
        return {key: _with_gaps(value) for key, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [_with_gaps(value) for value in content]
    return None if isinstance(content, float) and math.isnan(content) else content
