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
    params:
        settings=CAMPAIGN.surrogates.model_dump_json(),
        seed=CAMPAIGN.seed,
    message:
        "Searching the equation of {wildcards.name}"
    shell:
        "{MESOCAST} surrogate --config {CONFIG} --results {RESULTS}"
        " --property {wildcards.name} > {log} 2>&1"
