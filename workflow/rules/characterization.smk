"""The numbers of each electrode, its voxel image and its picture."""


rule characterization:
    input:
        rules.calendering.output,
    output:
        row=f"{RESULTS}/conditions/{{slurry}}-{{turn}}/properties.json",
        image=f"{RESULTS}/conditions/{{slurry}}-{{turn}}/microstructure.tif",
        sections=f"{RESULTS}/conditions/{{slurry}}-{{turn}}/sections.png",
    log:
        f"{LOGS}/characterization/{{slurry}}-{{turn}}.log",
    benchmark:
        f"{BENCHMARKS}/characterization/{{slurry}}-{{turn}}.tsv"
    params:
        physics=CAMPAIGN.physics("characterization"),
    message:
        "Measuring {wildcards.slurry}-{wildcards.turn}"
    shell:
        "{MESOCAST} characterize --config {CONFIG} --physics {params.physics}"
        " --folder {RESULTS}/conditions/{wildcards.slurry}-{wildcards.turn} > {log} 2>&1"
