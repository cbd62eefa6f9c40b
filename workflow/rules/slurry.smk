"""Mixing and drying: the expensive part, once per slurry."""


rule slurry:
    input:
        lambda wildcards: recipe_file(wildcards.slurry),
    output:
        summary=f"{RESULTS}/slurries/{{slurry}}/slurry.json",
        history=f"{RESULTS}/slurries/{{slurry}}/slurry.csv",
        film=f"{RESULTS}/slurries/{{slurry}}/slurry.dump.gz",
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
        summary=f"{RESULTS}/slurries/{{slurry}}/drying.json",
        history=f"{RESULTS}/slurries/{{slurry}}/drying.csv",
        film=f"{RESULTS}/slurries/{{slurry}}/dried.dump.gz",
    log:
        f"{LOGS}/drying/{{slurry}}.log",
    benchmark:
        f"{BENCHMARKS}/drying/{{slurry}}.tsv"
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
