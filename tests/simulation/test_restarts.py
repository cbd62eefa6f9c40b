"""Restarts: a stage that was stopped, or whose process died, ends as if nothing had happened."""

from __future__ import annotations

import errno
import itertools
import resource
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mesocast.config.campaign import Campaign
from mesocast.config.simulation import CalenderingTarget
from mesocast.electrode import ACTIVE_MATERIAL, CBD, Electrode
from mesocast.errors import Stopped
from mesocast.simulation.calendering import calender
from mesocast.simulation.composition import Composition, compose
from mesocast.simulation.drying import dry
from mesocast.simulation.engine import film
from mesocast.simulation.restarts import Course, RestartFiles, SharedRestarts
from mesocast.simulation.slurry import mix_slurry
from tests.conftest import TINY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mesocast.config.force_fields import ForceField, Hertz
    from mesocast.simulation.stage import StageResult


# Wide enough that no bead touches another one through two periodic sides at once.
SMALL = {**TINY, "electrode": {"mass_ug": 0.003, "mass_loading_mg_cm2": 2.5}}


@pytest.fixture(autouse=True)
def _frequent_points(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(film, "_BEAD_STEPS_BETWEEN_POINTS", 20_000)


@pytest.fixture(scope="module")
def campaign() -> Campaign:
    return Campaign.model_validate(SMALL)


@pytest.fixture(scope="module")
def composition(campaign: Campaign) -> Composition:
    return compose(campaign.materials, am_pct=92, sc_pct=60, mass_ug=0.003, mass_loading_mg_cm2=2.5)


@pytest.fixture(scope="module")
def slurry(campaign: Campaign, composition: Composition) -> Electrode:
    fields = campaign.force_fields
    return mix_slurry(composition, fields.slurry, campaign.slurry, 1).electrode


@pytest.fixture(scope="module")
def dried(campaign: Campaign, composition: Composition, slurry: Electrode) -> StageResult:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(film, "_BEAD_STEPS_BETWEEN_POINTS", 20_000)
        return dry(slurry, composition, campaign.force_fields, campaign.drying)


def _in_pieces(
    stage: Callable[[Course], StageResult], folder: Path, *, points: int
) -> tuple[StageResult, int]:
    """Run a stage that is stopped again and again; also give how many pieces it took."""
    pieces, passed = 1, itertools.count(1)
    while True:
        course = Course(
            RestartFiles(folder / "stage.restart", "same"),
            stop_reason=lambda: "" if next(passed) % points else "stop",
        )
        try:
            return stage(course), pieces
        except Stopped:
            pieces += 1


def _assert_identical(one: StageResult, other: StageResult) -> None:
    assert one.history == other.history
    assert one.measured == other.measured
    for name in ("positions_um", "radii_um", "masses_pg"):
        np.testing.assert_array_equal(getattr(one.electrode, name), getattr(other.electrode, name))


@pytest.mark.slow
def test_drying_and_calendering_in_pieces_are_identical_to_the_last_bit(
    campaign: Campaign,
    composition: Composition,
    slurry: Electrode,
    dried: StageResult,
    tmp_path: Path,
) -> None:
    fields = campaign.force_fields

    def drying(course: Course) -> StageResult:
        return dry(slurry, composition, fields, campaign.drying, course)

    in_pieces, pieces = _in_pieces(drying, tmp_path, points=2)
    assert pieces > 3
    _assert_identical(dried, in_pieces)

    def calendering(course: Course | None) -> StageResult:
        return calender(
            dried.electrode,
            cr_pct=25,
            cbd_diameter_um=campaign.materials.cbd.dry_diameter_um,
            force_field=fields.dried,
            settings=campaign.calendering,
            course=course,
        )

    (tmp_path / "pressed").mkdir()
    pressed, pieces = _in_pieces(calendering, tmp_path / "pressed", points=3)
    assert pieces > 2
    _assert_identical(calendering(None), pressed)


@pytest.mark.slow
@pytest.mark.parametrize("change", [{"passes": 2}, {"to": CalenderingTarget(density_g_cm3=2.7)}])
def test_several_passes_in_pieces_are_identical_to_the_last_bit(
    campaign: Campaign, dried: StageResult, tmp_path: Path, change: dict[str, Any]
) -> None:
    def calendering(course: Course | None) -> StageResult:
        return calender(
            dried.electrode,
            cr_pct=25,
            cbd_diameter_um=campaign.materials.cbd.dry_diameter_um,
            force_field=campaign.force_fields.dried,
            settings=campaign.calendering.model_copy(update=change),
            course=course,
        )

    whole = calendering(None)
    assert whole.measured["passes"] > 1
    pressed, pieces = _in_pieces(calendering, tmp_path, points=3)
    assert pieces > 3
    _assert_identical(whole, pressed)


@pytest.mark.slow
@pytest.mark.parametrize("passes", [1, 2])
@pytest.mark.parametrize("order", [(18, 30), (30, 18)], ids=["deeper later", "deeper first"])
def test_films_of_a_slurry_share_the_way_down_and_are_identical_to_the_last_bit(
    campaign: Campaign, dried: StageResult, tmp_path: Path, order: tuple[int, int], passes: int
) -> None:
    settings = campaign.calendering.model_copy(update={"passes": passes})

    def pressed(cr_pct: float, shared: SharedRestarts | None) -> tuple[StageResult, bool]:
        course = Course(shared=shared)
        resumed = course.replaying
        result = calender(
            dried.electrode,
            cr_pct=cr_pct,
            cbd_diameter_um=campaign.materials.cbd.dry_diameter_um,
            force_field=campaign.force_fields.dried,
            settings=settings,
            course=course,
        )
        return result, resumed

    def common(cr_pct: float) -> SharedRestarts:
        return SharedRestarts(tmp_path / "pressed", "film", parts_at=cr_pct / passes)

    first, second = order
    assert not pressed(first, common(first))[1]
    left = common(second).furthest()
    assert left is not None
    assert 5 <= left.progress < second / passes
    went_on, resumed = pressed(second, common(second))
    assert resumed
    _assert_identical(pressed(second, None)[0], went_on)


def _pressed(
    beads: Electrode, field: ForceField, plane_um: float = 2.9, course: Course | None = None
) -> Electrode:
    """Beads of 1.8 um under a plane that has come down by 0.3 um, in 6000 steps."""
    cbd = field.cbd.model_copy(update={"epsilon_fJ_um": 2.1})
    with film.FilmSimulation(
        beads,
        # Beads this light would fly.
        field.model_copy(update={"collector_adhesion": 0.01, "cbd": cbd}),
        cbd_reference_diameter_um=1.8,
        time_step_us=0.0025,
        drag_time_us=1.0,
        plane_um=plane_um,
        course=course,
    ) as simulation:
        simulation.drive_plane(-0.02)
        for _ in range(30):
            simulation.run(200)
        return simulation.electrode()


@pytest.mark.parametrize("missing", [1, 20, 5000])
def test_state_that_a_full_disk_cuts_short_is_not_kept(
    missing: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A limit of file sizes cuts what is written as a full disk does, also in its last bytes."""
    side = np.arange(1, 17, 1.9)
    positions = np.stack(np.meshgrid(side, side, [0.85]), -1).reshape(-1, 3)
    count = len(positions)
    beads = Electrode(
        positions, np.full(count, 0.9), np.full(count, CBD), np.full(count, 4.0), (17.1, 17.1)
    )
    write = film.FilmSimulation._write_restart
    sizes: list[int] = []
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    def cut_the_second(simulation: film.FilmSimulation, path: Path) -> None:
        if sizes:
            resource.setrlimit(resource.RLIMIT_FSIZE, (sizes[0] - missing, limits[1]))
        try:
            write(simulation, path)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        sizes.append(path.stat().st_size)

    monkeypatch.setattr(film, "_BEAD_STEPS_BETWEEN_POINTS", 4000)
    monkeypatch.setattr(film.FilmSimulation, "_write_restart", cut_the_second)
    course = Course(RestartFiles(tmp_path / "r", "same"), interval_s=0.0)
    with pytest.raises(OSError, match="restart file cut short") as told:
        _pressed(beads, Campaign.model_validate(SMALL).force_fields.dried, course=course)
    assert told.value.errno == errno.ENOSPC
    newest = RestartFiles(tmp_path / "r", "same").newest()
    assert newest is not None
    assert (newest.point, len(newest.state)) == (1, sizes[0])


def test_friction_is_not_forgotten_at_a_point(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beads that a fourth one wants to push apart stay where they are through restart files."""
    positions = np.array([[2, 2, 0.85], [3.9, 2, 0.85], [2.95, 3.645, 0.85], [2.95, 2.548, 2.28]])
    beads = Electrode(
        positions, np.full(4, 0.9), np.full(4, CBD), np.full(4, 4.0), lateral_um=(9.0, 9.0)
    )

    def pressed(bead_steps: int) -> Electrode:
        monkeypatch.setattr(film, "_BEAD_STEPS_BETWEEN_POINTS", bead_steps)
        return _pressed(beads, Campaign.model_validate(SMALL).force_fields.dried, plane_um=3.2)

    through_files, in_memory = pressed(4000), pressed(10**9)
    moved = np.abs(through_files.positions_um - in_memory.positions_um).max()
    assert 0 < moved < 1e-5  # without velocities and the history of contacts it is 0.4


@pytest.mark.parametrize("bead_steps", [4000, 10**9])
def test_contacts_of_active_material_pass_a_point_as_all_others_do(
    bead_steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Contacts in a style of their own, with the same coefficients, give the same film."""
    monkeypatch.setattr(film, "_BEAD_STEPS_BETWEEN_POINTS", bead_steps)
    positions = np.array([[3, 3, 0.85], [3.9, 3, 2.2], [6, 6, 0.8], [7.0, 6.3, 2.1]], dtype=float)
    species = np.array([ACTIVE_MATERIAL, ACTIVE_MATERIAL, ACTIVE_MATERIAL, CBD])
    beads = Electrode(positions, np.full(4, 0.9), species, np.full(4, 4.0), lateral_um=(9.0, 9.0))
    field = Campaign.model_validate(SMALL).force_fields.dried

    def pressed(active_material_hertz: Hertz | None) -> Electrode:
        change = {"active_material_hertz": active_material_hertz}
        return _pressed(beads, field.model_copy(update=change))

    np.testing.assert_allclose(
        pressed(field.hertz).positions_um, pressed(None).positions_um, rtol=0, atol=1e-9
    )
