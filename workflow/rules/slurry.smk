"""Mixing and drying: the expensive part, once per slurry."""


rule slurry:
    input:
        lambda wildcards: optimum_of(wildcards.slurry),
    output:
        summary=f"{RESULTS}/slurries/{{slurry}}/slurry.json",
        history=f"{RESULTS}/slurries/{{slurry}}/slurry.csv",
        film=f"{RESULTS}/slurries/{{slurry}}/slurry.dump.gz",
    log:
        f"{LOGS}/slurry/{{slurry}}.log",
    benchmark:
        f"{BENCHMARKS}/slurry/{{slurry}}.tsv"
    params:
        recipe=slurry_recipe,
        physics=CAMPAIGN.physics("slurry"),
    message:
        "Mixing slurry {wildcards.slurry}"
    shell:
        "{MESOCAST} slurry --config {CONFIG} --physics {params.physics}"
        " --folder {RESULTS}/slurries/{wildcards.slurry} --slurry-id {wildcards.slurry}"
        " {params.recipe} > {log} 2>&1"


rule drying:
    input:
        rules.slurry.output,
    output:
        summary=f"{RESULTS}/slurries/{{slurry}}/drying.json",
        history=f"{RESULTS}/slurries/{{slurry}}/drying.csv",
        film=f"{RESULTS}/slurries/{{slurry}}/dried.dump.gz",
    log:
        f"{LOGS}/drying/{{slurry}}.log",
    benchmark:
        f"{BENCHMARKS}/drying/{{slurry}}.tsv"
    params:
        physics=CAMPAIGN.physics("drying"),
    message:
        "Drying slurry {wildcards.slurry}"
    shell:
        "{MESOCAST} drying --config {CONFIG} --physics {params.physics}"
        " --folder {RESULTS}/slurries/{wildcards.slurry} > {log} 2>&1"
