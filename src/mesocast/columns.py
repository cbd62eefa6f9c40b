"""The row that describes one electrode: ``conditions/<id>/properties.json``."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mesocast.errors import InputError

Share = Annotated[float, Field(ge=0, le=1)]
Percentage = Annotated[float, Field(ge=0, le=100)]
AtLeastZero = Annotated[float, Field(ge=0)]

# The four properties that surrogates describe and the optimizer balances.
Target = Literal[
    "tortuosity_factor", "electronic_conductivity_S_m", "active_surface_pct", "density_g_cm3"
]
TARGETS: tuple[Target, ...] = get_args(Target)

# The three numbers of a recipe.
PARAMETERS = ("am_pct", "sc_pct", "cr_pct")


def _column(description: str, unit: str = "", **limits: Any) -> Any:
    return Field(description=description, json_schema_extra={"unit": unit}, **limits)


def _measured(description: str, unit: str = "") -> Any:
    return Field(None, description=description, json_schema_extra={"unit": unit})


class Properties(BaseModel):
    """One row of the dataset; what failed or was not reached is empty, and ``status`` says why."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    condition_id: str = _column("Identifier of the electrode.")
    slurry_id: str = _column("Identifier of the slurry it was made from.")
    round: int = _column("0 for the design, then the round that proposed it.", ge=0)
    seed: int = _column("Seed of the slurry's random placement.", ge=0)
    status: str = _column("ok, or in one word what failed.")
    reason: str = _column("What failed, in one sentence with numbers; empty when ok.")
    am_pct: Percentage = _column("Active material in the dry solids.", "wt %")
    sc_pct: Percentage = _column("Solids in the slurry.", "wt %")
    cr_pct: Percentage = _column(
        "Net compression rate asked for: compression at the lowest gap over the thickness "
        "without foil.",
        "%",
    )
    cr_imposed_pct: float | None = _measured("Net compression rate reached at the lowest gap.", "%")
    cr_gross_pct: float | None = _measured(
        "Compression rate reached, of the thickness with the collector foil.", "%"
    )
    cr_retained_pct: float | None = _measured(
        "Compression that is left after the film sprang back.", "%"
    )
    pressure_max_MPa: AtLeastZero | None = _measured(
        "Largest pressure during calendering, at the config's pressure_scale; empty without one "
        "(not calibrated).",
        "MPa",
    )
    pressure_model_kPa: AtLeastZero | None = _measured(
        "Largest pressure on the plane in the model, whose binder is not as hard as a real one: "
        "only ratios count.",
        "kPa",
    )
    inertial_number: AtLeastZero | None = _measured(
        "How dynamic the calendering was (GDR MiDi 2004); quasi-static below some 0.01."
    )
    thickness_um: AtLeastZero | None = _measured(
        "Net thickness (without foil): the height below which 99 % of the sphere volume lies, "
        "over 0.99.",
        "um",
    )
    density_g_cm3: AtLeastZero | None = _measured("Known mass over area times thickness.", "g/cm3")
    mass_loading_mg_cm2: AtLeastZero | None = _measured("Dry mass over area.", "mg/cm2")
    porosity_bulk: Share | None = _measured(
        "Pore share of the volume outside of the spheres; CBD counts as solid."
    )
    porosity_total: Share | None = _measured("porosity_bulk plus the nanopores inside the CBD.")
    am_fraction: Share | None = _measured("Volume share of the active material.")
    cbd_fraction: Share | None = _measured("Volume share of the CBD, nanopores included.")
    overlap_pct: float | None = _measured(
        "Volume that overlapping spheres share, of the summed sphere volume.", "%"
    )
    cut_volume_pct: float | None = _measured(
        "Sphere volume outside the thickness, which no share counts, of the summed volume.", "%"
    )
    active_surface_pct: Percentage | None = _measured(
        "Active-material surface that faces pore, of all active-material surface.", "%"
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
        "Effective electronic conductivity through the thickness.", "S/m"
    )
    electronic_conductivity_relative: AtLeastZero | None = _measured(
        "The same over the conductivity of the CBD."
    )
    tortuosity_factor: AtLeastZero | None = _measured(
        "Tortuosity factor of the pores through the thickness: porosity over effective "
        "diffusivity, CBD impermeable."
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


# Columns that hold a number where an electrode is ok.
MEASURED = tuple(
    name
    for name, field in Properties.model_fields.items()
    if field.default is None and "float" in str(field.annotation)
)


def unit_of(name: str) -> str:
    """Unit of a column; empty for numbers without one."""
    extra = Properties.model_fields[name].json_schema_extra
    return str(extra.get("unit", "")) if isinstance(extra, dict) else ""


def kind_of(name: str) -> str:
    """Type of a column in the words of Frictionless Data: string, integer or number."""
    annotation = Properties.model_fields[name].annotation
    text = str(annotation)
    if annotation is int:
        return "integer"
    return "number" if "float" in text else "string"


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


_NAMES = {
    "am_pct": "Active material",
    "sc_pct": "Solid content",
    "cr_pct": "Compression rate",
    "cr_imposed_pct": "Compression reached",
    "cr_gross_pct": "Compression reached, with foil",
    "cr_retained_pct": "Compression retained",
    "tortuosity_factor": "Tortuosity factor",
    "electronic_conductivity_S_m": "Electronic conductivity",
    "active_surface_pct": "Active surface",
    "density_g_cm3": "Density",
    "porosity_bulk": "Bulk porosity",
    "porosity_total": "Total porosity",
    "thickness_um": "Thickness",
    "pressure_max_MPa": "Largest pressure",
    "pressure_model_kPa": "Largest pressure in the model",
    "inertial_number": "Inertial number",
}

_UNITS = {"um": "µm", "g/cm3": "g/cm³", "mg/cm2": "mg/cm²", "1/um": "1/µm"}

# Letters of the equations; the inputs are fractions there, not percent.
PROPERTY_SYMBOLS = {
    "tortuosity_factor": "τ",
    "electronic_conductivity_S_m": "σ",
    "active_surface_pct": "A",
    "density_g_cm3": "ρ",
}


def name_of(column: str) -> str:
    """Name of a column for people."""
    return _NAMES.get(column, column)


def unit_text(column: str) -> str:
    """Unit of a column with its proper signs; empty for numbers without one."""
    unit = unit_of(column) if column in Properties.model_fields else ""
    return _UNITS.get(unit, unit)


def with_unit(column: str, name: str | None = None) -> str:
    """Name of a column, or another one for it, with the column's unit, as for an axis."""
    unit = unit_text(column)
    name = name or name_of(column)
    return f"{name} ({unit})" if unit else name
