"""All electrodes of the design and its rounds in one table."""


rule dataset:
    input:
        *row_files(),
        *origin_file(),
        [path for batch in ("design", *ROUNDS) for path in cell_job(batch)],
    output:
        parquet=f"{LAYOUT.dataset}",
        csv=result(f"{LAYOUT.dataset_csv}", "dataset", "all electrodes"),
        package=f"{LAYOUT.data_package}",
    log:
        f"{LOGS}/dataset.log",
    benchmark:
        f"{BENCHMARKS}/dataset.tsv"
    conda:
        "../../envs/mesocast.yaml"
    params:
        results=folder,
        cells=CELL_IDENTITY,
    message:
        "Gathering the dataset"
    shell:
        'mesocast dataset --config "$MESOCAST_CONFIG" --results {params.results} > {log} 2>&1'
