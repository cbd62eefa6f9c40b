"""One closed-form equation per property."""


rule surrogate:
    input:
        rules.dataset.output.parquet,
    output:
        f"{SURROGATES}/{{name}}.json",
    log:
        f"{LOGS}/surrogates/{{name}}.log",
    benchmark:
        f"{BENCHMARKS}/surrogates/{{name}}.tsv"
    conda:
        "../../envs/mesocast.yaml"
    params:
        results=lambda wildcards, input: str(Path(input[0]).parent),
        settings=CAMPAIGN.surrogates.model_dump_json(),
        seed=CAMPAIGN.seed,
    message:
        "Searching the equation of {wildcards.name}"
    shell:
        'mesocast surrogate --config "$MESOCAST_CONFIG" --results {params.results}'
        " --property {wildcards.name} > {log} 2>&1"
