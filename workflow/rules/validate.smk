"""Simulated electrodes against published ones: `snakemake validate`, with config/validation.yaml."""


rule validate:
    input:
        rules.dataset.output.parquet,
    output:
        report(
            directory(f"{RESULTS}/validation"),
            patterns=["validation.{kind}"],
            caption="../report/validation.rst",
            category="Against published numbers",
            labels={"result": "electrodes ({kind})"},
        ),
    log:
        f"{LOGS}/validate.log",
    benchmark:
        f"{BENCHMARKS}/validate.tsv"
    conda:
        "../../envs/mesocast.yaml"
    params:
        results=lambda wildcards, input: str(Path(input[0]).parent),
    message:
        "Comparing with published electrodes"
    shell:
        'mesocast validate --config "$MESOCAST_CONFIG" --results {params.results}'
        " --folder {output} > {log} 2>&1"
