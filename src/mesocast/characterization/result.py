"""What the characterization gives: columns of the data set, tables, image and fields."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mesocast.characterization.further import Further
from mesocast.columns import with_unit

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from mesocast.characterization.geometry.bead_surface import ActiveSurface
    from mesocast.characterization.geometry.pore_size import PoreSizes
    from mesocast.characterization.transport.field import Field
    from mesocast.characterization.voxels import VoxelImage


@dataclass(frozen=True)
class Failure:
    """A quantity without a result: which, a status word, and one sentence with the numbers."""

    quantity: str
    status: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What any voxel image gives; a property without a result is None and has a failure.

    Parameters
    ----------
    thickness_um
        Height of the image; of an electrode ``Electrode.thickness_um``, the net thickness without
        the collector foil.
    am_fraction, cbd_fraction
        Volume share of the phases; of an electrode the union of its spheres (where they overlap,
        active material wins), on the grid of volume_voxel_size_um.
    porosity_bulk
        What is left: CBD counts as solid.
    porosity_total
        porosity_bulk plus the pores inside the CBD (nanoporosity times cbd_fraction).
    electronic_conductivity_S_m
        Effective electronic conductivity of active material and CBD along z.
    electronic_conductivity_relative
        The same, relative to the conductivity of the CBD.
    pore_euler_1_um3
        ``euler_characteristic`` of the pore space over the volume of the image.
    porosity_image
        Porosity of the transport grid (voxel_size_um).
    mean_pore_diameter_um
        See ``pore_sizes``.
    tortuosity_factor_voxel
        The tortuosity factor of the sharp voxels of `image`: what TauFactor gives for it. None
        where they close the pores, which is no failure of the electrode.
    active_surface_voxel_faces_pct, active_surface_marching_cubes_pct
        Share of the active material's surface that faces pore, by ``area_by_voxel_faces`` and
        ``area_by_marching_cubes``; None without active material.
    specific_active_surface_voxel_faces_1_um, specific_active_surface_marching_cubes_1_um
        The area that faces pore over the volume, by the same.
    conductivity_resolution_error
        Relative change of the result when the edge of the voxels doubles: an estimate of what is
        left to the limit of small voxels. None where nothing percolates at the double edge.
    tortuosity_solver_error, conductivity_solver_error
        See ``ConductionSolution.solver_error``.
    tortuosity_solver_tolerance, conductivity_solver_tolerance
        See ``ConductionSolution.solver_tolerance``.
    tortuosity_flux_imbalance, conductivity_flux_imbalance
        See ``ConductionSolution.flux_imbalance``.
    voxel_size_um, cbd_relative_diffusivity
        As asked for; the edge of an image is the geometric mean of its three edges.
    transport_method, conductivity_method
        As asked for: of the pores (permeable CBD included), of the conductivity.
    image
        The voxel image of the transport problem.
    pore_sizes
        Distribution of the pores' diameters; None without pores.
    profile
        The image whose layers give the profiles through the thickness.
    fields
        Fields of the transport problems by the name of the network, ``pore`` and ``solid``; those
        without a solution are missing.
    failures
        Empty when every property has a result.
    further
        What was asked for besides; see ``measure_further``.
    """

    thickness_um: float
    am_fraction: float
    cbd_fraction: float
    porosity_bulk: float
    porosity_total: float
    electronic_conductivity_S_m: float | None
    electronic_conductivity_relative: float | None
    pore_euler_1_um3: float
    porosity_image: float
    mean_pore_diameter_um: float | None
    tortuosity_factor_voxel: float | None
    active_surface_voxel_faces_pct: float | None
    active_surface_marching_cubes_pct: float | None
    specific_active_surface_voxel_faces_1_um: float
    specific_active_surface_marching_cubes_1_um: float
    conductivity_resolution_error: float | None
    tortuosity_solver_error: float | None
    conductivity_solver_error: float | None
    tortuosity_solver_tolerance: float | None
    conductivity_solver_tolerance: float | None
    tortuosity_flux_imbalance: float | None
    conductivity_flux_imbalance: float | None
    voxel_size_um: float
    cbd_relative_diffusivity: float
    transport_method: str
    conductivity_method: str
    image: VoxelImage
    pore_sizes: PoreSizes | None
    profile: VoxelImage
    fields: dict[str, Field]
    failures: tuple[Failure, ...]
    further: Further = field(default_factory=Further)

    @property
    def status(self) -> str:
        """``"ok"``, or the status of the first failure."""
        return self.failures[0].status if self.failures else "ok"

    @property
    def reason(self) -> str:
        """All failures in one line; empty when ok."""
        return "; ".join(f"{failure.quantity}: {failure.reason}" for failure in self.failures)

    def row(self) -> dict[str, float | str | None]:
        """All properties by name, as plain Python numbers and strings."""
        names = (one.name for one in dataclasses.fields(self))
        own = {name: getattr(self, name) for name in names if name not in NO_COLUMNS}
        return own | self.further.columns

    def plot(self) -> Figure:
        """Draw two sections through the image."""
        return self.image.plot()

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{with_unit(name)}</td>"
            f"<td>{format(value, '.4g') if isinstance(value, float) else value}</td></tr>"
            for name, value in self.row().items()
            if value is not None
        )
        reason = f"<p>{self.status}: {self.reason}</p>" if self.failures else ""
        return f"{reason}<table><tr><th>property</th><th>value</th></tr>{rows}</table>"


@dataclass(frozen=True, kw_only=True)
class ImageProperties(Measured):
    """Properties of a voxel image of any source: its transport is that of sharp voxels.

    Sharp voxels narrow the throats, so that these numbers are 1.2 to 3 times those of the spheres
    that an image shows; they bear other names than those of ``Characterization``.

    Parameters
    ----------
    tortuosity_factor_percolating_voxel
        The tortuosity factor with the porosity of the percolating pores only.
    tortuosity_voxel
        Square root of the tortuosity factor.
    bruggeman_exponent_voxel
        b in: effective diffusivity = porosity_image^b (1.5 for Bruggeman's spheres).
    pore_percolating_voxel_pct
        Share of the pore volume that connects collector and surface.
    tortuosity_factor_permeable_cbd_voxel
        Pores and CBD, with cbd_relative_diffusivity inside the CBD: total porosity (of the image,
        nanopores included) over effective diffusivity.
    tortuosity_permeable_cbd_voxel
        Its square root.
    tortuosity_resolution_error_voxel
        Relative change of the tortuosity factor when the edge of the voxels doubles.
    other_fraction
        Volume share of what is neither pore nor active material nor CBD.
    """

    tortuosity_factor_percolating_voxel: float | None
    tortuosity_voxel: float | None
    bruggeman_exponent_voxel: float | None
    pore_percolating_voxel_pct: float | None
    tortuosity_factor_permeable_cbd_voxel: float | None
    tortuosity_permeable_cbd_voxel: float | None
    tortuosity_resolution_error_voxel: float | None
    other_fraction: float


@dataclass(frozen=True, kw_only=True)
class Characterization(Measured):
    """Properties of an electrode of spheres.

    Parameters
    ----------
    tortuosity_factor
        Pores only: porosity_image / effective diffusivity (TauFactor's convention), by the method
        in transport_method.
    tortuosity_factor_percolating
        The same with the porosity of the percolating pores only.
    tortuosity
        Square root of the tortuosity factor.
    bruggeman_exponent
        b in: effective diffusivity = porosity_image^b (1.5 for Bruggeman's spheres).
    pore_percolating_pct
        Share of the pore volume that connects collector and surface.
    tortuosity_factor_permeable_cbd
        Pores and CBD, with cbd_relative_diffusivity inside the CBD: total porosity (of the image,
        nanopores included) over effective diffusivity.
    tortuosity_permeable_cbd
        Its square root.
    tortuosity_resolution_error
        As conductivity_resolution_error, of the tortuosity factor.
    density_g_cm3
        Known mass of the beads over area times thickness.
    mass_loading_mg_cm2
        Known mass of the beads over area.
    overlap_pct
        (nominal - union) / nominal volume of the spheres within the film.
    cut_volume_pct
        Share of the nominal volume above the thickness or below the collector plane, which no
        volume fraction counts.
    active_surface_pct, am_surface_on_cbd_pct, am_surface_on_am_pct, am_surface_on_collector_pct
        Shares of the surface of all active-material spheres (the sum of 4 pi r^2) that face
        pore, CBD within the coverage tolerance, other active material, and the collector; they
        add up to 100.
    specific_active_surface_1_um
        Active surface over area times thickness.
    volume_voxel_size_um, coverage_tolerance_um
        As asked for.
    surface
        The same for each particle.
    """

    tortuosity_factor: float | None
    tortuosity_factor_percolating: float | None
    tortuosity: float | None
    bruggeman_exponent: float | None
    pore_percolating_pct: float | None
    tortuosity_factor_permeable_cbd: float | None
    tortuosity_permeable_cbd: float | None
    tortuosity_resolution_error: float | None
    density_g_cm3: float
    mass_loading_mg_cm2: float
    overlap_pct: float
    cut_volume_pct: float
    active_surface_pct: float
    am_surface_on_cbd_pct: float
    am_surface_on_am_pct: float
    am_surface_on_collector_pct: float
    specific_active_surface_1_um: float
    volume_voxel_size_um: float
    coverage_tolerance_um: float
    surface: ActiveSurface


NO_COLUMNS = ("image", "pore_sizes", "profile", "fields", "failures", "further", "surface")
