"""What a calibration simulates: sets of coefficients, measured recipes, ways of pressing, seeds.

All identifiers follow from the config and the table, so the workflow is one static DAG: ``R1P02``
is the second point (set of coefficients) of round 1, ``AM94SC60S2`` the second film of a recipe.
A recipe is named after itself, so that films stay what they are wherever rows come and go.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mesocast.calibration.coefficients import Coefficients
from mesocast.dataset.measured import LOGARITHMIC, QUANTITIES
from mesocast.errors import InputError
from mesocast.seeds import derived_seed
from mesocast.simulation.composition import compose
from mesocast.simulation.packing import check_height

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mesocast.config.campaign import Campaign
    from mesocast.dataset.measured import MeasuredElectrode

# Quantities that only the characterization of voxels gives, which costs as much as a small film.
_OF_VOXELS = ("electronic_conductivity_S_m", "tortuosity_factor", "active_surface_pct")
_OF_PRESSED = ("springback_pct", "pressure_max_MPa")


def pressing_of(electrode: MeasuredElectrode) -> str:
    """How an electrode is pressed, as the jobs are told: ``cr_pct=20`` or ``pressure_MPa=80``."""
    if electrode.pressure_MPa is not None:
        return f"pressure_MPa={electrode.pressure_MPa:.6g}"
    return f"cr_pct={electrode.cr_pct:.6g}"


def folder_of(pressing: str) -> str:
    """Folder of a pressed film within its film's, and its identifier: ``CR20`` or ``P80``."""
    kind, _, value = pressing.partition("=")
    return f"{'CR' if kind == 'cr_pct' else 'P'}{value}"


@dataclass(frozen=True)
class FilmRecipe:
    """A recipe of the table, with every way in which its electrodes were pressed."""

    recipe_id: str
    am_pct: float
    sc_pct: float
    pressings: tuple[str, ...]


@dataclass(frozen=True)
class Output:
    """A quantity of an electrode of the table, measured or not.

    Parameters
    ----------
    electrode
        Its name in the table.
    recipe_id, pressing
        What is simulated of it.
    quantity
        Column.
    measured, standard_deviation
        Of the table, in the unit of the quantity; None where it was not measured.
    mass_loading_mg_cm2
        By which a thickness follows from the density.
    """

    electrode: str
    recipe_id: str
    pressing: str
    quantity: str
    measured: float | None
    standard_deviation: float | None
    mass_loading_mg_cm2: float | None

    @property
    def is_logarithmic(self) -> bool:
        """Whether its logarithm is emulated and compared."""
        return self.quantity in LOGARITHMIC


@dataclass(frozen=True)
class CalibrationPlan:
    """What is simulated, and what it is compared with.

    Parameters
    ----------
    recipes
        Recipes of the table.
    outputs
        Quantities of all electrodes: each quantity that is measured anywhere.
    rounds
        Identifiers of the points of each round; round 0 is the Sobol sequence.
    masses_ug
        Dry mass of the films of each round.
    seeds
        Films of each recipe at each point.
    has_voxels
        Whether films are characterized beyond their volumes.
    """

    recipes: tuple[FilmRecipe, ...]
    outputs: tuple[Output, ...]
    rounds: tuple[tuple[str, ...], ...]
    masses_ug: tuple[float, ...]
    seeds: int
    has_voxels: bool

    @property
    def films(self) -> dict[str, FilmRecipe]:
        """Films of each point, by identifier: recipes times seeds."""
        return {f"{r.recipe_id}S{n}": r for r in self.recipes for n in range(1, self.seeds + 1)}

    @property
    def round_of(self) -> dict[str, int]:
        """Round of each point."""
        return {point: number for number, points in enumerate(self.rounds) for point in points}


#: What is simulated where no table is given.
NO_CALIBRATION = CalibrationPlan((), (), (), (), 0, has_voxels=False)


def film_seed(campaign: Campaign, point: str, film: str) -> int:
    """Seed of a film: another one for every film of every point, so that noise averages out."""
    return derived_seed(campaign.seed, "calibration", point, film)


def round_settings(campaign: Campaign, plan: CalibrationPlan, number: int) -> dict[str, Any]:
    """What the points of a round depend on, beside the films of the rounds before."""
    return {
        "seed": campaign.seed,
        "round": number,
        "coefficients": campaign.calibration.model_dump(mode="json")["coefficients"],
        "points": list(plan.rounds[number]),
        "masses_ug": list(plan.masses_ug[: number + 1]),
    }


def make_calibration_plan(
    campaign: Campaign, electrodes: Sequence[MeasuredElectrode], where: str
) -> CalibrationPlan:
    """Plan a calibration.

    Parameters
    ----------
    campaign
        Its section ``calibration`` says what is sought.
    electrodes
        The measured electrodes.
    where
        Their table, for the line that says what is wrong.

    Raises
    ------
    InputError
        Nothing is sought, there are fewer data than coefficients, or a film cannot be built.
    """
    settings = campaign.calibration
    names = Coefficients(campaign).names
    if not names:
        raise InputError(
            "calibration.coefficients: is empty; allowed: at least one key of the config with "
            "its bounds"
        )
    data = sum(len(electrode.data) for electrode in electrodes)
    if data < len(names):
        raise InputError(
            f"{where}: {data} data for {len(names)} coefficients ({', '.join(names)}); allowed: at "
            "least as many data as coefficients"
        )
    recipes = recipes_of(electrodes)
    if len({(e.am_pct, e.sc_pct) for e in electrodes if e.data}) < 2:
        raise InputError(
            f"{where}: data of one recipe only; allowed: at least two, since each is predicted "
            "from the others"
        )
    if campaign.calendering.pressure_scale is None:
        _refuse_pressures(electrodes, where)
    _check_films(campaign, recipes, where)
    kinds = [q for q in QUANTITIES if any(q in e.data for e in electrodes)]
    points = [settings.points, *[settings.round_points] * (len(settings.masses_ug) - 1)]
    ids = {(r.am_pct, r.sc_pct): r.recipe_id for r in recipes}
    return CalibrationPlan(
        recipes=recipes,
        outputs=tuple(
            _output(electrode, ids[electrode.am_pct, electrode.sc_pct], kind)
            for electrode in electrodes
            for kind in kinds
            if _can_have(electrode, kind)
        ),
        rounds=tuple(
            tuple(f"R{number}P{place:02d}" for place in range(1, count + 1))
            for number, count in enumerate(points)
        ),
        masses_ug=settings.masses_ug,
        seeds=settings.seeds,
        has_voxels=any(kind in _OF_VOXELS for kind in kinds),
    )


def recipes_of(electrodes: Sequence[MeasuredElectrode]) -> tuple[FilmRecipe, ...]:
    """Recipes of a table, each with every way in which its electrodes were pressed."""
    pressings: dict[tuple[float, float], dict[str, None]] = {}
    for electrode in electrodes:
        pair = (electrode.am_pct, electrode.sc_pct)
        pressings.setdefault(pair, {})[pressing_of(electrode)] = None
    return tuple(
        FilmRecipe(f"AM{pair[0]:.10g}SC{pair[1]:.10g}", *pair, tuple(found))
        for pair, found in pressings.items()
    )


def _can_have(electrode: MeasuredElectrode, quantity: str) -> bool:
    if quantity in _OF_PRESSED and pressing_of(electrode) == "cr_pct=0":
        return False
    return quantity != "thickness_um" or electrode.mass_loading_mg_cm2 is not None


def _output(electrode: MeasuredElectrode, recipe_id: str, quantity: str) -> Output:
    datum = electrode.data.get(quantity)
    return Output(
        electrode.name,
        recipe_id,
        pressing_of(electrode),
        quantity,
        datum.value if datum else None,
        datum.standard_deviation if datum else None,
        electrode.mass_loading_mg_cm2,
    )


def _refuse_pressures(electrodes: Sequence[MeasuredElectrode], where: str) -> None:
    for electrode in electrodes:
        if electrode.pressure_MPa is not None or "pressure_max_MPa" in electrode.data:
            raise InputError(
                f"{where}: {electrode.name}: a pressure, but calendering.pressure_scale = null; "
                "allowed: a scale to begin with, which may be among the coefficients"
            )


def _check_films(campaign: Campaign, recipes: Sequence[FilmRecipe], where: str) -> None:
    for recipe in recipes:
        for mass_ug in campaign.calibration.masses_ug:
            try:
                check_height(
                    compose(
                        campaign.materials,
                        am_pct=recipe.am_pct,
                        sc_pct=recipe.sc_pct,
                        mass_ug=mass_ug,
                        mass_loading_mg_cm2=campaign.electrode.mass_loading_mg_cm2,
                    )
                )
            except InputError as error:
                raise InputError(
                    f"{where}: {recipe.am_pct:g}/{recipe.sc_pct:g} with calibration.masses_ug = "
                    f"{mass_ug:g}: {error}"
                ) from error
