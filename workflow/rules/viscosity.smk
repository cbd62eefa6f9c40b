"""Viscosity of the slurries, optional: `snakemake flow_curves`, with config/viscosity.yaml."""


rule viscosity:
    output:
        f"{LAYOUT.viscosity('{slurry}')}",
    log:
        f"{LOGS}/viscosity/{{slurry}}.log",
    benchmark:
        f"{BENCHMARKS}/viscosity/{{slurry}}.tsv"
    conda:
        "../../envs/mesocast.yaml"
    params:
        folder=folder,
        recipe=lambda wildcards: SLURRIES[wildcards.slurry],
        physics=CAMPAIGN.physics("viscosity"),
    message:
        "Shearing slurry {wildcards.slurry}"
    shell:
        'mesocast viscosity --config "$MESOCAST_CONFIG" --physics {params.physics}'
        " --folder {params.folder} {params.recipe} > {log} 2>&1"


rule flow_curves:
    input:
        expand(rules.viscosity.output, slurry=SLURRIES),
    output:
        comparison_with_published("viscosity", "slurry viscosity"),
    log:
        f"{LOGS}/flow_curves.log",
    benchmark:
        f"{BENCHMARKS}/flow_curves.tsv"
    conda:
        "../../envs/mesocast.yaml"
    message:
        "Comparing with measured viscosities"
    shell:
        'mesocast flow-curves --config "$MESOCAST_CONFIG"'
        " --folder {output} {input} > {log} 2>&1"
