"""All electrodes of the design in one table."""


rule dataset:
    input:
        expand(
            f"{RESULTS}/conditions/{{condition}}/properties.json", condition=CONDITIONS
        ),
    output:
        parquet=f"{RESULTS}/dataset.parquet",
        csv=f"{RESULTS}/dataset.csv",
        package=f"{RESULTS}/datapackage.json",
    log:
        f"{LOGS}/dataset.log",
    benchmark:
        f"{BENCHMARKS}/dataset.tsv"
    message:
        "Gathering the dataset"
    shell:
        "{MESOCAST} dataset --config {CONFIG} --results {RESULTS} {input} > {log} 2>&1"
