"""The subcommand that lists the library of active materials."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesocast.cli.answer import add_output, write_table
from mesocast.cli.command import Command

if TYPE_CHECKING:
    import argparse


def _materials(arguments: argparse.Namespace) -> None:
    import pandas as pd

    from mesocast.config.library import SOURCES, find_material, material_names

    rows = []
    for name in material_names():
        material = find_material(name)
        active = material.active_material()
        rows.append(
            {
                "material": name,
                "description": material.description,
                "density_g_cm3": active.density_g_cm3,
                **{f"d{p}_um": float(f"{active.percentile_um(p):.3g}") for p in (10, 50, 90)},
                "electronic_conductivity_S_m": active.electronic_conductivity_S_m,
                **{f"{what}_source": material.sources.get(what, "") for what in SOURCES},
            }
        )
    write_table(pd.DataFrame(rows), arguments.output)


COMMANDS = (
    Command(
        "materials",
        "list the library of active materials, and where each value is from",
        _materials,
        add_output,
        config="none",
    ),
)
