"""The table of recipes. Nothing simulated depends on it: recipes are parameters."""


rule design:
    output:
        table=f"{RESULTS}/design.csv",
        summary=f"{RESULTS}/design.json",
    log:
        f"{LOGS}/design.log",
    benchmark:
        f"{BENCHMARKS}/design.tsv"
    params:
        recipes=[*SLURRIES.values(), *CONDITIONS.values()],
    message:
        "Writing the table of recipes"
    shell:
        "{MESOCAST} design --config {CONFIG} --results {RESULTS} > {log} 2>&1"
