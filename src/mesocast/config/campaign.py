"""A campaign's config: one YAML file, checked whole before any job starts."""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import Field, model_validator

from mesocast.columns import CELL_COLUMNS, FURTHER, PARAMETERS, TARGETS
from mesocast.config.calibration import CalibrationSettings
from mesocast.config.cell import CellSettings
from mesocast.config.characterization import CharacterizationSettings
from mesocast.config.choices import materials_of
from mesocast.config.derived import config_at, stages_of
from mesocast.config.design import Design
from mesocast.config.force_fields import ForceFields
from mesocast.config.jobs import CostModel, JobSettings
from mesocast.config.kinds import MOST_KINDS_IN_CELL
from mesocast.config.laboratory import LaboratorySettings
from mesocast.config.library import with_material
from mesocast.config.materials import Materials
from mesocast.config.optimization import OptimumSettings
from mesocast.config.rounds import RoundSettings
from mesocast.config.section import Section
from mesocast.config.simulation import (
    CalenderingSettings,
    DryingSettings,
    ElectrodeSettings,
    SlurrySettings,
)
from mesocast.config.surrogates import SurrogateSettings
from mesocast.config.verification import VerificationSettings
from mesocast.config.viscosity import ViscositySettings
from mesocast.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

# Part of every simulation's identity: raise a number when the physics of that stage changes, and
# every campaign simulates that stage and those after it again.
PHYSICS_VERSIONS = {
    "slurry": 3,
    "drying": 4,
    "calendering": 4,
    "characterization": 4,
    "viscosity": 1,
}


def _merged(default: Any, change: Any) -> Any:
    """Lay a change over a default, section by section."""
    if not (isinstance(default, dict) and isinstance(change, dict)):
        return change
    return default | {key: _merged(default.get(key), value) for key, value in change.items()}


def _with_materials(content: dict[str, Any]) -> dict[str, Any]:
    """Lay what a config's materials stand for under their section."""
    materials = content.get("materials")
    if not isinstance(materials, dict):
        return content
    told = dict(materials)
    if isinstance(active := told.get("active_material"), dict):
        told["active_material"] = with_material(active)
    cbd = told.get("cbd")
    if isinstance(cbd, dict) and "electronic_conductivity_S_m" in cbd:
        told["cbd"] = {"conductivity_law": "as_given", **cbd}
    return {**content, "materials": told}


class Campaign(Section):
    """A whole campaign: what is simulated, how, and what is sought."""

    campaign: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")] = Field(
        description="Name of the campaign and of its folder under results/."
    )
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = Field(
        1, description="Seed from which all others follow."
    )
    coefficients: str | None = Field(
        None,
        description="File with coefficients to include, as `mesocast calibrate` writes it "
        "(`coefficients.yaml`), its path from where the campaign is started. It is laid under this "
        "config; a key that both give is refused.",
    )
    design: Design = Design()
    electrode: ElectrodeSettings = ElectrodeSettings()
    materials: Materials = Materials()
    force_fields: ForceFields = ForceFields()
    slurry: SlurrySettings = SlurrySettings()
    drying: DryingSettings = DryingSettings()
    calendering: CalenderingSettings = CalenderingSettings()
    characterization: CharacterizationSettings = CharacterizationSettings()
    cell: CellSettings = CellSettings()
    viscosity: ViscositySettings = ViscositySettings()
    surrogates: SurrogateSettings = SurrogateSettings()
    optimum: OptimumSettings = OptimumSettings()
    rounds: RoundSettings = RoundSettings()
    verification: VerificationSettings = VerificationSettings()
    laboratory: LaboratorySettings = LaboratorySettings()
    calibration: CalibrationSettings = CalibrationSettings()
    cost_model: CostModel = CostModel()
    jobs: JobSettings = JobSettings()

    @model_validator(mode="before")
    @classmethod
    def _over_defaults(cls, content: Any) -> Any:
        """Let a config change one key of a section and keep the section's other defaults."""
        if not isinstance(content, dict):
            return content
        defaults = {
            name: field.get_default(call_default_factory=True)
            for name, field in cls.model_fields.items()
        }
        content = _with_materials(content)
        return {
            key: _merged(defaults[key].model_dump(), value)
            if isinstance(defaults.get(key), Section)
            else value
            for key, value in content.items()
        }

    @model_validator(mode="after")
    def _rounds_have_films(self) -> Self:
        if self.design.dataset is not None and self.rounds.count:
            raise ValueError(
                f"rounds.count = {self.rounds.count} with design.dataset: rounds calender the "
                "films of the design, and a dataset has none; allowed: 0"
            )
        return self

    @model_validator(mode="after")
    def _resolved(self) -> Self:
        voxel, bead = self.characterization.voxel_size_um, self.materials.cbd.dry_diameter_um
        if voxel > bead / 2:
            raise ValueError(
                f"characterization.voxel_size_um = {voxel:g} with CBD beads of {bead:g} um; "
                f"allowed: at most half a bead ({bead / 2:g})"
            )
        return self

    @model_validator(mode="after")
    def _kinds_in_cells(self) -> Self:
        settings = (self.cell.model, self.cell.particle_sizes)
        wanted = ("DFN", "mean")
        is_blend = len(self.materials.active_material.kinds) > 1
        if is_blend and self.cell.enabled and settings != wanted:
            raise ValueError(
                f"cell.model = {settings[0]}, cell.particle_sizes = {settings[1]} with "
                "materials.active_material.kinds, each of which has particles of its own; allowed: "
                f"{' and '.join(wanted)}, or cell.enabled = false"
            )
        return self

    @model_validator(mode="after")
    def _cells_are_made(self) -> Self:
        wanted = [name for name in self.modelled if name in CELL_COLUMNS]
        kinds = len(self.materials.active_material.kinds)
        if wanted and kinds > MOST_KINDS_IN_CELL:
            raise ValueError(
                f"materials.active_material.kinds: {kinds} kinds, of which there is no cell, but "
                f"the optimum needs {', '.join(wanted)}; allowed: {MOST_KINDS_IN_CELL} kinds, or "
                "other goals, constraints and application"
            )
        if wanted and not self.cell.enabled:
            raise ValueError(
                f"cell.enabled = false, but the optimum needs {', '.join(wanted)}; "
                "allowed: true, or other goals, constraints and application"
            )
        return self

    @model_validator(mode="after")
    def _wanted_is_measured(self) -> Self:
        optimum, asked = self.optimum, self.characterization.measurements
        wanted = {*optimum.sought, *optimum.constraints}
        if (
            self.cell.enabled
            and self.cell.trapped_gas
            and "infiltration" not in asked
            and self.design.dataset is None
        ):
            raise ValueError(
                f"cell.trapped_gas = true with characterization.measurements = {list(asked)}; "
                "allowed: false, or measurements with infiltration"
            )
        line = self.calendering
        has_no_load = line.roll_diameter_mm is None or line.pressure_scale is None
        if "line_load_N_mm" in wanted and has_no_load and self.design.dataset is None:
            raise ValueError(
                "calendering.roll_diameter_mm or pressure_scale is missing, but the optimum needs "
                "line_load_N_mm; allowed: both, or other goals and constraints"
            )
        for name, columns in FURTHER.items():
            missing = [column.name for column in columns if column.name in wanted]
            if missing and name not in asked and self.design.dataset is None:
                raise ValueError(
                    f"characterization.measurements = {list(asked)}, but the optimum needs "
                    f"{', '.join(missing)}; allowed: measurements with {name}, or other goals and "
                    "constraints"
                )
        return self

    @property
    def targets(self) -> tuple[str, ...]:
        """Properties that are validated and shown: those of every campaign and further goals."""
        return tuple(dict.fromkeys([*TARGETS, *self.optimum.sought]))

    @property
    def modelled(self) -> tuple[str, ...]:
        """Properties that get a surrogate: the targets and what is constrained besides."""
        own = {*PARAMETERS, *self.design.variables}
        constrained = (name for name in self.optimum.constraints if name not in own)
        return tuple(dict.fromkeys([*self.targets, *constrained]))

    @property
    def surrogate_method(self) -> str:
        """The method by which properties are modelled, by what is modelled where none is set."""
        if self.surrogates.method is not None:
            return self.surrogates.method
        of_cell = any(name in CELL_COLUMNS for name in self.modelled)
        return "through_microstructure" if of_cell else "sisso"

    @property
    def surrogate_methods(self) -> list[str]:
        """All methods that are fitted, the campaign's own one first."""
        return list(dict.fromkeys([self.surrogate_method, *self.surrogates.compare]))

    @property
    def box_pct(self) -> dict[str, tuple[float, float]]:
        """Bounds of the design variables that are free, in the units of their columns.

        Of levels and choices they are `mesocast.columns.variables.Discrete`.
        """
        ranges = {name: getattr(self.design, name) for name in PARAMETERS}
        own = {name: variable.bounds for name, variable in self.design.variables.items()}
        bounds = {name: one.bounds for name, one in ranges.items()} | own
        return {name: ends for name, ends in bounds.items() if ends[0] < ends[1]}

    @property
    def fixed(self) -> dict[str, float]:
        """Numbers of a recipe that the design holds fixed, in percent."""
        ranges = {name: getattr(self.design, name) for name in PARAMETERS}
        return {name: one.fixed for name, one in ranges.items() if one.fixed is not None}

    @property
    def resolution(self) -> dict[str, float]:
        """Smallest step of each design variable that a machine can set, where that is told."""
        own = {n: variable.resolution for n, variable in self.design.variables.items()}
        return {
            **self.optimum.resolution_pct.model_dump(),
            **{name: step for name, step in own.items() if step is not None},
        }

    @property
    def tolerance(self) -> dict[str, float]:
        """How exactly a line meets each design variable: standard deviations."""
        own = {
            name: (high - low) / 100 if one.tolerance is None else one.tolerance
            for name, one in self.design.variables.items()
            for low, high in (one.bounds,)
            if one.choices is None
        }
        return {**self.optimum.tolerance_pct.model_dump(), **own}

    def at(self, recipe: Mapping[str, Any]) -> Campaign:
        """Config of electrodes with these values of the campaign's own design variables.

        See `mesocast.config.derived.config_at`.
        """
        return config_at(self, recipe)

    def stage_of(self, name: str) -> str:
        """First stage whose physics a design variable changes.

        Raises
        ------
        InputError
            It changes nothing that is simulated.
        """
        if name in PARAMETERS:
            return "calendering" if name == PARAMETERS[-1] else "slurry"
        return self._stages[name]

    @cached_property
    def _stages(self) -> dict[str, str]:
        return stages_of(self)

    def physics(self, stage: str) -> str:
        """Identity of a stage's physics: its version and a digest of all settings it depends on.

        Two configs with the same text here give the same simulation for the same recipe and seed.
        """
        shared: dict[str, Any] = {
            "materials": self.materials.identity(measured=stage == "characterization"),
            "force_fields": self.force_fields.model_dump(mode="json"),
        }
        if stage in ("slurry", "viscosity"):
            shared["force_fields"] = {"slurry": shared["force_fields"]["slurry"]}
        if stage == "slurry":
            shared["electrode"] = self.electrode.model_dump(mode="json")
        if stage == "calendering":
            shared["force_fields"] = {"dried": shared["force_fields"]["dried"]}
        if stage == "characterization":
            shared.pop("force_fields")
            # They change no film, only the pressures and line loads that are told.
            shared["pressure_scale"] = self.calendering.pressure_scale
            if self.calendering.roll_diameter_mm is not None:
                shared["roll_diameter_mm"] = self.calendering.roll_diameter_mm
        shared["settings"] = getattr(self, stage).model_dump(mode="json")
        self._drop_unused(stage, shared["settings"])
        if self.design.variables or self.design.formulas:
            # Another key under the same name is another physics.
            keys = {name: one.key for name, one in self.design.variables.items()}
            shared["set"] = {"keys": keys, "formulas": self.design.formulas}
            if materials := materials_of(self.design.variables):
                shared["set"]["materials"] = materials
        text = json.dumps(shared, sort_keys=True)
        return f"v{PHYSICS_VERSIONS[stage]}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"

    def _drop_unused(self, stage: str, settings: dict[str, Any]) -> None:
        """Leave out a stage's settings that change nothing as they are."""
        if stage == "drying" and not settings["peclet_number"]:
            settings.pop("peclet_number")
        if stage == "characterization":
            for name in ("contacts", "infiltration"):
                if name not in settings["measurements"]:
                    settings.pop(name)
            if not settings["measurements"]:
                settings.pop("measurements")
        if stage == "calendering":
            self._drop_unused_of_pressing(settings)

    def _drop_unused_of_pressing(self, settings: dict[str, Any]) -> None:
        to = self.calendering.to
        if to is None or not (to.pressure_MPa or to.line_load_N_mm):
            settings.pop("pressure_scale")
        if to is None or not to.line_load_N_mm:
            settings.pop("roll_diameter_mm")
        if to is None:
            settings.pop("to")
        if settings["passes"] == 1:
            settings.pop("passes")

    def check_physics(self, *stages: str, asked: str | None) -> None:
        """Refuse to go on when the workflow asked for another physics of these stages.

        Raises
        ------
        InputError
            The config changed while its campaign ran.
        """
        now = "+".join(self.physics(name) for name in stages)
        if stages and asked is not None and asked != now:
            raise InputError(
                f"--physics = {asked}: the config now asks for {now}; "
                "allowed: a config that stays as it is while its campaign runs (start it again)"
            )
