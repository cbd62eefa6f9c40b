#!/usr/bin/env bash
# The controller as a SLURM job, for sites that forbid long processes on the login node.
#
#   sbatch --account=NAME --partition=NAME --time=24:00:00 scripts/controller.sh my.yaml [options of snakemake]
#
# Five minutes before its wall-time it submits itself again, asking until SLURM takes it, and dies
# without cancelling the campaign's jobs; the next controller waits for them and goes on. It passes on
# account, partition, time, QOS, reservation, constraint and what MESOCAST_SBATCH holds, such as
# "--mail-type=FAIL --mail-user=me@example.org", which SLURM does not tell a job.
#SBATCH --job-name=mesocast-controller
#SBATCH --cpus-per-task=1
#SBATCH --mem=2G
#SBATCH --signal=B:USR1@300
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=mesocast-controller-%j.log
set -u
python=${MESOCAST_PYTHON:-.venv/bin/python}
handover_s=${MESOCAST_HANDOVER_S:-300}
between_s=${MESOCAST_HANDOVER_POLL_S:-10}

# What the job was submitted with, asked at the start: at its end SLURM may not answer.
own() {
  squeue --noheader --jobs "$SLURM_JOB_ID" --format "$1" 2>/dev/null | grep -vxE '\(null\)|N/A|' || true
}
described=0
describe() {
  limit=$(own %l)
  [ -n "$limit" ] || return 1
  options=(--time="$limit" --account="$SLURM_JOB_ACCOUNT" --partition="$SLURM_JOB_PARTITION"
    --signal="B:USR1@$handover_s")
  [ -z "${SLURM_JOB_QOS:-}" ] || options+=(--qos="$SLURM_JOB_QOS")
  local reservation constraint
  reservation=${SLURM_JOB_RESERVATION:-$(own %v)}
  constraint=$(own %f)
  [ -z "$reservation" ] || options+=(--reservation="$reservation")
  [ -z "$constraint" ] || options+=(--constraint="$constraint")
  read -ra own_options <<<"${MESOCAST_SBATCH:-}"
  options+=("${own_options[@]}")
  described=1
}

again() {
  trap '' USR1
  # In the last seconds SLURM kills all: the controller works on until then, it loses nothing.
  local end=$((SECONDS + handover_s - 2 * between_s))
  echo "submitting the next controller"
  until { [ $described = 1 ] || describe; } &&
    sbatch --dependency="afterany:$SLURM_JOB_ID" "${options[@]}" "$0" "$@"; do
    if ! kill -0 "$controller" 2>/dev/null; then
      wait "$controller"
      exit # the campaign has ended meanwhile, so nobody need go on
    fi
    if [ $SECONDS -ge $end ]; then
      kill -KILL "$controller"
      echo "no next controller could be submitted; start it by hand: sbatch ${options[*]-} $0 $*" >&2
      exit 1
    fi
    echo "SLURM does not take the next controller; asking again in $between_s s"
    sleep "$between_s"
  done
  # KILL: on TERM or INT Snakemake would wait for its jobs, or cancel them.
  kill -KILL "$controller"
  exit 0
}
trap 'again "$@"' USR1

describe || true
"$python" -m mesocast run "$1" --workflow-profile slurm "${@:2}" &
controller=$!
wait "$controller"
