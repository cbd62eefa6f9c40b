"""How beads push and pull: the force fields of a config."""

from __future__ import annotations

from typing import TypeVar

from pydantic import Field

from mesocast.config.section import (
    Coefficient,
    PerDiameter,
    Section,
    Stiffness,
    WellDepth,
)


class LennardJones(Section):
    """Attraction of one species, proportional to the bead's diameter (the dry one for CBD)."""

    epsilon_fJ_um: WellDepth = Field(description="Depth of the well over the diameter.")
    sigma_per_diameter: PerDiameter = Field(description="Zero crossing over the diameter.")
    cutoff_per_diameter: PerDiameter = Field(description="Range over the diameter.")


class Hertz(Section):
    """Granular contact with tangential history (LAMMPS ``gran/hertz/history``)."""

    normal_stiffness_kPa: Stiffness = Field(description="Normal elastic constant.")
    tangential_to_normal_stiffness: Coefficient = Field(
        description="Tangential over normal elastic constant."
    )
    normal_damping_1_um_us: Coefficient = Field(description="Normal damping constant.")
    tangential_to_normal_damping: Coefficient = Field(
        description="Tangential over normal damping constant."
    )
    friction: Coefficient = Field(
        description="Friction coefficient; values far above 1 forbid slip."
    )


class ForceField(Section):
    """Lennard-Jones (shifted force) overlaid with granular Hertz, for one state of the film."""

    active_material: LennardJones
    cbd: LennardJones
    hertz: Hertz
    active_material_hertz: Hertz | None = Field(
        None,
        description="Contacts between two active-material particles, where they differ from those "
        "in which CBD takes part.",
    )
    wall: Hertz
    active_material_contact_factor: PerDiameter = Field(
        1.0, description="Contact radius over true radius of the active material."
    )
    collector_adhesion: Coefficient = Field(
        1.0,
        description="Attraction of a bead by the collector over that by its mirror image, a bead "
        "like it at twice the distance.",
    )

    def towards(self, other: ForceField, share: float) -> ForceField:
        """Every coefficient this share of the way to that of another force field.

        Parameters
        ----------
        other
            Where the way ends.
        share
            0 gives this force field, 1 the other one.
        """
        return ForceField(
            active_material=_towards(self.active_material, other.active_material, share),
            cbd=_towards(self.cbd, other.cbd, share),
            hertz=_towards(self.hertz, other.hertz, share),
            active_material_hertz=_towards(
                self.active_material_hertz or self.hertz,
                other.active_material_hertz or other.hertz,
                share,
            ),
            wall=_towards(self.wall, other.wall, share),
            **{
                name: getattr(self, name) + share * (getattr(other, name) - getattr(self, name))
                for name in ("active_material_contact_factor", "collector_adhesion")
            },
        )


_Coefficients = TypeVar("_Coefficients", LennardJones, Hertz)


def _towards(start: _Coefficients, end: _Coefficients, share: float) -> _Coefficients:
    """Every coefficient this share of the way from start to end."""
    first, last = start.model_dump(), end.model_dump()
    return type(start)(**{name: first[name] + share * (last[name] - first[name]) for name in first})


def _slurry_force_field() -> ForceField:
    return ForceField(
        active_material=LennardJones(
            epsilon_fJ_um=1, sigma_per_diameter=0.89, cutoff_per_diameter=1.5
        ),
        cbd=LennardJones(epsilon_fJ_um=1, sigma_per_diameter=0.89, cutoff_per_diameter=2.2 / 1.3),
        hertz=Hertz(
            normal_stiffness_kPa=3.5,
            tangential_to_normal_stiffness=1.378,
            normal_damping_1_um_us=30,
            tangential_to_normal_damping=0.959,
            friction=0.015,
        ),
        wall=Hertz(
            normal_stiffness_kPa=3.5,
            tangential_to_normal_stiffness=1.378,
            normal_damping_1_um_us=30,
            tangential_to_normal_damping=0.959,
            friction=0.015,
        ),
        # Beads that lose their solvent would hammer on the collector and leave the film.
        collector_adhesion=0.0,
    )


def _dried_force_field() -> ForceField:
    return ForceField(
        active_material=LennardJones(
            epsilon_fJ_um=5000, sigma_per_diameter=0.78, cutoff_per_diameter=1.2
        ),
        cbd=LennardJones(epsilon_fJ_um=20, sigma_per_diameter=0.80, cutoff_per_diameter=2.2 / 1.3),
        hertz=Hertz(
            normal_stiffness_kPa=15_000,
            tangential_to_normal_stiffness=1.235,
            normal_damping_1_um_us=30,
            tangential_to_normal_damping=0.907,
            friction=0.15,
        ),
        active_material_hertz=Hertz(
            normal_stiffness_kPa=50_000,
            tangential_to_normal_stiffness=1.235,
            normal_damping_1_um_us=30,
            tangential_to_normal_damping=0.907,
            friction=0.4,
        ),
        wall=Hertz(
            normal_stiffness_kPa=250_000,
            tangential_to_normal_stiffness=1.0,
            normal_damping_1_um_us=30,
            tangential_to_normal_damping=1.0,
            friction=15,
        ),
        active_material_contact_factor=1.025,
    )


def _consolidating_force_field() -> ForceField:
    dried = _dried_force_field()
    active_material, contacts = dried.active_material, dried.hertz
    return dried.model_copy(
        update={
            "active_material": active_material.model_copy(update={"epsilon_fJ_um": 20.0}),
            "hertz": contacts.model_copy(update={"friction": 0.3}),
            "active_material_hertz": contacts.model_copy(update={"friction": 0.05}),
            "wall": dried.wall.model_copy(update={"normal_stiffness_kPa": 75_000.0}),
        }
    )


class ForceFields(Section):
    """The force fields of the three states of a film."""

    slurry: ForceField = Field(
        default_factory=_slurry_force_field,
        description="The wet film, whose solids do not yet carry each other. As published.",
    )
    consolidating: ForceField = Field(
        default_factory=_consolidating_force_field,
        description="The film under capillary pressure, still full of liquid: particles are "
        "lubricated, the binder has not set. Calibrated on dried films (docs/physics.md).",
    )
    dried: ForceField = Field(
        default_factory=_dried_force_field,
        description="The film whose binder has set, in calendering too. Calibrated on pressed "
        "films (docs/physics.md).",
    )
