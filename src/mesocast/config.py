"""A campaign's config: one YAML file, checked whole before any job starts."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

import yaml
from pydantic import BaseModel, Field, ValidationError, model_validator

from mesocast.errors import InputError
from mesocast.materials import ForceFields, Materials, NonNegative, Positive, Section
from mesocast.properties import PARAMETERS, TARGETS
from mesocast.search_settings import (
    OptimumSettings,
    RoundSettings,
    SurrogateSettings,
    VerificationSettings,
)
from mesocast.stages import CalenderingSettings, DryingSettings, SlurrySettings
from mesocast.viscosity import ViscositySettings

Percent = Annotated[float, Field(gt=0, lt=100)]
CompressionRate = Annotated[float, Field(ge=0, lt=60)]

# Part of every simulation's identity: raise a number when the physics of that stage changes, and
# every campaign simulates that stage and those after it again.
PHYSICS_VERSIONS = {
    "slurry": 2,
    "drying": 2,
    "calendering": 2,
    "characterization": 3,
    "viscosity": 1,
}


def _merged(default: Any, change: Any) -> Any:
    """Lay a change over a default, section by section."""
    if not (isinstance(default, dict) and isinstance(change, dict)):
        return change
    return default | {key: _merged(default.get(key), value) for key, value in change.items()}


class _Range(Section):
    @model_validator(mode="after")
    def _ordered(self) -> Self:
        low, high = getattr(self, "min"), getattr(self, "max")  # noqa: B009 - set by subclasses
        if low >= high:
            raise ValueError(f"min = {low:g}, max = {high:g}; allowed: min below max")
        return self


class PercentRange(_Range):
    """Bounds of a mass share, wt %."""

    min: Percent = Field(description="Lower bound.")
    max: Percent = Field(description="Upper bound.")


class CompressionRange(_Range):
    """Bounds of the net compression rate, % of the thickness."""

    min: CompressionRate = Field(description="Lower bound.")
    max: CompressionRate = Field(description="Upper bound.")


class ListedRecipe(Section):
    """A recipe of the user's own: one slurry and its compression rates."""

    am_pct: Percent = Field(description="Active material, wt % of the dry solids.")
    sc_pct: Percent = Field(description="Solid content of the slurry, wt %.")
    cr_pct: tuple[CompressionRate, ...] = Field(
        min_length=1, description="Net compression rates of its electrodes."
    )


class Design(Section):
    """Which recipes are simulated."""

    am_pct: PercentRange = PercentRange(min=86, max=96)
    sc_pct: PercentRange = PercentRange(min=45, max=71)
    cr_pct: CompressionRange = CompressionRange(min=0, max=40)
    slurries: Annotated[int, Field(ge=1, le=9999)] = Field(
        30, description="Slurries, that is pairs of active material and solid content."
    )
    conditions: Annotated[int, Field(ge=1, le=999_999)] = Field(
        174, description="Electrodes, that is slurries with a compression rate."
    )
    pairing: Literal["rotated", "random"] = Field(
        "rotated",
        description="How compression rates are dealt to slurries: `rotated` spreads them evenly "
        "over each slurry; `random` draws them without repeats, as published.",
    )

    recipes: tuple[ListedRecipe, ...] = Field(
        (),
        description="Recipes to simulate in place of the Sobol design; `slurries`, `conditions` "
        "and `pairing` are then not used.",
    )
    dataset: str | None = Field(
        None,
        description="Electrodes that are there already, in place of the Sobol design: a dataset "
        "of Mesocast (`.parquet` or `.csv`), its path from where the campaign is started. Only "
        "the verification is then simulated.",
    )
    seeds_per_recipe: Annotated[int, Field(ge=1, le=99)] = Field(
        1, description="Slurries made from each listed recipe, each with another random start."
    )

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if self.dataset is not None and self.recipes:
            raise ValueError("dataset and recipes are both given; allowed: one of them")
        return self

    @model_validator(mode="after")
    def _enough_conditions(self) -> Self:
        if self.slurries > self.conditions:
            raise ValueError(
                f"slurries = {self.slurries} exceeds conditions = {self.conditions}; "
                "allowed: at most one slurry per condition"
            )
        return self


class ElectrodeSettings(Section):
    """How much electrode is simulated."""

    mass_ug: Positive = Field(0.1, description="Dry mass of the simulated piece.")
    mass_loading_mg_cm2: Positive = Field(6.7, description="Dry mass per area.")


class CharacterizationSettings(Section):
    """How a microstructure is measured."""

    voxel_size_um: Positive = Field(0.25, description="Edge of a voxel; grids are commensurate.")
    collector_thickness_um: NonNegative = Field(
        22.0, description="Thickness of the foil, for the gross compression rate only."
    )
    coverage_tolerance_um: NonNegative = Field(
        0.18,
        description="Active-material surface this close to a CBD bead counts as covered by it; "
        "calibrated on the published share at one electrode (docs/characterization.md).",
    )
    cbd_relative_diffusivity: Annotated[float, Field(gt=0, lt=1)] = Field(
        0.05,
        description="Diffusivity inside the CBD over that in the pores, for the second tortuosity "
        "factor, which counts the CBD as permeable.",
    )
    transport_method: Literal["aperture", "multigrid", "taufactor"] = Field(
        "aperture",
        description="Solver for the pores: `aperture` (from the spheres; the most accurate), "
        "`multigrid` or `taufactor` (sharp voxels).",
    )
    conductivity_method: Literal["multigrid", "taufactor"] = Field(
        "multigrid", description="Solver for the electronic conductivity (sharp voxels)."
    )


class CostModel(Section):
    """What a job costs, for dry-runs and requests; `mesocast costs` fits it to a campaign."""

    slurry_s_per_1000_beads: Positive = Field(
        4.0, description="CPU time of mixing a slurry, per thousand beads."
    )
    drying_s_per_1000_beads: Positive = Field(
        84.0, description="CPU time of drying a slurry, per thousand beads, at 2 ns per step."
    )
    calendering_s_per_1000_beads: Positive = Field(
        31.0, description="CPU time of one calendering, per thousand beads, at 2 ns per step."
    )
    characterization_s: NonNegative = Field(
        5.0, description="CPU time of the characterization of few voxels."
    )
    characterization_s_per_million_voxels: Positive = Field(
        4.0, description="CPU time of the characterization, per million voxels."
    )
    simulation_MB: Positive = Field(90.0, description="Memory of a simulation of few beads.")
    simulation_MB_per_1000_beads: Positive = Field(
        28.0, description="Memory of a simulation at its end, per thousand beads."
    )
    characterization_MB: Positive = Field(
        420.0, description="Memory of the characterization of few voxels."
    )
    characterization_MB_per_million_voxels: Positive = Field(
        250.0, description="Memory of the characterization, per million voxels."
    )


class JobSettings(Section):
    """How jobs run. Nothing here changes a result."""

    restart_interval_s: NonNegative = Field(
        600.0, description="Wall time between two restarts: what a kill without warning costs."
    )
    wall_time_margin_s: NonNegative = Field(
        120.0, description="How long before its wall-time a SLURM job stops with a restart."
    )
    conditions_per_job: Annotated[int, Field(ge=1, le=1000)] = Field(
        1, description="Electrodes of one slurry that one job calenders and characterizes."
    )


class Campaign(Section):
    """A whole campaign: what is simulated, how, and what is sought."""

    campaign: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")] = Field(
        description="Name of the campaign and of its folder under results/."
    )
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = Field(
        1, description="Seed from which all others follow."
    )
    design: Design = Design()
    electrode: ElectrodeSettings = ElectrodeSettings()
    materials: Materials = Materials()
    force_fields: ForceFields = ForceFields()
    slurry: SlurrySettings = SlurrySettings()
    drying: DryingSettings = DryingSettings()
    calendering: CalenderingSettings = CalenderingSettings()
    characterization: CharacterizationSettings = CharacterizationSettings()
    viscosity: ViscositySettings = ViscositySettings()
    surrogates: SurrogateSettings = SurrogateSettings()
    optimum: OptimumSettings = OptimumSettings()
    rounds: RoundSettings = RoundSettings()
    verification: VerificationSettings = VerificationSettings()
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

    @property
    def modelled(self) -> tuple[str, ...]:
        """Properties that get a surrogate: the targets and what is constrained besides."""
        constrained = (n for n in self.optimum.constraints if n not in (*TARGETS, *PARAMETERS))
        return (*TARGETS, *constrained)

    def physics(self, stage: str) -> str:
        """Identity of a stage's physics: its version and a digest of all settings it depends on.

        Two configs with the same text here give the same simulation for the same recipe and seed.
        """
        shared: dict[str, Any] = {
            "materials": self.materials.model_dump(mode="json"),
            "force_fields": self.force_fields.model_dump(mode="json"),
        }
        # Names are for people, conductivities for the characterization.
        for part in shared["materials"].values():
            part.pop("name", None)
            conductivity = part.pop("electronic_conductivity_S_m", None)
            if stage == "characterization":
                part["electronic_conductivity_S_m"] = conductivity
        if stage in ("slurry", "viscosity"):
            shared["force_fields"].pop("dried")
        if stage == "slurry":
            shared["electrode"] = self.electrode.model_dump(mode="json")
        if stage == "calendering":
            shared["force_fields"].pop("slurry")
        if stage == "characterization":
            shared.pop("force_fields")
        shared["settings"] = getattr(self, stage).model_dump(mode="json")
        text = json.dumps(shared, sort_keys=True)
        return f"v{PHYSICS_VERSIONS[stage]}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"

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


def load(path: Path) -> Campaign:
    """Read and check a config.

    Raises
    ------
    InputError
        One line that names file, key, value and what is allowed.
    """
    try:
        content = yaml.safe_load(path.read_text())
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file; allowed: the path of a campaign's YAML") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({error})") from error
    except yaml.YAMLError as error:
        raise InputError(f"{path}: broken YAML: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict):
        kind = {list: "a list", type(None): "nothing"}.get(type(content), "a single value")
        raise InputError(f"{path}: holds {kind}; allowed: keys and values as in config/README.md")
    try:
        campaign = Campaign.model_validate(content)
    except ValidationError as error:
        raise InputError(f"{path}: {_first_error(error)}") from error
    if campaign.design.dataset is not None:
        from mesocast.dataset import read_file

        try:
            read_file(Path(campaign.design.dataset))
        except InputError as error:
            raise InputError(f"{path}: design.dataset: {error}") from error
    _check_films(campaign, path)
    if "pysr" in campaign.surrogates.methods:
        _check_pysr(path)
    return campaign


def _check_pysr(path: Path) -> None:
    """Refuse PySR before any job starts where it is not installed."""
    from mesocast.surrogates.pysr import require_installed

    try:
        require_installed()
    except InputError as error:
        raise InputError(f"{path}: surrogates: {error}") from error


def _check_films(campaign: Campaign, path: Path) -> None:
    """Refuse films that cannot be built, at the corners of the design."""
    from mesocast.composition import compose

    design = campaign.design
    for am_pct in (design.am_pct.min, design.am_pct.max):
        for sc_pct in (design.sc_pct.min, design.sc_pct.max):
            try:
                compose(
                    campaign.materials,
                    am_pct=am_pct,
                    sc_pct=sc_pct,
                    mass_ug=campaign.electrode.mass_ug,
                    mass_loading_mg_cm2=campaign.electrode.mass_loading_mg_cm2,
                )
            except InputError as error:
                raise InputError(f"{path}: {error}") from error


def _first_error(error: ValidationError) -> str:
    """Put pydantic's first finding in one line: key, value, what is allowed."""
    finding = error.errors()[0]
    where = ".".join(str(part) for part in finding["loc"])
    if finding["type"] == "extra_forbidden":
        return f"{where}: unknown key; allowed here: {', '.join(_allowed(finding['loc'][:-1]))}"
    if finding["type"] == "missing":
        return f"{where}: is missing; allowed: a value as in config/README.md"
    message = finding["msg"].removeprefix("Value error, ")
    if finding["type"] == "value_error":
        return f"{where}: {message}" if where else message
    return f"{where} = {finding['input']!r}: {message[0].lower()}{message[1:]}"


def _allowed(location: tuple[int | str, ...]) -> list[str]:
    """Keys of the section at a location of the config."""
    model: Any = Campaign
    for part in location:
        annotation = model.model_fields[part].annotation if part in model.model_fields else None
        candidates = [annotation, *get_args(annotation)]
        sections = [c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)]
        if not sections:
            break
        model = sections[0]
    return list(model.model_fields)
