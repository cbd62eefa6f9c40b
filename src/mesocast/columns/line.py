"""The columns that say what the calender of a line did to an electrode.

They stand behind all others, so that what reads a dataset by the places of its columns reads on.
"""

from __future__ import annotations

from mesocast.columns.column import Column

#: In the order of the dataset.
LINE: tuple[Column, ...] = (
    Column(
        "gap_um",
        "Lowest gap between the planes, without foil. The upper one stands on the highest beads, "
        "up to some micrometres above thickness_um.",
        "um",
        "Gap of the calender",
        minimum=0,
        maximum=5000,
    ),
    Column("passes", "Times that the film was pressed.", label="Passes", minimum=0),
    Column(
        "springback_pct",
        "Share of the compression that comes back after pressing; empty for a film that was "
        "pressed by less than 1 %, where it is noise.",
        "%",
        "Springback",
    ),
    Column(
        "porosity_by_mass",
        "Total porosity as a line tells it: by mass, thickness and the densities of the solids, so "
        "overlapping spheres count twice; empty where they overlap by more than the pores.",
        label="Porosity by mass",
        minimum=0,
        maximum=1,
    ),
    Column(
        "line_load_N_mm",
        "Force over the width of the rolls at the last pass, at the config's pressure_scale; empty "
        "without it or without roll_diameter_mm.",
        "N/mm",
        "Line load",
        minimum=0,
    ),
)
