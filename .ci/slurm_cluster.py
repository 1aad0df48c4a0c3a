"""A Slurm cluster of several nodes on this machine, for a test. It uses loopback only, and no file or process of the system's Slurm."""

import getpass
import os
import pathlib
import socket
import subprocess
import time

CONF = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
# A requeued job waits until its credential has expired.
AuthInfo=socket={folder}/munge/socket,cred_expire=5
CryptoType=crypto/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool/%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
ProctrackType=proctrack/linuxproc
# More processors than the machine has, so that several jobs run at once.
SlurmdParameters=config_overrides
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SchedulerType=sched/builtin
SchedulerParameters=sched_interval=1
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
ReturnToService=2
InactiveLimit=0
MinJobAge=300
KillWait=20
"""


class Cluster:
    """A cluster. Use it in a `with` statement, which ends all of its processes."""

    def __init__(self, folder, nodes, cpus):
        self.folder, self.nodes = pathlib.Path(folder), nodes
        self.processes = []
        for below in ["munge", "state", "log"]:
            (self.folder / below).mkdir()
        host = socket.gethostname().split(".")[0]
        ports = free_ports(nodes + 1)
        lines = [CONF.format(host=host, ports=ports, user=getpass.getuser(), folder=self.folder)]
        for number, port in enumerate(ports[1:], 1):
            (self.folder / "spool" / f"n{number}").mkdir(parents=True)
            lines.append(f"NodeName=n{number} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs={cpus} State=UNKNOWN\n")
        lines.append(f"PartitionName=main Nodes=n[1-{nodes}] Default=YES MaxTime=120 State=UP OverSubscribe=NO\n")
        conf = self.folder / "slurm.conf"
        conf.write_text("".join(lines), encoding="utf-8")
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("SLURM")}
        self.environment["SLURM_CONF"] = str(conf)

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self._end_jobs()
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _end_jobs(self):
        """Ends the jobs that a failed test has left, with their processes."""
        until = time.monotonic() + 20
        while (jobs := self._tell("squeue", "-h", "-o", "%i").split()) and time.monotonic() < until:
            self._tell("scancel", "--full", "--signal=KILL", *jobs)
            self._tell("scancel", *jobs)
            time.sleep(0.2)

    def _tell(self, *command):
        """The output of a Slurm command; nothing if it fails."""
        return subprocess.run(command, env=self.environment, check=False, capture_output=True, text=True).stdout

    def _start(self):
        munge = self.folder / "munge"
        (munge / "key").write_bytes(os.urandom(1024))
        (munge / "key").chmod(0o400)
        files = [f"--{option}={munge / name}" for option, name in
                 [("key-file", "key"), ("socket", "socket"), ("pid-file", "pid"), ("log-file", "log"), ("seed-file", "seed")]]
        self._run("munged", "--foreground", "--force", *files)
        self._await(lambda: (munge / "socket").exists(), "munged has no socket")
        self._run("slurmctld", "-D", "-c", "-f", self.environment["SLURM_CONF"])
        for number in range(1, self.nodes + 1):
            self._run("slurmd", "-D", "-N", f"n{number}", "-f", self.environment["SLURM_CONF"])
        self._await(lambda: self._idle_nodes() == self.nodes, "the nodes are not idle")

    def _run(self, program, *args):
        log = self.folder / "log" / f"{program}-{len(self.processes)}"
        with log.open("wb") as file:
            self.processes.append(subprocess.Popen([program, *args], env=self.environment, stdout=file, stderr=file))

    def _idle_nodes(self):
        return int(self._tell("sinfo", "-h", "-t", "idle", "-o", "%D").strip() or 0)

    def _await(self, is_there, otherwise, seconds=30):
        until = time.monotonic() + seconds
        while not is_there():
            ended = [process.args[0] for process in self.processes if process.poll() is not None]
            if ended or time.monotonic() > until:
                logs = "".join(f"\n{log.name}: {log.read_text(errors='replace')[-1500:]}" for log in (self.folder / "log").iterdir())
                raise AssertionError(f"{otherwise}; ended: {ended}{logs}")
            time.sleep(0.05)

    def submit(self, script, *args, options=(), **variables):
        """Submits a script and returns the number of the job."""
        environment = self.environment | {name: str(value) for name, value in variables.items()}
        command = ["sbatch", "--parsable", *options, script, *args]
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.strip()

    def call(self, *command):
        """Runs a Slurm command and returns its output."""
        return subprocess.run(command, env=self.environment, check=True, capture_output=True, text=True).stdout

    def job(self, number):
        """The fields that Slurm shows of a job."""
        return dict(field.split("=", 1) for field in self.call("scontrol", "show", "job", number, "--oneliner").split() if "=" in field)

    def end(self, number, seconds=60):
        """Waits for the end of a job and returns its exit code."""
        until = time.monotonic() + seconds
        while (job := self.job(number))["JobState"] in ["PENDING", "CONFIGURING", "RUNNING", "COMPLETING", "SUSPENDED"]:
            assert time.monotonic() < until, job
            time.sleep(0.1)
        return int(job["ExitCode"].split(":")[0])


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
