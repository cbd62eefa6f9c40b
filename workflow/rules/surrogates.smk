"""One surrogate per property, and what it is worth."""

import json
from mesocast.analysis import method_settings

METHODS = list(
    dict.fromkeys([CAMPAIGN.surrogates.method, *CAMPAIGN.surrogates.compare])
)
SURROGATE = f"{RESULTS}/surrogates/{{method}}/{{name}}"


wildcard_constraints:
    method="|".join(METHODS),
    name="|".join(TARGETS),


localrules:
    surrogates,


rule surrogates:
    """Validation of all methods on the same splits, and sensitivities; minutes to an hour."""
    input:
        f"{RESULTS}/surrogates/comparison.csv",
        expand(f"{SURROGATES}/{{name}}.validation.json", name=TARGETS),
        expand(f"{SURROGATES}/{{name}}.sensitivity.json", name=TARGETS),


rule surrogate:
    input:
        rules.dataset.output.parquet,
    output:
        f"{SURROGATE}.json",
    log:
        f"{LOGS}/surrogates/{{method}}/{{name}}.log",
    benchmark:
        f"{BENCHMARKS}/surrogates/{{method}}/{{name}}.tsv"
    conda:
        "../../envs/mesocast.yaml"
    params:
        results=lambda wildcards, input: str(Path(input[0]).parent),
        settings=lambda wildcards: json.dumps(
            method_settings(CAMPAIGN, wildcards.method)
        ),
        test_share=CAMPAIGN.surrogates.test_share,
        seed=CAMPAIGN.seed,
    message:
        "Fitting {wildcards.name} by {wildcards.method}"
    shell:
        'mesocast surrogate --config "$MESOCAST_CONFIG" --results {params.results}'
        " --property {wildcards.name} --method {wildcards.method} > {log} 2>&1"


rule validation:
    input:
        surrogate=f"{SURROGATE}.json",
        dataset=rules.dataset.output.parquet,
    output:
        f"{SURROGATE}.validation.json",
    log:
        f"{LOGS}/surrogates/{{method}}/{{name}}.validation.log",
    benchmark:
        f"{BENCHMARKS}/surrogates/{{method}}/{{name}}.validation.tsv"
    conda:
        "../../envs/mesocast.yaml"
    params:
        results=lambda wildcards, input: str(Path(input.dataset).parent),
        splits=CAMPAIGN.surrogates.splits,
    message:
        "Validating {wildcards.name} by {wildcards.method}"
    shell:
        'mesocast validation --config "$MESOCAST_CONFIG" --results {params.results}'
        " --property {wildcards.name} --method {wildcards.method} > {log} 2>&1"


rule sensitivity:
    input:
        f"{SURROGATE}.json",
    output:
        f"{SURROGATE}.sensitivity.json",
    log:
        f"{LOGS}/surrogates/{{method}}/{{name}}.sensitivity.log",
    benchmark:
        f"{BENCHMARKS}/surrogates/{{method}}/{{name}}.sensitivity.tsv"
    conda:
        "../../envs/mesocast.yaml"
    params:
        results=lambda wildcards, output: str(Path(output[0]).parents[2]),
        seed=CAMPAIGN.seed,
    message:
        "Sensitivities of {wildcards.name} by {wildcards.method}"
    shell:
        'mesocast sensitivity --config "$MESOCAST_CONFIG" --results {params.results}'
        " --property {wildcards.name} --method {wildcards.method} > {log} 2>&1"


rule comparison:
    input:
        expand(
            f"{SURROGATE}.validation.json",
            method=list(dict.fromkeys(CAMPAIGN.surrogates.compare)),
            name=TARGETS,
        ),
    output:
        f"{RESULTS}/surrogates/comparison.csv",
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
