"""How beads push and pull: the force fields of a config."""

from __future__ import annotations

from pydantic import Field

from mesocast.config.section import NonNegative, Positive, Section


class LennardJones(Section):
    """Attraction of one species, proportional to the bead's diameter (the dry one for CBD)."""

    epsilon_fJ_um: NonNegative = Field(description="Depth of the well over the diameter.")
    sigma_per_diameter: Positive = Field(description="Zero crossing over the diameter.")
    cutoff_per_diameter: Positive = Field(description="Range over the diameter.")


class Hertz(Section):
    """Granular contact with tangential history (LAMMPS ``gran/hertz/history``)."""

    normal_stiffness_kPa: Positive = Field(description="Normal elastic constant.")
    tangential_to_normal_stiffness: NonNegative = Field(
        description="Tangential over normal elastic constant."
    )
    normal_damping_1_um_us: NonNegative = Field(description="Normal damping constant.")
    tangential_to_normal_damping: NonNegative = Field(
        description="Tangential over normal damping constant."
    )
    friction: NonNegative = Field(
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
    active_material_contact_factor: Positive = Field(
        1.0, description="Contact radius over true radius of the active material."
    )
    collector_adhesion: NonNegative = Field(
        1.0,
        description="Attraction of a bead by the collector over that by its mirror image, a bead "
        "like it at twice the distance.",
    )


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
            epsilon_fJ_um=7000, sigma_per_diameter=0.78, cutoff_per_diameter=1.2
        ),
        cbd=LennardJones(epsilon_fJ_um=2.1, sigma_per_diameter=0.80, cutoff_per_diameter=2.2 / 1.3),
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


class ForceFields(Section):
    """The force field of the wet film and that of the dried one."""

    slurry: ForceField = Field(default_factory=_slurry_force_field)
    dried: ForceField = Field(default_factory=_dried_force_field)
