"""The beads of a dataset: kept to 0.01 um, and measured anew from there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from mesocast.cli.main import main
from mesocast.config.campaign import Campaign
from mesocast.dataset.beads import BEADS, Beads, Film, films_of, write_beads
from mesocast.dataset.package import read_dataset, write_dataset
from mesocast.dataset.remeasure import remeasure
from mesocast.electrode import ACTIVE_MATERIAL, CBD, Electrode
from mesocast.errors import InputError
from mesocast.storage.files import read_json
from mesocast.storage.layout import Layout
from mesocast.storage.rows import table_of
from tests.dataset.test_table import ROW

if TYPE_CHECKING:
    from pathlib import Path

CAMPAIGN = Campaign.model_validate(
    {"campaign": "small", "characterization": {"voxel_size_um": 0.5}}
)


def _electrode(seed: int, shrunk: float = 1.0) -> Electrode:
    """Give touching spheres on a lattice, displaced at random."""
    random = np.random.default_rng(seed)
    lattice = np.stack(np.meshgrid(*[np.arange(5)] * 3), axis=-1).reshape(-1, 3)
    positions_um = 2.0 * lattice + 1.0 + random.uniform(-0.2, 0.2, (125, 3))
    positions_um[:, 2] *= shrunk
    species = np.where(random.random(125) < 0.6, ACTIVE_MATERIAL, CBD)
    radii_um = np.where(species == CBD, 1.1, random.uniform(1.0, 1.3, 125))
    masses_pg = radii_um**3 * np.where(species == CBD, 4.0, 19.0)
    return Electrode(positions_um, radii_um, species, masses_pg, (10.0, 10.0))


def publish(folder: Path) -> None:
    """Publish a dataset of two electrodes and one that failed."""
    changes = (
        {"condition_id": "S001-C01", "cr_retained_pct": 12.0},
        {"condition_id": "S001-C02"},
        {"condition_id": "S002-C01", "slurry_id": "S002", "status": "particles_lost"},
    )
    folder.mkdir(parents=True)
    films = [
        Film("S001", "dried", _electrode(1)),
        Film("S001-C01", "pressed", _electrode(2)),
        Film("S001-C02", "pressed", _electrode(3, 0.9)),
    ]
    assert write_beads(films, folder / BEADS) == 3
    table = table_of([{**ROW, **change} for change in changes])
    provenance = {"campaign": CAMPAIGN.model_dump(mode="json")}
    write_dataset(table, folder, campaign="small", more={"provenance": provenance})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with the published dataset."""
    folder = tmp_path / "published"
    publish(folder)
    return folder


def test_beads_come_back_to_a_hundredth_of_a_micrometre(folder: Path) -> None:
    beads = Beads(folder / BEADS)
    assert [(film.name, film.state) for film in beads] == [
        ("S001", "dried"),
        ("S001-C01", "pressed"),
        ("S001-C02", "pressed"),
    ]
    kept, expected = beads.read("S001-C02"), _electrode(3, 0.9)
    assert np.abs(kept.positions_um - expected.positions_um).max() <= 0.005 + 1e-9
    np.testing.assert_allclose(kept.radii_um, expected.radii_um, rtol=1e-6)
    np.testing.assert_allclose(kept.masses_pg, expected.masses_pg, rtol=1e-6)
    assert (kept.species == expected.species).all()
    assert kept.lateral_um == expected.lateral_um
    with pytest.raises(InputError, match=r"beads.parquet: holds no dried film S009"):
        beads.read("S009", "dried")


def test_table_is_read_and_described_without_mesocast(folder: Path) -> None:
    table = pd.read_parquet(folder / BEADS)
    assert len(table) == 3 * 125
    (resource,) = [
        r for r in read_json(folder / "datapackage.json")["resources"] if r["name"] == "beads"
    ]
    assert [field["name"] for field in resource["schema"]["fields"]] == list(table.columns)
    crate = read_json(folder / "ro-crate-metadata.json")["@graph"]
    assert BEADS in [entity["@id"] for entity in crate]


@pytest.mark.parametrize("processes", ["1", "2"])
def test_dataset_is_measured_anew_as_its_electrodes_are(
    folder: Path, tmp_path: Path, processes: str
) -> None:
    from mesocast import characterize

    output = tmp_path / "anew"
    words = ("--dataset", str(folder), "--folder", str(output), "--processes", processes)
    assert main(["characterize", *words]) == 0
    table = read_dataset(output).set_index("condition_id")
    assert table.loc["S001-C01", "cr_retained_pct"] == 12.0
    assert table.loc["S002-C01", "status"] == "particles_lost"
    assert table["tortuosity_factor"].notna().tolist() == [True, True, False]
    expected = characterize(_electrode(3, 0.9), CAMPAIGN).row()
    for name in ("porosity_bulk", "tortuosity_factor", "density_g_cm3", "thickness_um"):
        # A hundredth of a micrometre in 10 um.
        assert table.loc["S001-C02", name] == pytest.approx(expected[name], rel=0.01)
    told = read_json(output / "datapackage.json")
    assert told["measured_anew"]["physics"] == CAMPAIGN.physics("characterization")


def test_films_of_results_and_of_an_earlier_publication_are_joined(
    folder: Path, tmp_path: Path
) -> None:
    results = tmp_path / "results"
    layout = Layout(results)
    for path, seed in (
        (layout.slurry("S001") / "dried.dump.gz", 1),
        (layout.condition("S001-C01") / "electrode.dump.gz", 7),
    ):
        path.parent.mkdir(parents=True)
        _electrode(seed).write_dump(path)
    table = read_dataset(folder)
    films = {film.name: film for film in films_of(results, table, Beads(folder / BEADS))}
    assert list(films) == ["S001", "S001-C01", "S001-C02"]
    assert films["S001-C01"].electrode.mass_pg == pytest.approx(_electrode(7).mass_pg)
    assert films["S001-C02"].electrode.mass_pg == pytest.approx(_electrode(3).mass_pg, rel=1e-6)
    with pytest.raises(InputError, match="S001-C02"):
        list(films_of(results, table))


def test_what_cannot_be_measured_anew_is_said(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_beads([Film("S001-C01", "pressed", _electrode(2))], folder / BEADS)
    with pytest.raises(InputError, match="no beads of 1 of 2 electrodes, for instance S001-C02"):
        remeasure(CAMPAIGN, folder, tmp_path / "anew")
    with pytest.raises(InputError, match="is the dataset that is measured"):
        remeasure(CAMPAIGN, folder, folder)
    whole = (folder / BEADS).read_bytes()
    for content in (b"", b"nothing of the kind", whole[: len(whole) // 2]):
        (folder / BEADS).write_bytes(content)
        assert (
            main(["characterize", "--dataset", str(folder), "--folder", str(tmp_path / "x")]) == 2
        )
        (line,) = capsys.readouterr().err.splitlines()
        assert "beads.parquet" in line
    assert main(["characterize", "--dataset", str(folder)]) == 2
    assert "--folder: is missing" in capsys.readouterr().err
    assert main(["characterize", "--dataset", "elsewhere", "--folder", str(tmp_path / "x")]) == 2
    assert "elsewhere/dataset.parquet: is not there" in capsys.readouterr().err
