"""Rounds: what to simulate next, by all electrodes so far."""


wildcard_constraints:
    number="|".join(map(str, ROUNDS.values())) or "0",


rule proposal:
    input:
        lambda wildcards: list(row_files(before=int(wildcards.number))),
        lambda wildcards: [
            path
            for batch in ["design", *list(ROUNDS)[: int(wildcards.number) - 1]]
            for path in cell_job(batch)
        ],
    output:
        f"{LAYOUT.proposal('{number}')}",
    log:
        f"{LOGS}/rounds/{{number}}.log",
    benchmark:
        f"{BENCHMARKS}/rounds/{{number}}.tsv"
    conda:
        "../../envs/mesocast.yaml"
    params:
        results=lambda wildcards, output: str(Path(output[0]).parents[2]),
        asked=lambda wildcards: json.dumps(
            proposal_identity(CAMPAIGN, int(wildcards.number))
        ),
    message:
        "Choosing the electrodes of round {wildcards.number}"
    shell:
        'mesocast propose --config "$MESOCAST_CONFIG" --results {params.results}'
        " --round {wildcards.number} > {log} 2>&1"
