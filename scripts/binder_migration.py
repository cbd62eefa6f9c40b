"""What fast drying does to a film: carbon and binder at its top, porosity, conduction, tortuosity.

    scripts/binder_migration.py FOLDER [--mass-ug 0.04] [--seeds 2] [--recipe 92 58]

Films of one recipe are dried at several Peclet numbers (`drying.peclet_number`) from the same
slurries. Writes ``migration.csv``, a row per film, and ``migration.md``, means over the seeds.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

os.environ.setdefault("OMP_NUM_THREADS", "1")

from mesocast.calibration.film import observe
from mesocast.config.campaign import Campaign
from mesocast.electrode import CBD
from mesocast.seeds import derived_seed
from mesocast.simulation.composition import compose
from mesocast.simulation.drying import dry
from mesocast.simulation.slurry import mix_slurry
from mesocast.storage import markdown
from mesocast.storage.files import replacing, write_text
from mesocast.storage.version import VERSION

PECLET_NUMBERS = (0.0, 1.0, 3.0, 10.0, 30.0)
_THIRDS = ("bottom", "middle", "top")
_DRIED = {"cr_imposed_pct": 0.0, "cr_retained_pct": 0.0, "pressure_model_kPa": 0.0}
_MEANS = {
    "cbd_top_pct": ("CBD in the top third, %", 1),
    "cbd_bottom_pct": ("in the bottom third, %", 1),
    "porosity_by_mass": ("porosity by mass", 3),
    "electronic_conductivity_S_m": ("electronic conductivity, S/m", 4),
    "tortuosity_factor": ("tortuosity factor", 2),
}


def films(campaign: Campaign, am_pct: float, sc_pct: float, seed: int) -> list[dict[str, Any]]:
    """Dry one slurry at every Peclet number; a row each."""
    composition = compose(
        campaign.materials, am_pct=am_pct, sc_pct=sc_pct, **campaign.electrode.model_dump()
    )
    slurry = mix_slurry(composition, campaign.force_fields.slurry, campaign.slurry, seed)
    rows = []
    for number in PECLET_NUMBERS:
        settings = campaign.drying.model_copy(update={"peclet_number": number})
        result = dry(slurry.electrode, composition, campaign.force_fields, settings)
        film = result.electrode
        height = film.positions_um[film.species == CBD, 2] / film.thickness_um
        counts, _ = np.histogram(np.clip(height, 0, 1), bins=np.linspace(0, 1, 4))
        shares = 100 * counts / counts.sum()
        rows.append(
            {
                "peclet_number": number,
                "am_pct": am_pct,
                "sc_pct": sc_pct,
                "mass_ug": campaign.electrode.mass_ug,
                "seed": seed,
                "status": result.status,
                **{f"cbd_{n}_pct": share for n, share in zip(_THIRDS, shares, strict=True)},
                **observe(film, _DRIED, campaign, has_voxels=True),
                "mesocast": VERSION,
            }
        )
    return rows


def main() -> int:
    """Dry the films and write."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--mass-ug", type=float, default=0.04)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--recipe", type=float, nargs=2, default=(92.0, 58.0))
    arguments = parser.parse_args()
    campaign = Campaign.model_validate(
        {"campaign": "migration", "electrode": {"mass_ug": arguments.mass_ug}}
    )
    am_pct, sc_pct = arguments.recipe
    rows: list[dict[str, Any]] = []
    for number in range(1, arguments.seeds + 1):
        rows += films(campaign, am_pct, sc_pct, derived_seed(1, f"S{number:03d}"))
        table = pd.DataFrame(rows)
        with replacing(arguments.folder / "migration.csv") as path:
            table.to_csv(path, index=False, float_format="%.6g")
    means = table[table["status"] == "ok"].groupby("peclet_number")[[*_MEANS]].mean()
    header = ["Peclet number", *(label for label, _ in _MEANS.values())]
    cells = [
        [f"{number:g}", *(f"{row[name]:.{digits}f}" for name, (_, digits) in _MEANS.items())]
        for number, row in means.iterrows()
    ]
    write_text(arguments.folder / "migration.md", "\n".join(markdown.table(header, cells)) + "\n")
    return int((table["status"] != "ok").any())


if __name__ == "__main__":
    sys.exit(main())
