"""The columns that say what a battery does with an electrode: ``conditions/<id>/cell.json``."""

from __future__ import annotations

from mesocast.columns.column import Column

# Rates of discharge that have columns: name in the column, name for people, rate.
RATES: dict[str, tuple[str, float]] = {
    "C5": ("C/5", 0.2),
    "1C": ("1C", 1.0),
    "2C": ("2C", 2.0),
    "5C": ("5C", 5.0),
}
# What holds the voltage of a cell below its open-circuit voltage, and its name for people.
LOSSES = {
    "reaction": "the reaction at the particles' surface",
    "particle": "diffusion inside the particles",
    "electrolyte_concentration": "the salt gradient in the electrolyte",
    "electrolyte_ohmic": "the resistance of the electrolyte",
    "electronic": "the electronic resistance of the electrode",
    "counter": "the counter electrode",
}


def _per_rate() -> list[Column]:
    columns = []
    for name, (label, _) in RATES.items():
        columns += [
            Column(
                f"capacity_{name}_mAh_g",
                f"Charge of a full cell at {label}, over the mass of active material.",
                "mAh/g",
                f"Capacity at {label}",
                f"Q({label})",
                "maximize",
                0,
            ),
            Column(
                f"energy_coating_{name}_Wh_kg",
                f"Energy of a half cell at {label}, over the mass of the coating.",
                "Wh/kg",
                f"Energy of the coating per mass at {label}",
                direction="maximize",
                minimum=0,
            ),
            Column(
                f"energy_coating_{name}_Wh_L",
                f"Energy of a half cell at {label}, over the volume of the coating.",
                "Wh/L",
                f"Energy of the coating at {label}",
                direction="maximize",
                minimum=0,
            ),
            Column(
                f"energy_stack_{name}_Wh_kg",
                f"Energy of a full cell at {label}, over the mass of the stack with foils, "
                "separator and electrolyte.",
                "Wh/kg",
                f"Energy of the stack per mass at {label}",
                direction="maximize",
                minimum=0,
            ),
            Column(
                f"energy_stack_{name}_Wh_L",
                f"Energy of a full cell at {label}, over the volume of the stack with foils and "
                "separator.",
                "Wh/L",
                f"Energy of the stack at {label}",
                f"E({label})",
                "maximize",
                0,
            ),
            Column(
                f"power_stack_{name}_W_L",
                f"Mean power of a full cell at {label}, over the volume of the stack.",
                "W/L",
                f"Mean power of the stack at {label}",
                direction="maximize",
                minimum=0,
            ),
        ]
    return columns


#: Columns that hold a number.
CELL_NUMBERS: tuple[Column, ...] = (
    Column(
        "cell_loading_mg_cm2",
        "Dry mass over area of the electrode in the cell, to which the simulated structure is "
        "stacked.",
        "mg/cm2",
        "Loading in the cell",
        minimum=0,
    ),
    Column(
        "areal_capacity_mAh_cm2",
        "Charge over area of the whole stoichiometry window, from the mass of active material.",
        "mAh/cm2",
        "Areal capacity",
        minimum=0,
    ),
    Column(
        "stack_electrolyte_uL_cm2",
        "Electrolyte that fills all pores of the stack, over area.",
        "uL/cm2",
        "Electrolyte of the stack",
        minimum=0,
    ),
    *_per_rate(),
    *(
        Column(
            f"capacity_retention_{name}",
            f"Charge of a full cell at {label} over that at C/5.",
            label=f"Capacity kept at {label}",
            direction="maximize",
            minimum=0,
        )
        for name, (label, _) in list(RATES.items())[1:]
    ),
    Column(
        "rate_at_80_pct_C",
        "Rate at which a full cell gives 80 % of its charge at C/5; empty above 40C, 0 where "
        "it gives nothing.",
        "C",
        "Rate with 80 % of the charge",
        direction="maximize",
        minimum=0,
    ),
    Column(
        "power_at_energy_W_L",
        "Highest mean power of the stack at which it gives cell.power_at_energy_Wh_L; 0 where it "
        "gives less at any rate, empty above 40C.",
        "W/L",
        "Power at the energy asked for",
        "P",
        "maximize",
        0,
    ),
    *(
        Column(
            f"overpotential_{loss}_1C_mV",
            f"Voltage of a half cell at 1C, half discharged, that {text} takes.",
            "mV",
            f"Overpotential of {text}",
        )
        for loss, text in LOSSES.items()
    ),
)

#: Columns that hold a text.
CELL_TEXTS: tuple[Column, ...] = (
    Column("cell_status", "ok, or in one word why there is no cell or no discharge."),
    Column("cell_reason", "Why, in one sentence with numbers; empty when ok."),
    Column("cell_model", "Model of the cell: DFN or SPMe."),
    Column("cell_chemistry", "Title of the BPX file with the cell's materials."),
    *(
        Column(
            f"limited_by_{name}",
            f"What takes most energy of a half cell at {label}: {', '.join(LOSSES)}.",
        )
        for name, (label, _) in RATES.items()
    ),
)

#: Names of all of them.
CELL_COLUMNS: tuple[str, ...] = tuple(column.name for column in (*CELL_TEXTS, *CELL_NUMBERS))
