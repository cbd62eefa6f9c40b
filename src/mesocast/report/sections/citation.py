"""How to cite what the page rests on: Mesocast, the works it builds on, and the dataset."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

import yaml

from mesocast.report.blocks import Section, Table, Text
from mesocast.storage.version import VERSION

if TYPE_CHECKING:
    from mesocast.report.blocks import Block
    from mesocast.report.results import Results


def build(results: Results) -> Section:
    """Write the section."""
    cited = yaml.safe_load(files("mesocast").joinpath("CITATION.cff").read_text(encoding="utf-8"))
    authors = ", ".join(author["name"] for author in cited["authors"])
    blocks: list[Block] = [
        Text(
            f"{authors}: {cited['title']}, version {VERSION}, {cited['license']} licence. "
            "Please cite it with the seed and the config of this campaign, and the works it builds "
            "on, as far as you use what they gave."
        ),
        Table(
            "Works that Mesocast builds on",
            "The first is the published chain, whose figures this page shows for your electrodes.",
            "CITATION.cff of Mesocast",
            ("Work", "Where"),
            tuple((_title(work), _place(work)) for work in cited["references"]),
            numeric=False,
        ),
    ]
    if licences := results.origin.get("licenses"):
        blocks.append(
            Text(
                f"The dataset is {results.campaign.design.dataset}, under "
                f"{', '.join(licence['name'] for licence in licences)}: name it and its licence."
            )
        )
    return Section("citation", "How to cite", blocks)


def _title(work: dict[str, Any]) -> str:
    return f"{work['authors'][0]['family-names']} et al., {work['title']}"


def _place(work: dict[str, Any]) -> str:
    start = f", {work['start']}" if "start" in work else ""
    return f"{work['journal']} {work['volume']}{start} ({work['year']})"
