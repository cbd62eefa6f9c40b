"""Where a calibration stands, on a folder of which some films are made."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mesocast.calibration.jobs import read_plan
from mesocast.campaign import status
from mesocast.campaign.calibration_costs import cpu_hours
from mesocast.campaign.calibration_status import (
    calibration_progress,
    collect_calibration,
    write_plan,
)
from mesocast.campaign.checks import load
from mesocast.campaign.status import collect, render
from mesocast.storage import attempts
from mesocast.storage.files import write_json
from mesocast.storage.layout import Layout
from mesocast.storage.lease import Lease
from tests.calibration.line import CALIBRATION, write_measured

if TYPE_CHECKING:
    from pathlib import Path

CONTENT: dict[str, Any] = {
    "campaign": "line",
    "cell": {"enabled": False},
    "calibration": CALIBRATION,
}


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder in which a calibration was started: 32 films, and 16 of a round."""
    monkeypatch.setenv("PATH", "")  # no SLURM
    campaign, measured = load(CONTENT), tmp_path / "measured.csv"
    write_measured(measured)
    write_json(tmp_path / "campaign.json", campaign.model_dump(mode="json"))
    write_plan(campaign, read_plan(campaign, measured), tmp_path, measured)
    return tmp_path


def _make(results: Path, point: str, film: str, *states: str, cpu_s: float) -> None:
    path = Layout(results).calibration_film(point, film)
    pressings = {f"cr_pct={n}": {"status": state} for n, state in enumerate(states)}
    write_json(path, {"pressings": pressings})
    write_json(path.parent / "work/drying-0123/cost.json", {"cpu_s": cpu_s})


def test_films_are_counted_where_they_belong(results: Path) -> None:
    layout = Layout(results)
    _make(results, "R0P01", "AM94SC60S1", "ok", "ok", cpu_s=36.0)
    _make(results, "R0P01", "AM90SC58S1", "ok", "pressure_not_reached", cpu_s=108.0)
    failed = layout.calibration_film("R0P02", "AM94SC60S1").parent
    # An earlier attempt of what was done later is no failure; the last stage's is one.
    write_json(failed / "slurry.json", {})
    attempts.add(failed / "work", "slurry", {"cpu_s": 36.0}, OSError("disk"))
    attempts.add(failed / "work", "drying", {"cpu_s": 36.0, "log": "/x/film.log"}, MemoryError())
    killed = layout.calibration_film("R0P02", "AM94SC60S2").parent / "work/slurry.lease"
    killed.parent.mkdir(parents=True)
    killed.write_text(json.dumps(Lease(killed).record | {"pid": 2**22 + 1}))
    pressed = layout.calibration_film("R1P01", "AM90SC58S2").parent
    for record in ("slurry.json", "drying.json"):
        write_json(pressed / record, {})
    (pressed / "P40/work").mkdir(parents=True)
    write_json(pressed / "CR0/calendering.json", {})
    write_json(pressed / "CR0/observed.json", {})
    with Lease(pressed / "P40/work/calendering.lease"):
        found = collect_calibration(results)
        assert found is not None
        line = calibration_progress(found)
        text = render(collect(results))
    first, second = found.rounds
    assert (first.planned, first.done, first.running) == (32, 2, 0)
    assert (second.planned, second.done, second.running) == (16, 0, 1)
    assert first.failed == {"out_of_memory": 1, "killed": 1}
    assert first.spent_h == pytest.approx((36 + 108 + 36 + 36) / 3600)
    assert first.left_h == pytest.approx(30 * 72 / 3600)  # by what the two took
    campaign = load(CONTENT)
    hours = cpu_hours(campaign, read_plan(campaign, results / "measured.csv"))
    assert second.left_h == pytest.approx(hours[1])  # by the cost model: none is done
    assert found.pressings == {"ok": 3, "pressure_not_reached": 1}
    assert line.startswith("2 of 48 films (1 running), 2 failed, about ")
    assert "calibration on" in text
    assert "3 ok, 1 pressure_not_reached" in text
    assert "film R0P02/AM94SC60S1: out_of_memory" in text
    assert "/x/film.log" in text
    assert "answer: none yet" in text
    assert "calendering" not in text  # nothing of the campaign itself was started


def test_the_campaign_stands_beside_its_calibration(results: Path) -> None:
    write_json(results / "slurries/S001/slurry.json", {})
    layout = Layout(results)
    layout.calibration_page.write_text("page")
    text = render(collect(results))
    assert text.index("characterization") < text.index("calibration on")
    assert f"answer: {layout.calibration_page}" in text


def test_films_in_the_queue_are_told(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "pending_rules", lambda _: {"calibration_film": 7})
    assert "0 of 48 films (7 queued); pressed films none yet" in render(collect(results))


def test_without_a_calibration_nothing_is_said_of_one(results: Path) -> None:
    Layout(results).calibration_plan.unlink()
    assert collect_calibration(results) is None
    assert "calibration" not in render(collect(results))
