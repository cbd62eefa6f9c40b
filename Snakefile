"""Mesocast: from a recipe to a microstructure to a better recipe.

    snakemake --config campaign=config/paper.yaml

The config is read and checked by the package, so that a wrong one ends with one line and exit
status 2 before any job starts.
"""


include: "workflow/rules/common.smk"
include: "workflow/rules/design.smk"
include: "workflow/rules/slurry.smk"
include: "workflow/rules/calendering.smk"
include: "workflow/rules/characterization.smk"
include: "workflow/rules/pack.smk"
include: "workflow/rules/rounds.smk"
include: "workflow/rules/dataset.smk"
include: "workflow/rules/validate.smk"
include: "workflow/rules/viscosity.smk"
include: "workflow/rules/surrogates.smk"
include: "workflow/rules/optimum.smk"
include: "workflow/rules/cell.smk"
include: "workflow/rules/calibration.smk"
include: "workflow/rules/report.smk"


localrules:
    all,
    electrodes,
    design,


report: "workflow/report/workflow.rst"


onstart:
    write_json(LAYOUT.campaign, CAMPAIGN.model_dump(mode="json"))


rule all:
    default_target: True
    input:
        f"{LAYOUT.report}",


rule electrodes:
    """All electrodes of the design and their dataset, without the search for a better recipe."""
    input:
        f"{LAYOUT.dataset}",
