"""What a film is pressed to, and the passes that bring it there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from mesocast.errors import PhysicsFailure

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mesocast.config.simulation import CalenderingSettings
    from mesocast.simulation.convergence import Observation

#: As far as a film is pressed where something else than its thickness decides, %.
DEEPEST_CR_PCT = 60.0
# A film has its density when its thickness is at most this share above the one that gives it, and
# may end this share below: a film that is pressed too far cannot be brought back.
_TOLERANCE, _TOO_FAR = 0.005, 0.01
_MOST_PASSES = 10

Kind = Literal["rate", "gap", "pressure", "line_load", "density"]


@dataclass(frozen=True)
class Target:
    """What a film is pressed to.

    Parameters
    ----------
    kind
        What the number is.
    value
        Net compression rate (%), gap (um), pressure in the model (kPa), line load (N/mm) or density
        after spring-back (g/cm3).
    passes
        Equal steps; a density takes as many as it needs.
    """

    kind: Kind
    value: float
    passes: int = 1


@dataclass(frozen=True)
class Stop:
    """What ends a pass before its gap.

    Parameters
    ----------
    name, limit, unit
        What is measured, where it ends, and its unit for people.
    measure
        Its value after the observations of a pass.
    """

    name: str
    limit: float
    unit: str
    measure: Callable[[Sequence[Observation]], float]


@dataclass(frozen=True)
class Pass:
    """One way down, hold and up: until nothing is left of it, or something stops it before.

    Parameters
    ----------
    gap_um
        Lowest gap of the plane.
    thickness_um
        Thickness of the film under the plane that ends the way.
    stop
        What else ends it.
    """

    gap_um: float = 0.0
    thickness_um: float = 0.0
    stop: Stop | None = None

    def left_um(self, plane_um: float, thickness_um: float) -> float:
        """How far the plane has still to go, by its own place and by the film's thickness."""
        return min(plane_um - self.gap_um, thickness_um - self.thickness_um)


def target_of(
    settings: CalenderingSettings,
    *,
    cr_pct: float,
    pressure_kPa: float | None,
    solid_density_g_cm3: float,
) -> Target:
    """Say what a film is pressed to: by the settings, or else by the recipe.

    Parameters
    ----------
    settings
        From the config.
    cr_pct, pressure_kPa
        The recipe's net compression rate; a pressure in the model takes its place, and that of
        the settings.
    solid_density_g_cm3
        Mean density of the film's solids, for a porosity.
    """
    to, passes, scale = settings.to, settings.passes, settings.pressure_scale or 1.0
    if pressure_kPa is not None:
        return Target("pressure", pressure_kPa)
    if to is None:
        return Target("rate", cr_pct, passes)
    porosity_density = (1 - (to.porosity or 0.0)) * solid_density_g_cm3
    choices = {
        "gap_um": Target("gap", to.gap_um or 0.0, passes),
        "pressure_MPa": Target("pressure", 1e3 * (to.pressure_MPa or 0.0) / scale, passes),
        "line_load_N_mm": Target("line_load", to.line_load_N_mm or 0.0, passes),
        "density_g_cm3": Target("density", to.density_g_cm3 or 0.0),
        "porosity": Target("density", porosity_density),
    }
    return next(choices[name] for name, value in to if value is not None)


def line_load_N_mm(
    observations: Sequence[Observation], roll_diameter_mm: float, pressure_scale: float
) -> float:
    r"""Force over the width of the rolls, from the pressure on the way down.

    A foil carries a coating on either side, and each meets one roll of diameter `D`; at a distance
    `x` from the narrowest point the gap is wider by :math:`x^2 / D`. So the pressure at each gap of
    the plane's way stands at a place of the nip, and their integral is the line load of its
    entry. The exit, where the film springs back, adds little and is left out; so is friction along
    the roll.

    Parameters
    ----------
    observations
        Of one way down.
    roll_diameter_mm
        Diameter of the rolls.
    pressure_scale
        Pressure of a line over that in the model.
    """
    gaps = np.array([o.plane_um for o in observations])
    pressures = pressure_scale * np.array([o.pressure_kPa for o in observations])
    places_um = np.sqrt(1e3 * roll_diameter_mm * np.maximum(gaps - gaps.min(), 0.0))
    order = np.argsort(places_um)
    # kPa um is 1e-6 N/mm.
    return 1e-6 * float(np.trapezoid(np.maximum(pressures, 0.0)[order], places_um[order]))


@dataclass
class Passes:
    """The passes of one film, one after the other.

    Parameters
    ----------
    target, settings
        What it is pressed to, and how.
    before_um
        Its thickness at rest.
    mass_over_area
        Of the film, pg/um2.
    """

    target: Target
    settings: CalenderingSettings
    before_um: float
    mass_over_area: float
    done: int = 0

    def next(self, thickness_um: float, gap_um: float) -> Pass | None:
        """Give the next pass; None when the film is as it shall be.

        Parameters
        ----------
        thickness_um
            Of the film as it rests now.
        gap_um
            Narrowest gap so far.

        Raises
        ------
        PhysicsFailure
            The target cannot be reached.
        """
        target = self.target
        if target.kind == "density":
            return self._towards_density(thickness_um, gap_um)
        untouched = target.kind == "gap" and target.value >= self.before_um
        if self.done >= target.passes or target.value == 0 or untouched:
            return None
        self.done += 1
        part = self.done / target.passes
        if target.kind == "rate":
            return Pass(thickness_um=self.before_um * (1 - part * target.value / 100))
        if target.kind == "gap":
            gap = self._checked(target.value)
            return Pass(self.before_um + part * (gap - self.before_um))
        return Pass(self._deepest_um, stop=self._stop(part * target.value))

    @property
    def _deepest_um(self) -> float:
        return self.before_um * (1 - DEEPEST_CR_PCT / 100)

    def _stop(self, limit: float) -> Stop:
        if self.target.kind == "pressure":
            return Stop("pressure", limit, "kPa (of the model)", lambda seen: seen[-1].pressure_kPa)
        roll_mm, scale = self.settings.roll_diameter_mm or 0.0, self.settings.pressure_scale or 0.0
        return Stop("line_load", limit, "N/mm", lambda seen: line_load_N_mm(seen, roll_mm, scale))

    def _towards_density(self, thickness_um: float, gap_um: float) -> Pass | None:
        goal_um = self.mass_over_area / self.target.value
        now, wanted = self.mass_over_area / thickness_um, self.target.value
        if thickness_um < (1 - _TOO_FAR) * goal_um:
            raise PhysicsFailure(
                "density_exceeded",
                f"{now:.4g} g/cm3 after {self.done} passes, asked for {wanted:.4g}",
            )
        if thickness_um <= (1 + _TOLERANCE) * goal_um:
            return None
        if self.done >= _MOST_PASSES:
            raise PhysicsFailure(
                "density_not_reached",
                f"{now:.4g} of {wanted:.4g} g/cm3 after {self.done} passes",
            )
        # The deeper, the more springs back; so the next pass ends above what it aims at, and not
        # below.
        springback_um = thickness_um - gap_um if self.done else 0.0
        self.done += 1
        return Pass(self._checked(goal_um * (1 + _TOLERANCE / 2) - springback_um))

    def _checked(self, gap_um: float) -> float:
        if gap_um < self._deepest_um:
            raise PhysicsFailure(
                "gap_too_small",
                f"{gap_um:.3g} um would compress the film of {self.before_um:.3g} um by more than "
                f"{DEEPEST_CR_PCT:g} %",
            )
        return gap_um
