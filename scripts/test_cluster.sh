#!/usr/bin/env bash
# A SLURM cluster of several virtual nodes on this machine, for tests: real daemons, no systemd.
#
#   scripts/test_cluster.sh install           Debian's packages (root)
#   scripts/test_cluster.sh start             start what does not run yet; prints how to use it
#   scripts/test_cluster.sh stop              cancel its jobs and end its own processes
#   scripts/test_cluster.sh stop-controller   end slurmctld only; `start` brings it back
#   scripts/test_cluster.sh kill-node NODE    end a node as a power cut does; `start` brings it back
#   scripts/test_cluster.sh limit NAME=NUMBER a limit of your account, as MaxSubmitJobs=2; -1 lifts it
#   scripts/test_cluster.sh status            exit status 0 if it runs
#
# Everything lives in one folder (MESOCAST_TEST_CLUSTER, default /tmp/mesocast-cluster), but for the
# link /etc/slurm/slurm.conf: the plugin's job step drops SLURM_CONF (slurm-jobstep 0.6.1).
set -euo pipefail

base=${MESOCAST_TEST_CLUSTER:-/tmp/mesocast-cluster}
nodes=${NODES:-4} cpus=${CPUS:-4} memory_mb=${MEMORY_MB:-4000} port=${PORT:-16800}
packages=(slurmctld slurmd slurmdbd slurm-client munge mariadb-server)
host=$(hostname -s)
export SLURM_CONF=$base/slurm.conf

say() { echo "test cluster: $*" >&2; }

install_packages() {
  # The packages' own services would take the ports and do not belong to this cluster.
  local policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' > $policy && chmod +x $policy
    trap "rm -f $policy" EXIT
  fi
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${packages[@]}" >/dev/null
}

# A process of this cluster: its id is in a file of ours and its command line names our folder.
own() {
  local pid
  pid=$(cat "$base/run/$1.pid" 2>/dev/null) && [ -n "$pid" ] || return 1
  { tr '\0' ' ' < "/proc/$pid/cmdline"; } 2>/dev/null | grep -q -- "$base" && echo "$pid"
}

end() { # name, signal
  local pid
  pid=$(own "$1") || return 0
  kill "-${2:-TERM}" "$pid" 2>/dev/null || return 0
  for _ in $(seq 200); do kill -0 "$pid" 2>/dev/null || return 0; sleep 0.1; done
  say "$1 does not end; killing it"
  kill -KILL "$pid"
}

until_true() { # seconds, command
  local limit=$(($1 * 10)); shift
  for _ in $(seq "$limit"); do "$@" >/dev/null 2>&1 && return 0; sleep 0.1; done
  say "gave up waiting for: $*; logs are in $base/log"
  return 1
}

start_munge() {
  [ -s "$base/munge/key" ] || { head -c 1024 /dev/urandom > "$base/munge/key"; chmod 400 "$base/munge/key"; }
  own munged >/dev/null && return
  rm -f "$base/munge/socket"*
  munged --force --num-threads=2 --key-file="$base/munge/key" --socket="$base/munge/socket" \
    --pid-file="$base/run/munged.pid" --log-file="$base/log/munged.log" --seed-file="$base/munge/seed"
  until_true 10 munge --socket="$base/munge/socket" -n
}

sql() { mariadb --no-defaults --socket="$base/mysql.sock" --user=root "$@"; }

start_accounting() {
  if ! own mariadbd >/dev/null; then
    [ -d "$base/mysql/mysql" ] || mariadb-install-db --no-defaults --user=root --datadir="$base/mysql" \
      --auth-root-authentication-method=normal --skip-test-db >"$base/log/mariadb-install.log" 2>&1
    mariadbd --no-defaults --user=root --datadir="$base/mysql" --socket="$base/mysql.sock" \
      --pid-file="$base/run/mariadbd.pid" --bind-address=127.0.0.1 --port=$((port + 3)) \
      --innodb-buffer-pool-size=64M --innodb-log-file-size=8M --innodb-flush-log-at-trx-commit=0 \
      >"$base/log/mariadbd.log" 2>&1 &
    until_true 60 sql -e 'SELECT 1'
    sql -e "CREATE DATABASE IF NOT EXISTS slurm;
            CREATE USER IF NOT EXISTS 'slurm'@'localhost' IDENTIFIED BY 'slurm';
            CREATE USER IF NOT EXISTS 'slurm'@'127.0.0.1' IDENTIFIED BY 'slurm';
            GRANT ALL ON slurm.* TO 'slurm'@'localhost'; GRANT ALL ON slurm.* TO 'slurm'@'127.0.0.1'"
  fi
  own slurmdbd >/dev/null || slurmdbd_start
}

slurmdbd_start() {
  # slurmdbd reads slurmdbd.conf beside SLURM_CONF; its command line must name our folder for own().
  (exec -a "slurmdbd-$base" slurmdbd -D >>"$base/log/slurmdbd.log" 2>&1) &
  until_true 60 sacctmgr -n show cluster
  sacctmgr -i add cluster mesocast >/dev/null 2>&1 || true
  sacctmgr -i add account lab >/dev/null 2>&1 || true
  sacctmgr -i add user "$(id -un)" account=lab >/dev/null 2>&1 || true
}

write_config() {
  local proctrack=linuxproc task=none gather=linux kill=,OverMemoryKill
  if [ -w /sys/fs/cgroup/memory/cgroup.procs ] && [ -w /sys/fs/cgroup/freezer/cgroup.procs ]; then
    proctrack=cgroup task=cgroup gather=cgroup kill=
  fi
  cat > "$base/cgroup.conf" <<CONF
CgroupPlugin=cgroup/v1
ConstrainRAMSpace=$([ $task = cgroup ] && echo yes || echo no)
ConstrainSwapSpace=no
ConstrainCores=no
CONF
  # MinJobAge: squeue is the plugin's source of job states, so a finished job must stay listed
  # longer than its slowest polling interval (180 s).
  cat > "$base/slurm.conf" <<CONF
ClusterName=mesocast
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$((port + 1))
AuthType=auth/munge
AuthInfo=socket=$base/munge/socket
SlurmUser=root
StateSaveLocation=$base/state
SlurmdSpoolDir=$base/spool/%n
SlurmctldPidFile=$base/run/slurmctld.pid
SlurmdPidFile=$base/run/slurmd-%n.pid
SlurmctldLogFile=$base/log/slurmctld.log
SlurmdLogFile=$base/log/slurmd-%n.log
ProctrackType=proctrack/$proctrack
TaskPlugin=task/$task
JobAcctGatherType=jobacct_gather/$gather
JobAcctGatherFrequency=task=2
JobAcctGatherParams=NoShared$kill
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
DefMemPerCPU=200
SchedulerParameters=batch_sched_delay=0,sched_interval=2,bf_interval=2
SlurmdParameters=config_overrides
SlurmdTimeout=20
KillWait=15
MinJobAge=600
ReturnToService=2
MpiDefault=none
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageEnforce=limits
AccountingStorageHost=localhost
AccountingStoragePort=$((port + 2))
AccountingStoragePass=$base/munge/socket
NodeName=node[1-$nodes] NodeHostname=$host NodeAddr=127.0.0.1 Port=[$((port + 11))-$((port + 10 + nodes))] CPUs=$cpus RealMemory=$memory_mb State=UNKNOWN
PartitionName=batch Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
  (umask 077; cat > "$base/slurmdbd.conf" <<CONF
AuthType=auth/munge
AuthInfo=socket=$base/munge/socket
DbdHost=localhost
DbdPort=$((port + 2))
SlurmUser=root
LogFile=$base/log/slurmdbd.log
PidFile=$base/run/slurmdbd.pid
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort=$((port + 3))
StorageUser=slurm
StoragePass=slurm
StorageLoc=slurm
CONF
  )
}

link_config() {
  local link=/etc/slurm/slurm.conf
  if [ -e $link ] && [ "$(readlink -f $link)" != "$(readlink -f "$base/slurm.conf")" ]; then
    say "$link belongs to another cluster; it is left alone"
    exit 1
  fi
  mkdir -p /etc/slurm
  ln -sfn "$base/slurm.conf" $link
}

nodes_ready() { [ "$(sinfo -h -N -o '%T' | grep -cE '^(idle|mixed|allocated)$')" = "$nodes" ]; }

start() {
  [ "$(id -u)" = 0 ] || { say "needs root (its jobs run as you, its daemons as root)"; exit 1; }
  for tool in munged mariadbd slurmdbd slurmctld slurmd srun; do
    command -v $tool >/dev/null || { say "$tool is missing: scripts/test_cluster.sh install"; exit 1; }
  done
  mkdir -p "$base"/{munge,run,log,state,spool,mysql}
  chmod 755 "$base" "$base/munge"
  [ -s "$base/slurm.conf" ] || write_config
  link_config
  start_munge
  start_accounting
  own slurmctld >/dev/null || slurmctld -f "$base/slurm.conf"
  for k in $(seq "$nodes"); do
    mkdir -p "$base/spool/node$k"
    own "slurmd-node$k" >/dev/null || slurmd -f "$base/slurm.conf" -N "node$k"
  done
  until_true 60 nodes_ready
  echo "export SLURM_CONF=$base/slurm.conf  # $nodes nodes of $cpus CPUs and $memory_mb MB, partition batch, account lab"
}

stop() {
  [ -d "$base/run" ] || return 0
  if own slurmctld >/dev/null; then
    squeue -h -o %A 2>/dev/null | xargs -r scancel 2>/dev/null || true
    until_true 30 sh -c '! squeue -h | grep -q .' || true
  fi
  for k in $(seq "$nodes"); do end "slurmd-node$k"; done
  for name in slurmctld slurmdbd mariadbd munged; do end $name; done
  if [ "$(readlink -f /etc/slurm/slurm.conf)" = "$(readlink -f "$base/slurm.conf")" ]; then
    rm -f /etc/slurm/slurm.conf
  fi
  rm -rf "$base"
}

on_node() { grep -qz "^SLURMD_NODENAME=$1$" "/proc/$2/environ" 2>/dev/null; }

kill_node() {
  # The daemons first, so that nobody is left to tell slurmctld what became of the jobs. A step's
  # daemon does not carry the node's name in its environment, but what it started does.
  local pid child
  end "slurmd-$1" KILL
  for pid in $(pgrep slurmstepd); do
    for child in $(pgrep -P "$pid"); do
      if on_node "$1" "$child"; then kill -KILL "$pid" 2>/dev/null || true; break; fi
    done
  done
  for pid in /proc/[0-9]*; do
    pid=${pid#/proc/}
    if on_node "$1" "$pid"; then kill -KILL "$pid" 2>/dev/null || true; fi
  done
}

# slurmdbd tells slurmctld of it; MaxSubmitJobs is for each user of the account, GrpSubmitJobs for all.
limit() { sacctmgr -i modify account lab set "$1" >/dev/null; }

case "${1:-}" in
  install) install_packages ;;
  start) start ;;
  stop) stop ;;
  stop-controller) end slurmctld ;;
  kill-node) kill_node "${2:?which node}" ;;
  limit) limit "${2:?which limit, as MaxSubmitJobs=2}" ;;
  status) own slurmctld >/dev/null && nodes_ready ;;
  *) sed -n '2,14p' "$0"; exit 2 ;;
esac
