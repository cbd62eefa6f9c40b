"""Several electrodes of one slurry in one job, where a job each would cost more than its work."""


rule pack:
    input:
        rules.drying.output,
    output:
        f"{LAYOUT.pack('{slurry}-{pack}')}",
    log:
        f"{LOGS}/pack/{{slurry}}-{{pack}}.log",
    benchmark:
        f"{BENCHMARKS}/pack/{{slurry}}-{{pack}}.tsv"
    conda:
        "../../envs/mesocast.yaml"
    resources:
        mem_mb=requested("memory_MB", "calendering", "characterization"),
        runtime=requested("minutes", "calendering", "characterization"),
    params:
        **ADDED_PROPERTIES,
        launcher=launcher,
        results=lambda wildcards, output: str(Path(output[0]).parents[1]),
        recipe=pack_recipe,
        physics=f"{CAMPAIGN.physics('calendering')}+{CAMPAIGN.physics('characterization')}",
    message:
        "Calendering and measuring {wildcards.slurry}-{wildcards.pack}"
    shell:
        '{params.launcher}mesocast pack --config "$MESOCAST_CONFIG" --physics {params.physics}'
        " --results {params.results} --slurry-id {wildcards.slurry}"
        " --rows {output} {params.recipe} > {log} 2>&1"
