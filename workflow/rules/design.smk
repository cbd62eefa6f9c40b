"""The table of recipes. Nothing simulated depends on it: recipes are parameters."""


rule design:
    output:
        table=result(f"{LAYOUT.design}", "design", "recipes"),
        summary=f"{LAYOUT.design_summary}",
    log:
        f"{LOGS}/design.log",
    benchmark:
        f"{BENCHMARKS}/design.tsv"
    conda:
        "../../envs/mesocast.yaml"
    params:
        results=folder,
        recipes=[
            f"{n} {recipe}"
            for recipes in (SLURRIES, FILMS, CONDITIONS)
            for n, recipe in recipes.items()
        ],
        bounds=BOX,
        pairing=CAMPAIGN.design.pairing,
    message:
        "Writing the table of recipes"
    shell:
        'mesocast design --config "$MESOCAST_CONFIG" --results {params.results} > {log} 2>&1'
