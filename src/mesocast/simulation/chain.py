"""One electrode, from its recipe to the pressed film, without a folder."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mesocast.errors import PhysicsFailure
from mesocast.simulation.calendering import calender
from mesocast.simulation.composition import composition_of, solid_density_g_cm3
from mesocast.simulation.drying import dry
from mesocast.simulation.slurry import mix_slurry

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from mesocast.config.campaign import Campaign
    from mesocast.electrode import Electrode
    from mesocast.recipe import Recipe
    from mesocast.simulation.stage import StageResult


@dataclass(frozen=True)
class SimulatedElectrode:
    """An electrode and how it came about.

    Parameters
    ----------
    recipe, seed
        What was simulated, and the seed of its random placement.
    slurry, drying, calendering
        What became of the film in each stage.
    """

    recipe: Recipe
    seed: int
    slurry: StageResult
    drying: StageResult
    calendering: StageResult

    @property
    def electrode(self) -> Electrode:
        """The beads after calendering."""
        return self.calendering.electrode

    @property
    def stages(self) -> dict[str, StageResult]:
        """The stages by name, in their order."""
        return {"slurry": self.slurry, "drying": self.drying, "calendering": self.calendering}

    def plot(self) -> Figure:
        """Draw the thickness (um) through the three stages."""
        from matplotlib.figure import Figure

        figure = Figure(figsize=(7.0, 3.0), layout="constrained")
        axes = figure.subplots()
        start = 0.0
        for name, result in self.stages.items():
            times = [start + observation.time_us for observation in result.history]
            axes.plot(times, [o.thickness_um for o in result.history], label=name)
            start = times[-1]
        axes.set(xlabel="simulated time (µs)", ylabel="thickness (µm)", ylim=(0, None))
        axes.legend()
        return figure

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{html.escape(name)}</td><td>{result.electrode.thickness_um:.1f}</td>"
            f"<td>{_density_g_cm3(result.electrode):.2f}</td></tr>"
            for name, result in self.stages.items()
        )
        return (
            f"<p>{self.recipe.label}, seed {self.seed}: {len(self.electrode.radii_um)} beads</p>"
            "<table><tr><th>after</th><th>thickness (µm)</th><th>density (g/cm³)</th></tr>"
            f"{rows}</table>"
        )


def _density_g_cm3(film: Electrode) -> float:
    return film.mass_pg / film.area_um2 / film.thickness_um


def simulate(campaign: Campaign, recipe: Recipe, *, seed: int = 1) -> SimulatedElectrode:
    """Simulate slurry, drying and calendering of one recipe, in this process.

    What a campaign does in jobs with restarts; the same recipe and seed give the same electrode.

    Parameters
    ----------
    campaign
        Gives materials, size of the film and physics.
    recipe
        What to make.
    seed
        Seed of the random placement in the slurry.

    Raises
    ------
    PhysicsFailure
        A stage lost beads or did not come to rest.
    InputError
        The film is too small for its particles.

    Examples
    --------
    >>> import mesocast as mc
    >>> campaign = mc.load({"campaign": "small", "electrode": {"mass_ug": 0.02}})
    >>> film = mc.simulate(campaign, mc.Recipe(92, 60, 20))  # doctest: +SKIP
    >>> film.calendering.measured["cr_imposed_pct"]  # doctest: +SKIP
    20.0
    """
    campaign = campaign.at(recipe.values)
    composition = composition_of(campaign, recipe.values)
    fields = campaign.force_fields
    slurry = _ok(mix_slurry(composition, fields.slurry, campaign.slurry, seed))
    drying = _ok(dry(slurry.electrode, composition, fields, campaign.drying))
    calendering = _ok(
        calender(
            drying.electrode,
            cr_pct=recipe.cr_pct,
            cbd_diameter_um=campaign.materials.cbd.dry_diameter_um,
            force_field=fields.dried,
            settings=campaign.calendering,
            solid_density_g_cm3=solid_density_g_cm3(campaign.materials, drying.electrode),
        )
    )
    return SimulatedElectrode(recipe, seed, slurry, drying, calendering)


def _ok(result: StageResult) -> StageResult:
    if result.status != "ok":
        raise PhysicsFailure(result.status, result.reason)
    return result
