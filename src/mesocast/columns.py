"""The row that describes one electrode: ``conditions/<id>/properties.json``."""

from __future__ import annotations

from typing import Annotated, Any, Literal, cast, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mesocast.errors import InputError

Share = Annotated[float, Field(ge=0, le=1)]
Percentage = Annotated[float, Field(ge=0, le=100)]
AtLeastZero = Annotated[float, Field(ge=0)]

ColumnType = Literal["integer", "number", "string"]
Direction = Literal["minimize", "maximize"]

# The four properties that surrogates describe and the optimizer balances in every campaign; the
# goals of a config add to them.
TARGETS = (
    "tortuosity_factor",
    "electronic_conductivity_S_m",
    "active_surface_pct",
    "density_g_cm3",
)

# The three numbers of a recipe.
PARAMETERS = ("am_pct", "sc_pct", "cr_pct")


def _told(unit: str, label: str, symbol: str, better: Direction | None, prefix: str) -> Any:
    """Metadata of a column; what is not given follows from its name (`name_of` and so on)."""
    given = {"label": label, "symbol": symbol, "better": better, "prefix": prefix}
    return {"unit": unit, **{key: value for key, value in given.items() if value}}


def _column(
    description: str, unit: str = "", *, label: str = "", symbol: str = "", **limits: Any
) -> Any:
    extra = _told(unit, label, symbol, None, "")
    return Field(description=description, json_schema_extra=extra, **limits)


def _measured(
    description: str,
    unit: str = "",
    *,
    label: str = "",
    symbol: str = "",
    better: Direction | None = None,
    prefix: str = "",
) -> Any:
    extra = _told(unit, label, symbol, better, prefix)
    return Field(None, description=description, json_schema_extra=extra)


class Properties(BaseModel):
    """One row of the dataset; what failed or was not reached is empty, and ``status`` says why."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    condition_id: str = _column("Identifier of the electrode.")
    slurry_id: str = _column("Identifier of the slurry it was made from.")
    round: int = _column("0 for the design, then the round that proposed it.", ge=0)
    seed: int = _column("Seed of the slurry's random placement.", ge=0)
    status: str = _column("ok, or in one word what failed.")
    reason: str = _column("What failed, in one sentence with numbers; empty when ok.")
    am_pct: Percentage = _column(
        "Active material in the dry solids.", "wt %", label="Active material", symbol="AM"
    )
    sc_pct: Percentage = _column(
        "Solids in the slurry.", "wt %", label="Solid content", symbol="SC"
    )
    cr_pct: Percentage = _column(
        "Net compression rate asked for: compression at the lowest gap over the thickness "
        "without foil.",
        "%",
        label="Compression rate",
        symbol="CR",
    )
    cr_imposed_pct: float | None = _measured(
        "Net compression rate reached at the lowest gap.", "%", label="Compression reached"
    )
    cr_gross_pct: float | None = _measured(
        "Compression rate reached, of the thickness with the collector foil.",
        "%",
        label="Compression reached, with foil",
    )
    cr_retained_pct: float | None = _measured(
        "Compression that is left after the film sprang back.", "%", label="Compression retained"
    )
    pressure_max_MPa: AtLeastZero | None = _measured(
        "Largest pressure on the plane during calendering.", "MPa", label="Largest pressure"
    )
    inertial_number: AtLeastZero | None = _measured(
        "How dynamic the calendering was (GDR MiDi 2004); quasi-static below some 0.01.",
        label="Inertial number",
    )
    thickness_um: AtLeastZero | None = _measured(
        "Net thickness (without foil): the height below which 99 % of the sphere volume lies, "
        "over 0.99.",
        "um",
        label="Thickness",
    )
    density_g_cm3: AtLeastZero | None = _measured(
        "Known mass over area times thickness.",
        "g/cm3",
        label="Density",
        symbol="ρ",
        better="maximize",
        prefix="VD",
    )
    mass_loading_mg_cm2: AtLeastZero | None = _measured("Dry mass over area.", "mg/cm2")
    porosity_bulk: Share | None = _measured(
        "Pore share of the volume outside of the spheres; CBD counts as solid.",
        label="Bulk porosity",
        symbol="ε",
    )
    porosity_total: Share | None = _measured(
        "porosity_bulk plus the nanopores inside the CBD.", label="Total porosity"
    )
    am_fraction: Share | None = _measured("Volume share of the active material.")
    cbd_fraction: Share | None = _measured("Volume share of the CBD, nanopores included.")
    overlap_pct: float | None = _measured(
        "Volume that overlapping spheres share, of the summed sphere volume.", "%"
    )
    cut_volume_pct: float | None = _measured(
        "Sphere volume outside the thickness, which no share counts, of the summed volume.", "%"
    )
    active_surface_pct: Percentage | None = _measured(
        "Active-material surface that faces pore, of all active-material surface.",
        "%",
        label="Active surface",
        symbol="A",
        better="maximize",
        prefix="VS",
    )
    am_surface_on_cbd_pct: Percentage | None = _measured(
        "Active-material surface that CBD covers.", "%"
    )
    am_surface_on_am_pct: Percentage | None = _measured(
        "Active-material surface inside other active material.", "%"
    )
    am_surface_on_collector_pct: Percentage | None = _measured(
        "Active-material surface on the collector.", "%"
    )
    specific_active_surface_1_um: AtLeastZero | None = _measured(
        "Active surface over electrode volume.", "1/um"
    )
    active_surface_voxel_faces_pct: Percentage | None = _measured(
        "Active-material surface that faces pore, of that which faces pore or CBD, by counting "
        "faces of the voxels of microstructure.tif.",
        "%",
    )
    active_surface_marching_cubes_pct: Percentage | None = _measured(
        "The same by marching cubes.", "%"
    )
    specific_active_surface_voxel_faces_1_um: AtLeastZero | None = _measured(
        "Area between active material and pore over electrode volume, by counting faces; about "
        "1.5 times the true area.",
        "1/um",
    )
    specific_active_surface_marching_cubes_1_um: AtLeastZero | None = _measured(
        "The same by marching cubes; about 1.1 times the true area.", "1/um"
    )
    electronic_conductivity_S_m: AtLeastZero | None = _measured(
        "Effective electronic conductivity through the thickness.",
        "S/m",
        label="Electronic conductivity",
        symbol="σ",
        better="maximize",
        prefix="VC",
    )
    electronic_conductivity_relative: AtLeastZero | None = _measured(
        "The same over the conductivity of the CBD."
    )
    tortuosity_factor: AtLeastZero | None = _measured(
        "Tortuosity factor of the pores through the thickness: porosity over effective "
        "diffusivity, CBD impermeable.",
        label="Tortuosity factor",
        symbol="τ",
        better="minimize",
        prefix="VT",
    )
    tortuosity_factor_percolating: AtLeastZero | None = _measured(
        "The same with the porosity of the percolating pores only."
    )
    tortuosity: AtLeastZero | None = _measured("Square root of the tortuosity factor.")
    bruggeman_exponent: float | None = _measured(
        "b in: effective diffusivity = porosity_image ^ b."
    )
    pore_percolating_pct: Percentage | None = _measured(
        "Pore volume that connects collector and surface, of all pore volume.", "%"
    )
    pore_euler_1_um3: float | None = _measured(
        "Euler characteristic of the pores of microstructure.tif over its volume: separate pores "
        "minus loops; the lower, the better connected.",
        "1/um3",
    )
    porosity_image: Share | None = _measured("Pore share of the transport image.")
    mean_pore_diameter_um: AtLeastZero | None = _measured(
        "Mean local thickness of the pores, up to a voxel too large.", "um"
    )
    tortuosity_factor_voxel: AtLeastZero | None = _measured(
        "Tortuosity factor of the sharp voxels of microstructure.tif, as TauFactor gives it; empty "
        "where they close the pores."
    )
    tortuosity_factor_permeable_cbd: AtLeastZero | None = _measured(
        "Tortuosity factor of pores and CBD together: total porosity over effective diffusivity, "
        "with cbd_relative_diffusivity inside the CBD."
    )
    tortuosity_permeable_cbd: AtLeastZero | None = _measured(
        "Square root of tortuosity_factor_permeable_cbd."
    )
    tortuosity_resolution_error: AtLeastZero | None = _measured(
        "Relative change of tortuosity_factor when the edge of the voxels doubles."
    )
    conductivity_resolution_error: AtLeastZero | None = _measured(
        "Relative change of electronic_conductivity_S_m when the edge of the voxels doubles."
    )
    tortuosity_solver_error: AtLeastZero | None = _measured(
        "Relative error from ending the iteration, as the solver estimates it, pore transport."
    )
    conductivity_solver_error: AtLeastZero | None = _measured(
        "Relative error from ending the iteration, as the solver estimates it, conduction."
    )
    tortuosity_solver_tolerance: AtLeastZero | None = _measured(
        "tortuosity_solver_error to stop at."
    )
    conductivity_solver_tolerance: AtLeastZero | None = _measured(
        "conductivity_solver_error to stop at."
    )
    tortuosity_flux_imbalance: AtLeastZero | None = _measured(
        "Largest difference of the flux between planes over its mean, pore transport."
    )
    conductivity_flux_imbalance: AtLeastZero | None = _measured(
        "Largest difference of the flux between planes over its mean, conduction."
    )
    voxel_size_um: AtLeastZero | None = _measured("Voxel edge of the transport image.", "um")
    volume_voxel_size_um: AtLeastZero | None = _measured(
        "Voxel edge of the image for volume shares.", "um"
    )
    coverage_tolerance_um: AtLeastZero | None = _measured(
        "Gap to CBD below which surface counts as covered.", "um"
    )
    cbd_relative_diffusivity: AtLeastZero | None = _measured(
        "Effective diffusivity inside the CBD over that in the electrolyte."
    )
    transport_method: str | None = _measured("Method of the tortuosity factors.")
    conductivity_method: str | None = _measured("Method of the electronic conductivity.")


def kind_of(name: str) -> ColumnType:
    """Type of a column in the words of Frictionless Data: string, integer or number."""
    annotation = Properties.model_fields[name].annotation
    if _holds(annotation, float):
        return "number"
    return "integer" if _holds(annotation, int) else "string"


def _holds(annotation: Any, kind: type) -> bool:
    """Whether values of an annotation may be of a type."""
    return annotation is kind or any(_holds(part, kind) for part in get_args(annotation))


# Columns that hold a number where an electrode is ok.
MEASURED = tuple(
    name
    for name, field in Properties.model_fields.items()
    if field.default is None and kind_of(name) == "number"
)


def unit_of(name: str) -> str:
    """Unit of a column; empty for numbers without one."""
    return _of(name, "unit")


def name_of(name: str) -> str:
    """Name of a column for people; the column's own where it has no other."""
    return _of(name, "label") or name


def symbol_of(name: str) -> str:
    """Letter of a column in equations and at narrow axes; its label where it has none."""
    return _of(name, "symbol") or name_of(name)


def better_of(name: str) -> Direction | None:
    """Which way a column is better where no goal says; None where that depends on the use."""
    found = _of(name, "better")
    return cast("Direction", found) if found else None


def prefix_of(name: str) -> str:
    """Give what identifiers of slurries begin with that are best in a column alone.

    Letters only, since the number of the seed follows; no two columns have the same.
    """
    letters = "".join(letter for letter in name if letter.isalpha())
    return _of(name, "prefix") or f"V{letters.upper()}"


def _of(name: str, key: str) -> str:
    """Metadata of a column; empty where it is not a column or has none."""
    field = Properties.model_fields.get(name)
    extra = field.json_schema_extra if field is not None else None
    return str(extra.get(key) or "") if isinstance(extra, dict) else ""


def check_row(content: dict[str, Any], where: str) -> Properties:
    """Check a row.

    Raises
    ------
    InputError
        A column is missing, unknown, or outside of what is possible.
    """
    try:
        return Properties.model_validate(content)
    except ValidationError as error:
        finding = error.errors()[0]
        column = ".".join(str(part) for part in finding["loc"])
        raise InputError(f"{where}: {column}: {finding['msg']}") from error


_UNITS = {"um": "µm", "g/cm3": "g/cm³", "mg/cm2": "mg/cm²", "1/um": "1/µm"}


def unit_text(column: str) -> str:
    """Unit of a column with its proper signs; empty for numbers without one."""
    unit = unit_of(column)
    return _UNITS.get(unit, unit)


def with_unit(column: str, name: str | None = None) -> str:
    """Name of a column, or another one for it, with the column's unit, as for an axis."""
    unit = unit_text(column)
    name = name or name_of(column)
    return f"{name} ({unit})" if unit else name
