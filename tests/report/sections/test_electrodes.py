"""The electrodes' section: what the physics has to keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mesocast.dataset.beads import BEADS, Film, write_beads
from mesocast.electrode import Electrode
from mesocast.report.blocks import Figure, Notice, Table
from mesocast.report.sections import electrodes
from tests.report.conftest import replaced

if TYPE_CHECKING:
    from pathlib import Path

    from mesocast.report.results import Results


def _checks(results: Results) -> tuple[str, list[str]]:
    """What is found of retained compression, and the remarks."""
    blocks = electrodes._checks(results)
    (table,) = [block for block in blocks if isinstance(block, Table)]
    (row,) = [row for row in table.rows if "more than was imposed" in row[0]]
    assert row[2] == "none"
    return row[1], [line for b in blocks if isinstance(b, Notice) for line in b.remarks]


def test_films_that_keep_more_compression_than_imposed_are_a_remark(results: Results) -> None:
    everything = results.everything.copy()
    pressed = everything[(everything["status"] == "ok") & (everything["cr_imposed_pct"] > 0)]
    assert _checks(results) == (f"0 of {len(pressed)}", [])
    first, second, third = pressed.index[:3]
    for row, points in ((first, 4.25), (second, 1.5), (third, 0.5)):
        imposed = everything.loc[row, "cr_imposed_pct"]
        everything.loc[row, "cr_retained_pct"] = imposed + points
    found, (remark,) = _checks(replaced(results, everything=everything))
    names = everything["condition_id"]
    assert found == f"2 of {len(pressed)} (points: {names[first]} by 4.2, {names[second]} by 1.5)"
    assert remark.startswith(f"2 pressed electrodes of {len(pressed)} stayed more compressed")


def test_best_electrode_of_a_given_dataset_is_drawn_from_its_beads(
    results: Results, tmp_path: Path
) -> None:
    design = results.campaign.design.model_copy(
        update={"dataset": str(tmp_path / "dataset.parquet"), "recipes": ()}
    )
    campaign = results.campaign.model_copy(update={"design": design})
    given = replaced(results, campaign=campaign, confirmed=results.confirmed.iloc[:0])
    assert not [block for block in electrodes.build(given).blocks if isinstance(block, Figure)]
    name = given.shown["condition_id"].iloc[0]
    ones = np.ones(4)
    film = Electrode(3.0 * np.eye(4, 3) + 1.0, ones, ones.astype(int), ones, (6.0, 6.0))
    write_beads([Film(name, "pressed", film)], tmp_path / BEADS)
    (figure,) = [block for block in electrodes.build(given).blocks if isinstance(block, Figure)]
    assert figure.title == f"{name} in three dimensions"
    assert figure.source == f"{tmp_path / BEADS}, film {name}"
