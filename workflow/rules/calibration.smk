"""Coefficients of the physics from measured electrodes: `mesocast calibrate`."""


wildcard_constraints:
    point="|".join(CALIBRATION.round_of) or "0",
    film="|".join(map(re.escape, CALIBRATION.films)) or "0",
    lap="|".join(str(n) for n in range(len(CALIBRATION.rounds))) or "none",


rule calibration_round:
    input:
        lambda wildcards: calibration_films(before=int(wildcards.lap)),
    output:
        f"{LAYOUT.calibration_round('{lap}')}",
    log:
        f"{LOGS}/calibration/round-{{lap}}.log",
    benchmark:
        f"{BENCHMARKS}/calibration/round-{{lap}}.tsv"
    conda:
        "../../envs/mesocast.yaml"
    params:
        results=lambda wildcards, output: str(Path(output[0]).parents[3]),
        measured=MEASURED,
        settings=lambda wildcards: json.dumps(
            round_settings(CAMPAIGN, CALIBRATION, int(wildcards.lap))
        ),
    message:
        "Choosing the coefficients of round {wildcards.lap}"
    shell:
        'mesocast calibration-round --config "$MESOCAST_CONFIG" --results {params.results}'
        " --round {wildcards.lap} {params.measured:q} > {log} 2>&1"


rule calibration_film:
    input:
        calibration_points,
    output:
        f"{LAYOUT.calibration_film('{point}', '{film}')}",
    log:
        f"{LOGS}/calibration/{{point}}-{{film}}.log",
    benchmark:
        f"{BENCHMARKS}/calibration/{{point}}-{{film}}.tsv"
    conda:
        "../../envs/mesocast.yaml"
    resources:
        mem_mb=film_requested("memory_MB"),
        runtime=film_requested("minutes"),
    params:
        launcher=launcher,
        results=lambda wildcards, output: str(Path(output[0]).parents[4]),
        recipe=calibration_recipe,
        physics="+".join(CAMPAIGN.physics(stage) for stage in STAGES),
    message:
        "Making film {wildcards.film} with the coefficients of {wildcards.point}"
    shell:
        '{params.launcher}mesocast calibration-film --config "$MESOCAST_CONFIG"'
        " --physics {params.physics} --results {params.results} --points {input}"
        " --point {wildcards.point} --film {wildcards.film} {params.recipe} > {log} 2>&1"


rule calibration:
    """Coefficients with their uncertainty, what they predict, and what to measure next."""
    input:
        lambda wildcards: calibration_films(before=None),
        measured=MEASURED or [],
    output:
        f"{LAYOUT.calibration}",
        coefficients=f"{LAYOUT.coefficients}",
        films=f"{LAYOUT.calibration_films}",
        page=f"{LAYOUT.calibration_page}",
    log:
        f"{LOGS}/calibration/calibration.log",
    benchmark:
        f"{BENCHMARKS}/calibration/calibration.tsv"
    conda:
        "../../envs/mesocast.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        results=lambda wildcards, output: str(Path(output[0]).parents[1]),
        settings=CAMPAIGN.calibration.model_dump_json(),
    message:
        "Calibrating on all films"
    shell:
        'mesocast calibration --config "$MESOCAST_CONFIG" --results {params.results}'
        " {input.measured:q} > {log} 2>&1"
