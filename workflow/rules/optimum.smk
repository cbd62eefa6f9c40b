"""The best recipe, how sure it is, and the electrodes made from it."""


rule optimum:
    input:
        rules.dataset.output.parquet,
        [LAYOUT.surrogate(OWN_METHOD, n) for n in CAMPAIGN.modelled],
    output:
        result(OPTIMUM, "optimum", "balanced recipe"),
    log:
        f"{LOGS}/optimum.log",
    benchmark:
        f"{BENCHMARKS}/optimum.tsv"
    conda:
        "../../envs/mesocast.yaml"
    params:
        results=folder,
        settings=CAMPAIGN.optimum.model_dump_json(exclude={"tolerance_pct", "ensemble"}),
        bounds=BOX,
        seed=CAMPAIGN.seed,
    message:
        "Searching the best recipe"
    shell:
        'mesocast optimum --config "$MESOCAST_CONFIG" --results {params.results} > {log} 2>&1'


rule extremes:
    input:
        rules.optimum.input,
    output:
        EXTREMES,
    log:
        f"{LOGS}/extremes.log",
    benchmark:
        f"{BENCHMARKS}/extremes.tsv"
    conda:
        "../../envs/mesocast.yaml"
    params:
        results=lambda wildcards, output: str(Path(output[0]).parents[1]),
        settings=rules.optimum.params.settings,
        bounds=BOX,
    message:
        "Searching the recipes that are best in one property alone"
    shell:
        'mesocast extremes --config "$MESOCAST_CONFIG" --results {params.results} > {log} 2>&1'


rule tradeoffs:
    input:
        rules.optimum.input,
    output:
        f"{LAYOUT.tradeoffs}",
    log:
        f"{LOGS}/tradeoffs.log",
    benchmark:
        f"{BENCHMARKS}/tradeoffs.tsv"
    conda:
        "../../envs/mesocast.yaml"
    params:
        results=folder,
        settings=rules.optimum.params.settings,
        bounds=BOX,
    message:
        "Weighing the properties against each other"
    shell:
        'mesocast tradeoffs --config "$MESOCAST_CONFIG" --results {params.results} > {log} 2>&1'


rule robustness:
    input:
        rules.optimum.input,
        OPTIMUM,
    output:
        f"{LAYOUT.robustness}",
    log:
        f"{LOGS}/robustness.log",
    benchmark:
        f"{BENCHMARKS}/robustness.tsv"
    conda:
        "../../envs/mesocast.yaml"
    params:
        results=folder,
        settings=CAMPAIGN.optimum.model_dump_json(),
        bounds=BOX,
        seed=CAMPAIGN.seed,
        # What is resampled; a file of an earlier version took rows.
        resampled="slurries",
    message:
        "Holding the best recipe against other surrogates and a real line"
    shell:
        'mesocast robustness --config "$MESOCAST_CONFIG" --results {params.results} > {log} 2>&1'


rule verification:
    input:
        optimum=OPTIMUM,
        extremes=EXTREMES if CAMPAIGN.verification.extremes else [],
        validations=[LAYOUT.validation(OWN_METHOD, n) for n in CAMPAIGN.targets],
        rows=[LAYOUT.row(f"{name}-C01") for name in VERIFICATION],
        cells=cell_job("verification") if VERIFICATION else [],
    output:
        result(f"{LAYOUT.verification}", "verification", "balanced recipe, verified"),
    log:
        f"{LOGS}/verification.log",
    benchmark:
        f"{BENCHMARKS}/verification.tsv"
    conda:
        "../../envs/mesocast.yaml"
    params:
        results=folder,
        cells=CELL_IDENTITY,
    message:
        "Comparing simulated electrodes with their prediction"
    shell:
        'mesocast verification --config "$MESOCAST_CONFIG" --results {params.results} {input.rows} > {log} 2>&1'
