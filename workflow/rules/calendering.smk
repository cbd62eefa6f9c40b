"""Calendering: many per slurry, each much cheaper than the slurry."""


rule calendering:
    input:
        dried_films,
        lambda wildcards: recipe_file(wildcards.slurry),
    output:
        summary=f"{CONDITION_FOLDER}/{STAGES['calendering'].record}",
        history=f"{CONDITION_FOLDER}/{STAGES['calendering'].history}",
        film=f"{CONDITION_FOLDER}/{STAGES['calendering'].film}",
    log:
        f"{LOGS}/calendering/{{slurry}}-{{turn}}.log",
    benchmark:
        f"{BENCHMARKS}/calendering/{{slurry}}-{{turn}}.tsv"
    conda:
        "../../envs/mesocast.yaml"
    resources:
        mem_mb=requested("memory_MB", "calendering"),
        runtime=requested("minutes", "calendering"),
    params:
        launcher=launcher,
        folder=folder,
        slurry_folder=slurry_folder,
        recipe=condition_recipe,
        physics=CAMPAIGN.physics("calendering"),
    message:
        "Calendering {wildcards.slurry}-{wildcards.turn}"
    shell:
        '{params.launcher}mesocast calendering --config "$MESOCAST_CONFIG" --physics {params.physics}'
        " --slurry-folder {params.slurry_folder}"
        " --folder {params.folder}"
        " --condition-id {wildcards.slurry}-{wildcards.turn} {params.recipe} > {log} 2>&1"
