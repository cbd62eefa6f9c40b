"""One surrogate per property, and what it is worth."""

import json
from mesocast.config.surrogates import method_settings

METHODS = CAMPAIGN.surrogates.methods
SURROGATE = f"{RESULTS}/surrogates/{{method}}/{{name}}"


wildcard_constraints:
    method="|".join(METHODS),
    name="|".join(CAMPAIGN.modelled),


localrules:
    surrogates,


rule surrogates:
    """What the report shows of the surrogates, without the search for a better recipe."""
    input:
        f"{RESULTS}/surrogates/comparison.csv",
        f"{SURROGATES}/sensitivity.json",


rule surrogate:
    input:
        rules.dataset.output.parquet,
    output:
        f"{SURROGATE}.json",
        f"{SURROGATE}.validation.json",
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
        splits=CAMPAIGN.surrogates.splits,
        seed=CAMPAIGN.seed,
    message:
        "Fitting {wildcards.name} by {wildcards.method}"
    shell:
        'mesocast surrogate --config "$MESOCAST_CONFIG" --results {params.results}'
        " --property {wildcards.name} --method {wildcards.method} > {log} 2>&1"


rule sensitivity:
    input:
        expand(f"{SURROGATES}/{{name}}.json", name=TARGETS),
    output:
        f"{SURROGATES}/sensitivity.json",
    log:
        f"{LOGS}/surrogates/sensitivity.log",
    benchmark:
        f"{BENCHMARKS}/surrogates/sensitivity.tsv"
    conda:
        "../../envs/mesocast.yaml"
    params:
        results=lambda wildcards, output: str(Path(output[0]).parents[2]),
        seed=CAMPAIGN.seed,
    message:
        "Sensitivities of the properties"
    shell:
        'mesocast sensitivity --config "$MESOCAST_CONFIG" --results {params.results} > {log} 2>&1'


rule comparison:
    input:
        expand(
            f"{SURROGATE}.validation.json",
            method=METHODS,
            name=TARGETS,
        ),
    output:
        result(
            f"{RESULTS}/surrogates/comparison.csv",
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
