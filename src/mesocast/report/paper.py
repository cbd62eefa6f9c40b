"""What the page shows as files for a paper: figures, tables, equations, and where each is from."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from typing import TYPE_CHECKING, Any

from mesocast.report.blocks import Figure, Picture, Table, WhatIf
from mesocast.report.drawing import draw, files_of
from mesocast.report.latex import equations_source, plain_cells, table_source
from mesocast.report.page import sections_of
from mesocast.report.sections import whatif
from mesocast.storage.files import replacing, write_json, write_text
from mesocast.storage.version import VERSION
from mesocast.surrogates.methods.indicated import equation_of

if TYPE_CHECKING:
    from pathlib import Path

    from mesocast.report.blocks import Section
    from mesocast.report.results import Results

_IMPORT = "import numpy\n"


def write_paper(results: Results, folder: Path, *, with_figures: bool = True) -> Path:
    """Write each figure, table and equation of the page into a folder.

    ``manifest.json`` says of each file what it shows and which files of the results hold its
    numbers, with their SHA-256 where a source is one file.

    Parameters
    ----------
    results
        Of a finished campaign.
    folder
        Is made where it is not there; files of the same names are replaced.
    with_figures
        Whether figures are drawn, which needs Chromium.

    Returns
    -------
    Path
        The manifest.

    Raises
    ------
    InputError
        The results are not those of a finished campaign, or figures cannot be drawn here.
    """
    sections = sections_of(results)
    blocks = {
        section.title: [
            whatif.printed(results) if isinstance(block, WhatIf) else block
            for block in section.single()
        ]
        for section in sections
    }
    if with_figures:
        figures = [b for found in blocks.values() for b in found if isinstance(b, Figure)]
        draw(figures, folder / "figures")
    entries: list[dict[str, Any]] = []
    for section in sections:
        for block in blocks[section.title]:
            if isinstance(block, Figure) and with_figures:
                names = [f"figures/{name}" for name in files_of(block)]
            elif isinstance(block, Picture):
                names = [f"figures/{_slug(block.title)}.png"]
                (folder / "figures").mkdir(parents=True, exist_ok=True)
                with replacing(folder / names[0]) as path:
                    path.write_bytes(block.png)
            elif isinstance(block, Table):
                names = _write_table(block, section, folder)
            else:
                continue
            entries.append(_entry(names, section.title, block, results))
    entries += _write_equations(results, folder)
    content = {"campaign": results.campaign.campaign, "mesocast": VERSION, "files": entries}
    write_json(folder / "manifest.json", content)
    return folder / "manifest.json"


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _write_table(table: Table, section: Section, folder: Path) -> list[str]:
    name = f"{section.name}-{_slug(table.title)}"
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(plain_cells([table.header, *table.rows]))
    write_text(folder / f"tables/{name}.csv", text.getvalue())
    write_text(folder / f"tables/{name}.tex", table_source(table, f"tab:{name}"))
    return [f"tables/{name}.csv", f"tables/{name}.tex"]


def _write_equations(results: Results, folder: Path) -> list[dict[str, Any]]:
    """Write the equations as a module and for a paper; none where the method gives none."""
    models = {name: results.surrogates[name].model for name in results.campaign.modelled}
    equations = {
        name: own for name, model in models.items() if (own := equation_of(model)) is not None
    }
    if not equations:
        return []
    campaign, method = results.campaign.campaign, results.campaign.surrogate_method
    title = f"Equations of the campaign {campaign}, by {method}"
    functions = (equation.python().removeprefix(_IMPORT).strip() for equation in equations.values())
    told = f"{title}: each takes a recipe in the units of its names and gives its property."
    head = f'"""{told}"""\n\n{_IMPORT}'
    write_text(folder / "equations.py", "\n\n\n".join([head.strip(), *functions]) + "\n")
    write_text(folder / "equations.tex", equations_source(equations))
    sources = [f"surrogates/{method}/{name}.json" for name in equations]
    return [
        {
            "files": ["equations.py", "equations.tex"],
            "section": "The equations",
            "title": title,
            "caption": "Coefficients have all digits in the .py, four in the .tex.",
            "source": ", ".join(sources),
            "sha256": _hashes(results, sources),
        }
    ]


def _entry(
    names: list[str], section: str, block: Figure | Picture | Table, results: Results
) -> dict[str, Any]:
    return {
        "files": names,
        "section": section,
        "title": block.title,
        "caption": block.caption,
        "source": block.source,
        "sha256": _hashes(results, block.source.split(", ")),
    }


def _hashes(results: Results, sources: list[str]) -> dict[str, str]:
    """SHA-256 of those sources that are files of the results."""
    paths = {name: results.folder / name for name in sources if name}
    return {
        name: hashlib.sha256(path.read_bytes()).hexdigest()
        for name, path in paths.items()
        if path.is_file()
    }
