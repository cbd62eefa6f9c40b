"""Rounds: what to simulate next, by all electrodes so far."""


wildcard_constraints:
    number="|".join(map(str, ROUNDS.values())) or "0",


rule proposal:
    input:
        lambda wildcards: row_files(range(1, int(wildcards.number))),
    output:
        f"{RESULTS}/rounds/{{number}}/proposal.json",
    log:
        f"{LOGS}/rounds/{{number}}.log",
    benchmark:
        f"{BENCHMARKS}/rounds/{{number}}.tsv"
    conda:
        "../../envs/mesocast.yaml"
    params:
        folder=folder,
        settings=CAMPAIGN.rounds.model_dump_json(exclude={"count"}),
        optimum=CAMPAIGN.optimum.model_dump_json(include={"goals", "constraints"}),
        application=CAMPAIGN.optimum.application,
        seed=CAMPAIGN.seed,
    message:
        "Choosing the electrodes of round {wildcards.number}"
    shell:
        'mesocast propose --config "$MESOCAST_CONFIG" --folder {params.folder}'
        " --round {wildcards.number} {input} > {log} 2>&1"
