"""Which columns measure the same by another convention."""

from __future__ import annotations

#: Per property, the columns that say the same by another convention, with the convention in words.
#: Constant multiples and fixed functions of a recipe are left out where they change no optimum.
CONVENTIONS: dict[str, dict[str, str]] = {
    "tortuosity_factor": {
        "tortuosity_factor_permeable_cbd": "tortuosity factor, CBD permeable",
        "tortuosity_factor_percolating": "tortuosity factor, of percolating pores",
        "tortuosity_factor_voxel": "tortuosity factor, of sharp voxels",
        "tortuosity": "tortuosity, square root of the factor",
        "tortuosity_permeable_cbd": "tortuosity, CBD permeable",
    },
    "active_surface_pct": {
        "specific_active_surface_1_um": "active surface per electrode volume",
        "active_surface_voxel_faces_pct": "active surface, of voxel faces",
        "active_surface_marching_cubes_pct": "active surface, of marching cubes",
        "specific_active_surface_marching_cubes_1_um": "active surface per volume, marching cubes",
    },
    "porosity_bulk": {"porosity_total": "porosity with the CBD's nanopores"},
    "cr_imposed_pct": {"cr_retained_pct": "compression retained"},
}
