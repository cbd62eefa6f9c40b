"""The page that shows the campaign."""


rule report:
    input:
        rules.design.output,
        rules.dataset.output,
        expand(f"{SURROGATES}/{{name}}.json", name=TARGETS),
        expand(f"{SURROGATES}/{{name}}.validation.json", name=TARGETS),
        f"{SURROGATES}/sensitivity.json",
        f"{LAYOUT.comparison}",
        OPTIMUM,
        rules.tradeoffs.output,
        rules.robustness.output,
        f"{LAYOUT.verification}",
    output:
        result(f"{LAYOUT.report}", "page", "the campaign on one page"),
    log:
        f"{LOGS}/report.log",
    benchmark:
        f"{BENCHMARKS}/report.tsv"
    conda:
        "../../envs/mesocast.yaml"
    params:
        results=folder,
    message:
        "Writing the report"
    shell:
        'mesocast report --config "$MESOCAST_CONFIG" --results {params.results} > {log} 2>&1'
