"""What many tests need: a material and a film so small that physics takes seconds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
#: 174 simulated electrodes: version 1 of the open dataset, which stays as it is.
ELECTRODES = ROOT / "tests/data/electrodes_version_1.parquet"

# Two size classes and few, large CBD beads: some hundred beads in all.
TINY: dict[str, Any] = {
    "campaign": "tiny",
    "seed": 3,
    "design": {"slurries": 3, "conditions": 12, "cr_pct": {"min": 0, "max": 30}},
    "electrode": {"mass_ug": 0.002, "mass_loading_mg_cm2": 2.5},
    "materials": {
        "active_material": {"diameters_um": [3.0, 4.5], "number_fractions": [0.6, 0.4]},
        "cbd": {"dry_diameter_um": 1.8},
    },
    "slurry": {"convergence": {"longest_us": 60}},
    "characterization": {"voxel_size_um": 0.4},
    "surrogates": {"splits": 3, "compare": ["polynomial"]},
    "optimum": {"evaluations": 40, "ensemble": 2},
}

# Design variables of a slurry, of its drying and of its calendering.
VARIABLES: dict[str, Any] = {
    "set_mass_loading_mg_cm2": {"key": "electrode.mass_loading_mg_cm2", "min": 5, "max": 9},
    "set_setting_time_us": {"key": "drying.setting_time_us", "min": 10, "max": 40},
    "set_hold_time_us": {"key": "calendering.hold_time_us", "min": 1, "max": 20},
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put campaigns and simulations first, so that all processes end together."""
    first = {"workflow", "simulation", "test_wheel"}
    items.sort(key=lambda item: first.isdisjoint((item.path.parent.name, item.path.stem)))


@pytest.fixture
def tiny_config(tmp_path: Path) -> Path:
    """Write the tiny campaign's config and give its path."""
    path = tmp_path / "tiny.yaml"
    path.write_text(yaml.safe_dump(TINY))
    return path
