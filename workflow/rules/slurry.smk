"""Mixing and drying: the expensive part, once per slurry."""


rule slurry:
    input:
        lambda wildcards: recipe_file(wildcards.slurry),
    output:
        summary=f"{SLURRY_FOLDER}/{STAGES['slurry'].record}",
        history=f"{SLURRY_FOLDER}/{STAGES['slurry'].history}",
        film=f"{SLURRY_FOLDER}/{STAGES['slurry'].film}",
    log:
        f"{LOGS}/slurry/{{slurry}}.log",
    benchmark:
        f"{BENCHMARKS}/slurry/{{slurry}}.tsv"
    conda:
        "../../envs/mesocast.yaml"
    resources:
        mem_mb=requested("memory_MB", "slurry"),
        runtime=requested("minutes", "slurry"),
    params:
        launcher=launcher,
        folder=folder,
        recipe=slurry_recipe,
        physics=CAMPAIGN.physics("slurry"),
    message:
        "Mixing slurry {wildcards.slurry}"
    shell:
        '{params.launcher}mesocast slurry --config "$MESOCAST_CONFIG" --physics {params.physics}'
        " --folder {params.folder} --slurry-id {wildcards.slurry}"
        " {params.recipe} > {log} 2>&1"


rule drying:
    input:
        rules.slurry.output,
    output:
        summary=f"{SLURRY_FOLDER}/{STAGES['drying'].record}",
        history=f"{SLURRY_FOLDER}/{STAGES['drying'].history}",
        film=f"{SLURRY_FOLDER}/{STAGES['drying'].film}",
    log:
        f"{LOGS}/drying/{{slurry}}.log",
    benchmark:
        f"{BENCHMARKS}/drying/{{slurry}}.tsv"
    wildcard_constraints:
        slurry="|".join(ALIKE) or "none",
    conda:
        "../../envs/mesocast.yaml"
    resources:
        mem_mb=requested("memory_MB", "drying"),
        runtime=requested("minutes", "drying"),
    params:
        launcher=launcher,
        folder=folder,
        physics=CAMPAIGN.physics("drying"),
    message:
        "Drying slurry {wildcards.slurry}"
    shell:
        '{params.launcher}mesocast drying --config "$MESOCAST_CONFIG" --physics {params.physics}'
        " --folder {params.folder} > {log} 2>&1"


# A film of a slurry that is dried in its own way; several may share the slurry.
rule drying_own:
    input:
        mixed_slurry,
    output:
        summary=f"{SLURRY_FOLDER}/{STAGES['drying'].record}",
        history=f"{SLURRY_FOLDER}/{STAGES['drying'].history}",
        film=f"{SLURRY_FOLDER}/{STAGES['drying'].film}",
    log:
        f"{LOGS}/drying/{{slurry}}.log",
    benchmark:
        f"{BENCHMARKS}/drying/{{slurry}}.tsv"
    wildcard_constraints:
        slurry="|".join(DRIED) or "none",
    conda:
        "../../envs/mesocast.yaml"
    resources:
        mem_mb=requested("memory_MB", "drying"),
        runtime=requested("minutes", "drying"),
    params:
        launcher=launcher,
        folder=folder,
        recipe=dried_recipe,
        physics=CAMPAIGN.physics("drying"),
    message:
        "Drying film {wildcards.slurry}"
    shell:
        '{params.launcher}mesocast drying --config "$MESOCAST_CONFIG" --physics {params.physics}'
        " --folder {params.folder} {params.recipe} > {log} 2>&1"
