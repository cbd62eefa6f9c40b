"""What a battery does with each electrode. Nothing simulated depends on it."""


wildcard_constraints:
    batch="|".join(["design", "verification", *ROUNDS]),


rule cell:
    input:
        rows=cell_rows,
        chemistry=CAMPAIGN.cell.chemistry or [],
    output:
        f"{LAYOUT.cells('{batch}')}",
    log:
        f"{LOGS}/cell/{{batch}}.log",
    benchmark:
        f"{BENCHMARKS}/cell/{{batch}}.tsv"
    conda:
        "../../envs/mesocast.yaml"
    threads: 2
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        results=lambda wildcards, output: str(Path(output[0]).parents[1]),
        settings=CELL_IDENTITY,
    message:
        "Discharging the electrodes of {wildcards.batch}"
    shell:
        'mesocast cell --config "$MESOCAST_CONFIG" --results {params.results}'
        " --processes {threads} --output {output} {input.rows:q} > {log} 2>&1"


rule ragone:
    """More discharges of the few electrodes that the page shows."""
    input:
        rules.dataset.output.parquet,
        OPTIMUM,
        f"{LAYOUT.verification}",
    output:
        f"{LAYOUT.cells('ragone')}",
    log:
        f"{LOGS}/ragone.log",
    benchmark:
        f"{BENCHMARKS}/ragone.tsv"
    conda:
        "../../envs/mesocast.yaml"
    params:
        results=lambda wildcards, output: str(Path(output[0]).parents[1]),
        settings=CELL_IDENTITY,
        loadings_mg_cm2=list(CAMPAIGN.cell.ragone_loadings_mg_cm2),
    message:
        "Discharging the electrodes that the page shows"
    shell:
        'mesocast ragone --config "$MESOCAST_CONFIG" --results {params.results} > {log} 2>&1'
