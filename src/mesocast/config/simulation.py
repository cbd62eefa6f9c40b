"""Settings of the simulated stages."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from mesocast.config.section import (
    Coefficient,
    Density,
    Fraction,
    FractionOrNone,
    HoldingPressure,
    HoldTime,
    LineLoad,
    LinePressure,
    Loading,
    Mass,
    PlaneSpeed,
    Positive,
    Pressure,
    RollDiameter,
    Section,
    SimulatedTime,
    Thickness,
    TimeStep,
    Tolerance,
)


class ElectrodeSettings(Section):
    """How much electrode is simulated."""

    mass_ug: Mass = Field(0.1, description="Dry mass of the simulated piece.")
    mass_loading_mg_cm2: Loading = Field(6.7, description="Dry mass per area.")


class Convergence(Section):
    """A stage ends when all of these hold over two windows in a row."""

    window_us: SimulatedTime = Field(
        5.0, description="Simulated time between two looks at the film."
    )
    thickness_drift_pct: Tolerance = Field(
        0.1, description="Largest change of the thickness from one window to the next."
    )
    pressure_band_pct: Annotated[float, Field(gt=0, le=100)] = Field(
        15.0, description="Largest distance of the pressure from its target, if there is one."
    )
    kinetic_ratio: Tolerance = Field(
        1e-3, description="Largest kinetic energy over the energy of cohesion."
    )
    longest_us: SimulatedTime = Field(
        300.0, description="Simulated time after which the stage gives up (status not_converged)."
    )


class Motion(Section):
    """How the equations of motion are integrated."""

    time_step_ns: TimeStep = Field(
        description="Time step at most; shorter where the stiffest contact needs it "
        "(docs/physics.md)."
    )
    drag_time_us: SimulatedTime = Field(
        description="Time in which a free bead loses its speed to the medium."
    )
    inertia_share: Coefficient = Field(
        0.0,
        description="Beads lighter than this multiple of the lightest active-material particle's "
        "mass move as if they had that mass (mass scaling). Films at rest do not depend on it, and "
        "heavier beads allow a longer time step.",
    )

    @model_validator(mode="after")
    def _drag_is_followed(self) -> Self:
        # The drag is explicit: beyond twice its time, a step turns the speed round and adds to it.
        if self.time_step_ns > 1e3 * self.drag_time_us:
            raise ValueError(
                f"drag_time_us = {self.drag_time_us:g} is shorter than time_step_ns = "
                f"{self.time_step_ns:g}; allowed: at least {1e-3 * self.time_step_ns:g}"
            )
        return self


class SlurrySettings(Section):
    """Coarse-grained dynamics of the wet film."""

    motion: Motion = Motion(time_step_ns=5.0, drag_time_us=0.3)
    convergence: Convergence = Convergence(
        window_us=2.5, thickness_drift_pct=0.1, kinetic_ratio=5e-3, longest_us=100
    )


class DryingSettings(Section):
    """The film thickens, consolidates under capillary pressure, and its binder sets."""

    wet_motion: Motion = Field(
        Motion(time_step_ns=8.0, drag_time_us=2.0, inertia_share=0.25),
        description="How beads move while the film consolidates.",
    )
    motion: Motion = Field(
        Motion(time_step_ns=5.0, drag_time_us=2.0, inertia_share=1.0),
        description="How beads move while the binder sets, and until the film rests.",
    )
    pressure_kPa: Pressure = Field(
        26.0,
        description="Capillary pressure on the film while it consolidates, until it stops "
        "shrinking; calibrated (docs/physics.md).",
    )
    consolidation_fill: Fraction = Field(
        0.5,
        description="Until its beads fill this share of it, the film is as thick as its solids and "
        "its solvent make it, and its beads come closer evenly: the liquid carries them "
        "(evaporation slow against diffusion). From there the capillary pressure presses it.",
    )
    residual_solvent: FractionOrNone = Field(
        0.1,
        description="Share of the solvent that CBD beads still hold when the film stops shrinking; "
        "it leaves without pressure on the film, while the binder sets; calibrated.",
    )
    peclet_number: Annotated[float, Field(ge=0, le=100)] = Field(
        0.0,
        description="Speed at which the surface of the wet film falls, times its thickness, over "
        "the diffusivity of carbon and binder: how much of them gathers at the top before the "
        "particles touch (docs/physics.md). 0: evaporation is slow, everything comes down evenly.",
    )
    shrink_time_step_ns: TimeStep = Field(
        5.0,
        description="Time step at most while the CBD beads lose their solvent in the wet film.",
    )
    shrink_increments: Annotated[int, Field(ge=5, le=1000)] = Field(
        10,
        description="Equal losses of solvent, of 200 steps each, before the film consolidates.",
    )
    setting_increments: Annotated[int, Field(ge=1, le=1000)] = Field(
        8,
        description="Equal steps in which the last solvent leaves and every coefficient goes from "
        "that of the consolidating film to that of the dried one.",
    )
    setting_time_us: SimulatedTime = Field(
        24.0, description="Simulated time in which the binder sets, over all increments."
    )
    plane_speed_m_s: PlaneSpeed = Field(1.0, description="Speed limit of the plane.")
    holding_pressure_kPa: HoldingPressure = Field(
        1.0, description="As in calendering: weight of the film."
    )
    convergence: Convergence = Convergence(longest_us=800)


class CalenderingTarget(Section):
    """What a line is set to, or what it is to reach; one of them."""

    gap_um: Thickness | None = Field(
        None, description="Gap between the planes at the last pass: what the coating has there."
    )
    pressure_MPa: LinePressure | None = Field(
        None, description="Largest pressure of the last pass, at `pressure_scale`."
    )
    line_load_N_mm: LineLoad | None = Field(
        None,
        description="Force over the width of the rolls at the last pass, at `pressure_scale`, with "
        "rolls of `roll_diameter_mm` (docs/physics.md).",
    )
    density_g_cm3: Density | None = Field(
        None, description="Density after spring-back; as many passes as it needs."
    )
    porosity: Fraction | None = Field(
        None,
        description="Total porosity after spring-back, by mass, thickness and the densities of the "
        "solids, as a line tells it; as many passes as it needs.",
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = [name for name, value in self if value is not None]
        if len(given) != 1:
            raise ValueError(
                f"{' and '.join(given) or 'nothing'} given; allowed: one of "
                f"{', '.join(type(self).model_fields)}"
            )
        return self


class CalenderingSettings(Section):
    """Pressing between planes to a net compression rate, hold, unload, spring back."""

    motion: Motion = Motion(time_step_ns=4.0, drag_time_us=5.0, inertia_share=1.0)
    plane_speed_m_s: PlaneSpeed = Field(0.2, description="Speed of the plane, down and up.")
    holding_pressure_kPa: HoldingPressure = Field(
        1.0,
        description="Weight of the film, so that what is torn off when the plane goes falls back; "
        "small against the capillary pressure.",
    )
    hold_time_us: HoldTime = Field(5.0, description="Time at the lowest point.")
    pressure_scale: Positive | None = Field(
        24.0,
        description="Pressure of a line over that in the model: the hardness of the set binder, "
        "which scales all forces of a dried film alike and changes no structure. Calibrated on one "
        "measured curve (docs/physics.md). Without it (null) pressures are not calibrated, and "
        "none is given in MPa.",
    )
    to: CalenderingTarget | None = Field(
        None,
        description="What films are pressed to, in place of the recipe's compression rate (which "
        "is then not looked at).",
    )
    passes: Annotated[int, Field(ge=1, le=10)] = Field(
        1,
        description="Passes in equal steps of the compression, gap, pressure or line load; the "
        "film springs back after each.",
    )
    roll_diameter_mm: RollDiameter | None = Field(
        None, description="Diameter of the rolls, from which line loads follow."
    )
    convergence: Convergence = Convergence(
        window_us=5.0, thickness_drift_pct=0.2, kinetic_ratio=1e-3, longest_us=200
    )

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if self.to is None:
            return self
        if self.pressure_scale is None and (self.to.pressure_MPa or self.to.line_load_N_mm):
            raise ValueError(
                "to.pressure_MPa and to.line_load_N_mm need pressure_scale, which is null; "
                "allowed: a number there, or another key in to"
            )
        if self.to.line_load_N_mm is not None and self.roll_diameter_mm is None:
            raise ValueError(
                "roll_diameter_mm is missing for to.line_load_N_mm; allowed: that of the line"
            )
        if self.passes > 1 and (self.to.density_g_cm3 or self.to.porosity):
            raise ValueError(
                f"passes = {self.passes} with to.density_g_cm3 or to.porosity, which take as many "
                "as they need; allowed: 1"
            )
        return self
