"""Simulated electrodes against published ones: `snakemake validate`, with config/validation.yaml."""


rule validate:
    input:
        rules.dataset.output.parquet,
    output:
        comparison_with_published("validation", "electrodes"),
    log:
        f"{LOGS}/validate.log",
    benchmark:
        f"{BENCHMARKS}/validate.tsv"
    conda:
        "../../envs/mesocast.yaml"
    params:
        results=lambda wildcards, input: str(Path(input[0]).parent),
        seed=CAMPAIGN.seed,
        physics=CAMPAIGN.physics("characterization"),
    message:
        "Comparing with published electrodes"
    shell:
        'mesocast validate --config "$MESOCAST_CONFIG" --results {params.results}'
        " --folder {output} > {log} 2>&1"
