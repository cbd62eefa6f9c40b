#!/usr/bin/env bash
# The controller as a SLURM job, for sites that forbid long processes on the login node.
#
#   sbatch --account=NAME --partition=NAME --time=24:00:00 scripts/controller.sh my.yaml [options of snakemake]
#
# Five minutes before its wall-time it submits itself again and dies without cancelling the
# campaign's jobs; the next controller waits for them and goes on.
#SBATCH --job-name=mesocast-controller
#SBATCH --cpus-per-task=1
#SBATCH --mem=2G
#SBATCH --signal=B:USR1@300
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=mesocast-controller-%j.log
set -u
python=${MESOCAST_PYTHON:-.venv/bin/python}

again() {
  limit=$(squeue --noheader --jobs "$SLURM_JOB_ID" --format %l)
  # KILL: on TERM or INT Snakemake would wait for its jobs, or cancel them.
  kill -KILL "$controller"
  echo "submitting the next controller"
  sbatch --dependency="afterany:$SLURM_JOB_ID" --time="$limit" --account="$SLURM_JOB_ACCOUNT" \
    --partition="$SLURM_JOB_PARTITION" --signal="B:USR1@${MESOCAST_HANDOVER_S:-300}" "$0" "$@"
  exit 0
}
trap 'again "$@"' USR1

"$python" -m mesocast run "$1" --workflow-profile slurm "${@:2}" &
controller=$!
wait "$controller"
