"""Columns of measurements that a config asks for: ``characterization.measurements``."""

from __future__ import annotations

from mesocast.columns.column import Column

_BLOCKING: tuple[Column, ...] = (
    Column(
        "tortuosity_factor_blocking",
        "Tortuosity factor that a blocking impedance measurement finds (three times the resistance "
        "at low frequency, current into all pore walls), CBD impermeable.",
        label="Tortuosity factor by impedance",
        symbol="τ_e",
        direction="minimize",
        minimum=0,
    ),
    Column(
        "tortuosity_factor_blocking_permeable_cbd",
        "The same of pores and CBD together, over the total porosity; most of the double layer is "
        "inside the CBD.",
        label="Tortuosity factor by impedance, permeable CBD",
        direction="minimize",
        minimum=0,
    ),
)

_CONTACTS: tuple[Column, ...] = (
    Column(
        "electronic_conductivity_contacts_S_m",
        "Effective electronic conductivity through the thickness by contacts of beads, where CBD "
        "beads conduct inside of a skin that contacts must be pressed through.",
        "S/m",
        label="Electronic conductivity by contacts",
        symbol="σ_c",
        direction="maximize",
        minimum=0,
    ),
)

_FOUR_POINT: tuple[Column, ...] = (
    Column(
        "conductivity_four_point_S_m",
        "Electronic conductivity that a four-point probe reads on the coating on an insulator: "
        "that in the plane.",
        "S/m",
        label="Four-point conductivity",
        direction="maximize",
        minimum=0,
    ),
)

_INFILTRATION: tuple[Column, ...] = (
    *(
        Column(
            f"imbibition_pressure_{share}_kPa",
            f"Capillary pressure at which electrolyte has entered {share} % of the pore volume, if "
            "no gas were trapped.",
            "kPa",
            label=f"Capillary pressure at {share} % electrolyte",
            minimum=0,
        )
        for share in (10, 50, 90)
    ),
    Column(
        "drainage_pressure_50_kPa",
        "Capillary pressure at which gas has pushed electrolyte out of half of the pore volume, "
        "from the surface.",
        "kPa",
        label="Capillary pressure at 50 % drainage",
        minimum=0,
    ),
    Column(
        "gas_trapped_pct",
        "Pore volume that still holds gas when slow wetting from the surface has ended, of all "
        "pore volume.",
        "%",
        label="Trapped gas",
        direction="minimize",
        minimum=0,
        maximum=100,
    ),
    Column(
        "surface_wetted_pct",
        "Active-material surface at pores with electrolyte, of that at all pores, by counting "
        "faces of voxels.",
        "%",
        label="Wetted surface",
        direction="maximize",
        minimum=0,
        maximum=100,
    ),
    Column(
        "transport_wetted_relative",
        "Effective diffusivity of pores and permeable CBD with the trapped gas over that without.",
        label="Transport with trapped gas",
        direction="maximize",
        minimum=0,
    ),
    Column(
        "permeability_kozeny_carman_um2",
        "Estimate of the permeability from porosity and surface of the pores, by Kozeny and "
        "Carman with the constant 5.",
        "um2",
        label="Permeability (Kozeny-Carman)",
        direction="maximize",
        minimum=0,
    ),
    Column(
        "washburn_time_ms",
        "Time in which capillarity fills the thickness by Washburn's law, from the permeability "
        "and the median capillary pressure.",
        "ms",
        label="Washburn time",
        direction="minimize",
        minimum=0,
    ),
    Column(
        "washburn_rate_mm_s05",
        "Depth that the same front reaches, over the root of time.",
        "mm/s^0.5",
        label="Washburn rate",
        direction="maximize",
        minimum=0,
    ),
)

_CONVENTIONS: tuple[Column, ...] = (
    Column(
        "tortuosity_ngandjong_2021",
        "Square root of the tortuosity factor of pores and CBD with the CBD of Ngandjong et al. "
        "2021: nanoporosity 0.47, relative diffusivity 0.33.",
        label="Tortuosity, CBD of Ngandjong 2021",
        direction="minimize",
        minimum=0,
    ),
    Column(
        "active_surface_voxel_faces_1um_pct",
        "Active-material surface that faces pore, by counting faces of voxels of 1 um, as the "
        "published chain's code of 2020 does.",
        "%",
        label="Active surface, faces of 1 µm",
        direction="maximize",
        minimum=0,
        maximum=100,
    ),
    Column(
        "thickness_to_highest_centre_um",
        "Height of the highest bead's centre, which published scripts take for the thickness.",
        "um",
        label="Thickness to the highest centre",
        minimum=0,
    ),
    *(
        Column(
            f"porosity_{kind}_to_highest_centre",
            f"{text} porosity up to the highest bead's centre.",
            label=f"{text} porosity to the highest centre",
            minimum=0,
            maximum=1,
        )
        for kind, text in (("bulk", "Bulk"), ("total", "Total"))
    ),
)

#: By the name of the measurement.
FURTHER: dict[str, tuple[Column, ...]] = {
    "blocking": _BLOCKING,
    "contacts": _CONTACTS,
    "conventions": _CONVENTIONS,
    "four_point": _FOUR_POINT,
    "infiltration": _INFILTRATION,
}
