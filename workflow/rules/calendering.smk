"""Calendering: many per slurry, each much cheaper than the slurry."""


rule calendering:
    input:
        rules.drying.output,
        lambda wildcards: optimum_of(wildcards.slurry),
    output:
        summary=f"{RESULTS}/conditions/{{slurry}}-{{turn}}/calendering.json",
        history=f"{RESULTS}/conditions/{{slurry}}-{{turn}}/calendering.csv",
        film=f"{RESULTS}/conditions/{{slurry}}-{{turn}}/electrode.dump.gz",
    log:
        f"{LOGS}/calendering/{{slurry}}-{{turn}}.log",
    benchmark:
        f"{BENCHMARKS}/calendering/{{slurry}}-{{turn}}.tsv"
    params:
        recipe=condition_recipe,
        physics=CAMPAIGN.physics("calendering"),
    message:
        "Calendering {wildcards.slurry}-{wildcards.turn}"
    shell:
        "{MESOCAST} calendering --config {CONFIG} --physics {params.physics}"
        " --slurry-folder {RESULTS}/slurries/{wildcards.slurry}"
        " --folder {RESULTS}/conditions/{wildcards.slurry}-{wildcards.turn}"
        " --condition-id {wildcards.slurry}-{wildcards.turn} {params.recipe} > {log} 2>&1"
