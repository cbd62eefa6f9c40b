"""A dataset is published whole, or in parts whose results were not at hand at the same time."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pandas as pd
import yaml
from tests.conftest import ROOT

from mesocast.costs import STAGES
from mesocast.dataset import read
from mesocast.files import read_json

if TYPE_CHECKING:
    from pathlib import Path

    from mesocast.report.collect import Results


def _part(results: Path, folder: Path, slurries: tuple[str, ...]) -> Path:
    """Make a results folder of links that has some of the slurries."""
    for kind in ("slurries", "conditions"):
        (folder / kind).mkdir(parents=True)
        for path in (results / kind).iterdir():
            if path.name[:4] in slurries:
                (folder / kind / path.name).symlink_to(path)
    return folder


def _publish(config: Path, *options: str | Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts/publish_dataset.py", "--config", config, *options],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


def test_two_parts_published_one_after_the_other_are_the_whole(
    results: Results, tmp_path: Path
) -> None:
    config, text = tmp_path / "config.yaml", results.campaign.model_dump(mode="json")
    config.write_text(yaml.safe_dump(text))
    whole, first, both = (tmp_path / name for name in ("whole", "first", "both"))
    assert _publish(config, results.folder, whole) == (0, "")
    names = sorted(path.name for path in (results.folder / "slurries").glob("S*"))
    early = _part(results.folder, tmp_path / "early", (*names[:3], names[6]))
    late = _part(results.folder, tmp_path / "late", tuple(names[3:]))  # one slurry anew
    assert _publish(config, early, first) == (0, "")
    assert len(read(first)) < len(read(whole))
    assert _publish(config, late, both, "--earlier", first) == (0, "")
    pd.testing.assert_frame_equal(read(both), read(whole))
    told, of_whole, of_first = (
        read_json(folder / "datapackage.json")["provenance"] for folder in (both, whole, first)
    )
    assert told["electrodes"] == of_whole["electrodes"]
    for stage in STAGES[:3]:  # the fixture characterizes at no cost
        spent = told["stages"][stage]
        # What was simulated twice was paid twice.
        assert spent.pop("jobs") > of_whole["stages"][stage].pop("jobs")
        assert spent.pop("cpu_hours") >= of_first["stages"][stage]["cpu_hours"]
        of_whole["stages"][stage].pop("cpu_hours")
        assert spent == of_whole["stages"][stage]

    status, said = _publish(config, late, both, "--earlier", both)
    assert status
    assert "allowed: another folder" in said
    config.write_text(yaml.safe_dump({**text, "seed": 8}))
    status, said = _publish(config, late, both, "--earlier", first)
    assert status
    assert "other recipes or physics" in said
