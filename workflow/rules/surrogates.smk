"""One surrogate per property, and what it is worth."""

METHODS = CAMPAIGN.surrogate_methods


wildcard_constraints:
    method="|".join(METHODS),
    name="|".join(CAMPAIGN.modelled),


localrules:
    surrogates,


rule surrogates:
    """What the report shows of the surrogates, without the search for a better recipe."""
    input:
        f"{LAYOUT.comparison}",
        f"{LAYOUT.sensitivity(OWN_METHOD)}",


rule surrogate:
    input:
        rules.dataset.output.parquet,
    output:
        f"{LAYOUT.surrogate('{method}', '{name}')}",
        f"{LAYOUT.validation('{method}', '{name}')}",
    log:
        f"{LOGS}/surrogates/{{method}}/{{name}}.log",
    benchmark:
        f"{BENCHMARKS}/surrogates/{{method}}/{{name}}.tsv"
    conda:
        "../../envs/mesocast.yaml"
    params:
        results=lambda wildcards, input: str(Path(input[0]).parent),
        settings=lambda wildcards: json.dumps(CAMPAIGN.surrogates.of(wildcards.method)),
        test_share=CAMPAIGN.surrogates.test_share,
        splits=CAMPAIGN.surrogates.splits,
        bounds=BOX,
        seed=CAMPAIGN.seed,
    message:
        "Fitting {wildcards.name} by {wildcards.method}"
    shell:
        'mesocast surrogate --config "$MESOCAST_CONFIG" --results {params.results}'
        " --property {wildcards.name} --method {wildcards.method} > {log} 2>&1"


rule sensitivity:
    input:
        [LAYOUT.surrogate(OWN_METHOD, name) for name in CAMPAIGN.modelled],
    output:
        f"{LAYOUT.sensitivity(OWN_METHOD)}",
    log:
        f"{LOGS}/surrogates/sensitivity.log",
    benchmark:
        f"{BENCHMARKS}/surrogates/sensitivity.tsv"
    conda:
        "../../envs/mesocast.yaml"
    params:
        results=lambda wildcards, output: str(Path(output[0]).parents[2]),
        bounds=BOX,
        seed=CAMPAIGN.seed,
    message:
        "Sensitivities of the properties"
    shell:
        'mesocast sensitivity --config "$MESOCAST_CONFIG" --results {params.results} > {log} 2>&1'


rule comparison:
    input:
        [
            LAYOUT.validation(method, name)
            for method in METHODS
            for name in CAMPAIGN.targets
        ],
    output:
        result(
            f"{LAYOUT.comparison}",
            "comparison",
            "surrogate methods compared",
        ),
    log:
        f"{LOGS}/surrogates/comparison.log",
    benchmark:
        f"{BENCHMARKS}/surrogates/comparison.tsv"
    conda:
        "../../envs/mesocast.yaml"
    params:
        results=lambda wildcards, output: str(Path(output[0]).parents[1]),
    message:
        "Comparing the methods"
    shell:
        'mesocast comparison --config "$MESOCAST_CONFIG" --results {params.results} > {log} 2>&1'
