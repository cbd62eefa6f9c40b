"""The numbers of each electrode, its voxel image, its pictures and its tables."""


rule characterization:
    input:
        rules.calendering.output,
    output:
        row=f"{CONDITION_FOLDER}/properties.json",
        image=f"{CONDITION_FOLDER}/microstructure.tif",
        sections=picture("sections", "cross-sections"),
        block=picture("block", "block"),
        fields=picture("fields", "transport"),
        tables=multiext(
            f"{CONDITION_FOLDER}/",
            "profiles.csv",
            "pore_sizes.csv",
            "particles.csv",
        ),
    log:
        f"{LOGS}/characterization/{{slurry}}-{{turn}}.log",
    benchmark:
        f"{BENCHMARKS}/characterization/{{slurry}}-{{turn}}.tsv"
    conda:
        "../../envs/mesocast.yaml"
    resources:
        mem_mb=requested("memory_MB", "characterization"),
        runtime=requested("minutes", "characterization"),
    params:
        **ADDED_PROPERTIES,
        folder=folder,
        physics=CAMPAIGN.physics("characterization"),
    message:
        "Measuring {wildcards.slurry}-{wildcards.turn}"
    shell:
        'mesocast characterize --config "$MESOCAST_CONFIG" --physics {params.physics}'
        " --folder {params.folder} > {log} 2>&1"
