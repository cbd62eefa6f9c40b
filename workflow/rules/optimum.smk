"""The balanced recipe, and the electrodes made from it."""


rule optimum:
    input:
        rules.dataset.output.parquet,
        expand(f"{SURROGATES}/{{name}}.json", name=TARGETS),
    output:
        OPTIMUM,
    log:
        f"{LOGS}/optimum.log",
    benchmark:
        f"{BENCHMARKS}/optimum.tsv"
    conda:
        "../../envs/mesocast.yaml"
    params:
        results=folder,
        settings=CAMPAIGN.optimum.model_dump_json(),
        seed=CAMPAIGN.seed,
    message:
        "Searching the best recipe"
    shell:
        'mesocast optimum --config "$MESOCAST_CONFIG" --results {params.results} > {log} 2>&1'


rule verification:
    input:
        optimum=OPTIMUM,
        rows=expand(
            f"{RESULTS}/conditions/{{name}}-C01/properties.json", name=VERIFICATION
        ),
    output:
        f"{RESULTS}/verification.json",
    log:
        f"{LOGS}/verification.log",
    benchmark:
        f"{BENCHMARKS}/verification.tsv"
    conda:
        "../../envs/mesocast.yaml"
    params:
        results=folder,
    message:
        "Comparing the simulated optimum with its prediction"
    shell:
        'mesocast verification --config "$MESOCAST_CONFIG" --results {params.results} {input.rows} > {log} 2>&1'
