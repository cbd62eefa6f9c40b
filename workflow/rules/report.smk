"""The page that shows the campaign."""


rule report:
    input:
        rules.design.output,
        rules.dataset.output,
        [LAYOUT.surrogate(OWN_METHOD, name) for name in CAMPAIGN.modelled],
        [LAYOUT.validation(OWN_METHOD, name) for name in CAMPAIGN.targets],
        LAYOUT.sensitivity(OWN_METHOD),
        f"{LAYOUT.comparison}",
        OPTIMUM,
        rules.tradeoffs.output,
        rules.robustness.output,
        f"{LAYOUT.verification}",
        [str(LAYOUT.cells("ragone"))] if CAMPAIGN.cell.enabled else [],
        [LAYOUT.proposal(n) for n in ROUNDS.values()],
        [m] if (m := CAMPAIGN.verification.measured) else [],
        [str(LAYOUT.laboratory)] if LAYOUT.laboratory.exists() else [],
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
        # The page shows the whole config.
        config=CAMPAIGN.model_dump_json(),
    message:
        "Writing the report"
    shell:
        'mesocast report --config "$MESOCAST_CONFIG" --results {params.results} > {log} 2>&1'
