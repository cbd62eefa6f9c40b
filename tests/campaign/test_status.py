"""Where a campaign stands, on a folder that holds a bit of everything."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING

import pytest

from mesocast.campaign.costs import Costs
from mesocast.campaign.status import collect, progress, render
from mesocast.config.campaign import Campaign
from mesocast.errors import InputError
from mesocast.storage import attempts
from mesocast.storage.files import write_json
from mesocast.storage.lease import Lease
from tests.conftest import TINY

if TYPE_CHECKING:
    from pathlib import Path


def _finish(folder: Path, stage: str, output: str, cpu_s: float, **content: object) -> None:
    write_json(folder / output, content)
    write_json(folder / f"work/{stage}-0123/cost.json", {"cpu_s": cpu_s, "max_rss_MB": 100})
    shutil.copy(folder / output, folder / f"work/{stage}-0123")


def test_each_job_is_counted_where_it_belongs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")  # no SLURM
    campaign = Campaign.model_validate(TINY)
    write_json(tmp_path / "campaign.json", campaign.model_dump(mode="json"))
    costs = Costs(campaign)
    first, second, third = (tmp_path / f"slurries/S00{n}" for n in (1, 2, 3))
    for n, folder in enumerate((first, second, third), start=1):
        _finish(folder, "slurry", "slurry.json", 2 * costs.cpu_s("slurry", f"S00{n}"))
    _finish(first, "drying", "drying.json", 36.0)
    attempts.add(second / "work", "drying", {"cpu_s": 72.0, "log": "/x/S002.log"}, MemoryError())
    condition = tmp_path / "conditions/S001-C01"
    _finish(condition, "calendering", "calendering.json", 1.0)
    _finish(condition, "characterization", "properties.json", 1.0, status="not_percolating")
    with Lease(third / "work/drying.lease"):
        status = collect(tmp_path)
        text = render(status)
    slurry, drying = status.stages["slurry"], status.stages["drying"]
    # Two more electrodes verify the optimum.
    assert (slurry.planned, slurry.done, slurry.running) == (5, 3, 0)
    assert slurry.left_h == pytest.approx(2 * 2 * costs.cpu_s("slurry", "V01") / 3600)
    assert (drying.done, drying.running, drying.failed) == (1, 1, {"out_of_memory": 1})
    assert drying.spent_h == pytest.approx((36 + 72) / 3600)
    # What is left follows the model, corrected by what the first drying took.
    left = sum(costs.cpu_s("drying", name) for name in ("S002", "S003", "V01", "V02"))
    assert drying.left_h == pytest.approx(left / costs.cpu_s("drying", "S001") * 36 / 3600)
    assert status.stages["calendering"].planned == 14
    assert status.rows == {"not_percolating": 1}
    assert "rows 1 not_percolating" in text
    assert "drying S002: out_of_memory" in text
    assert "/x/S002.log" in text
    line = progress(status)
    assert line.startswith("slurry 3/5, drying 1/5 (1 running), calendering 1/14, ")
    minutes = 60 * sum(s.left_h for s in status.stages.values())
    assert line.endswith(f", 1 failed, about {max(round(minutes), 1)} min of simulation left")
    assert "-50 %" in text  # the model said half of what the slurries took


def test_dead_holder_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    write_json(tmp_path / "campaign.json", Campaign.model_validate(TINY).model_dump(mode="json"))
    lease = tmp_path / "slurries/S001/work/slurry.lease"
    lease.parent.mkdir(parents=True)
    lease.write_text(json.dumps(Lease(lease).record | {"pid": 2**22 + 1}))
    assert collect(tmp_path).stages["slurry"].failed == {"killed": 1}


def test_what_slurm_does_not_take_is_named_while_a_controller_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    write_json(tmp_path / "campaign.json", Campaign.model_validate(TINY).model_dump(mode="json"))
    told = {"kind": "limit", "reason": "AssocMaxSubmitJobLimit", "since": 0.0, "tries": 4}
    write_json(tmp_path / "submission.json", told)
    with Lease(tmp_path / "controller.lease"):
        status = collect(tmp_path)
    assert status.failed.total() == 0
    for text in (render(status), progress(status)):
        assert "waiting for its limit of submitted jobs" in text
        assert "(4 submissions): AssocMaxSubmitJobLimit" in text
    assert "AssocMaxSubmitJobLimit" not in render(collect(tmp_path))  # nobody waits any longer
    write_json(tmp_path / "submission.json", {**told, "kind": "refused"})
    assert "SLURM refused a job: AssocMaxSubmitJobLimit" in render(collect(tmp_path))


def test_folder_without_campaign_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="was never started"):
        collect(tmp_path)


def test_steps_to_the_report_are_told_and_columns_never_run_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    campaign = Campaign.model_validate(TINY)
    write_json(tmp_path / "campaign.json", campaign.model_dump(mode="json"))
    (tmp_path / "dataset.parquet").touch()
    status = collect(tmp_path)
    first, *_, last = status.steps
    assert (first.name, first.done, last.name, last.done) == ("dataset", 1, "report", 0)
    assert ", dataset 1/1" in progress(status)
    stage = status.stages["calendering"]
    stage.planned = stage.done = 123_456_789
    stage.spent_h, stage.expected_left_h = 12_345_678.0, 1e-5
    lines = render(status).splitlines()
    table = lines[1 : 2 + len(status.stages)]
    assert len({len(line) for line in table}) == 1
    assert all(len(re.split(r"\s{2,}", line.strip())) == 9 for line in table)
