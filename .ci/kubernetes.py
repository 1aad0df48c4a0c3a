"""Checks the manifests of deploy/kubernetes: against the schemas of Kubernetes, for values that the schemas do not hold, and by running the
command of the Job with the environment that Kubernetes sets.

Usage: .ci/kubernetes.py PROGRAM, with the Python of .ci/kubernetes-requirements.txt. Without kubectl, only the schemas of the single files are
checked.
"""

import datetime
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading

import kubernetes_validate
import yaml

PROGRAM = str(pathlib.Path(sys.argv[1]).resolve())
DEPLOY = pathlib.Path(__file__).resolve().parent.parent / "deploy/kubernetes"
VERSIONS = [f"1.{minor}" for minor in range(29, 38)]
KILLED, TERMINATED, INTERRUPTED, TOO_LATE = 137, 143, 130, 75


def rendered(folder):
    return list(yaml.safe_load_all(subprocess.check_output(["kubectl", "kustomize", folder])))


def validate(objects):
    for version in VERSIONS:
        for one in objects:
            kubernetes_validate.validate(one, version, strict=True)


def refused(objects):
    try:
        validate(objects)
    except kubernetes_validate.ValidationError:
        return True
    return False


def find(objects, kind, name):
    return next(one for one in objects if one["kind"] == kind and one["metadata"]["name"] == name)


def action(job, exit_code):
    """What the failure policy of a Job does after this exit code: the first rule that applies, as the Job controller does it."""
    for rule in job["spec"]["podFailurePolicy"]["rules"]:
        on = rule.get("onExitCodes")
        if on and (exit_code in on["values"]) == (on["operator"] == "In"):
            return rule["action"]
    return None


def pods_are_restricted(job):
    """The values of the Pod Security Standard "restricted", and what a test needs to be repeatable."""
    pod = job["spec"]["template"]["spec"]
    [container] = pod["containers"]
    assert pod["restartPolicy"] == "Never", "a restarted generator starts late"
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True and pod["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault"
    # The user of packaging/Containerfile.
    assert pod["securityContext"]["runAsUser"] == pod["securityContext"]["fsGroup"] == 65532
    security = container["securityContext"]
    assert security == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}, security
    resources = container["resources"]
    assert resources["requests"] == resources["limits"] and resources["limits"]["cpu"].isdigit(), resources


def values_hold(objects):
    job = find(objects, "Job", "seeker-sim")
    spec = job["spec"]
    pods_are_restricted(job)
    assert spec["completionMode"] == "Indexed" and spec["podReplacementPolicy"] == "Failed"
    count = spec["completions"]
    assert 1 <= count <= 64 and spec["parallelism"] == spec["maxFailedIndexes"] == count and spec["backoffLimitPerIndex"] == 0
    [container] = spec["template"]["spec"]["containers"]
    environment = {variable["name"]: variable["value"] for variable in container["env"]}
    assert environment["SHARD_COUNT"] == str(count), environment
    for code, expected in [(TOO_LATE, "FailJob"), (1, "FailIndex"), (3, "FailIndex"), *(
            (code, "FailJob") for code in [2, 4, 5, INTERRUPTED, KILLED, TERMINATED])]:
        assert action(job, code) == expected, (code, action(job, code))
    for rule in spec["podFailurePolicy"]["rules"]:
        on = rule.get("onExitCodes")
        assert on is None or on["containerName"] == container["name"] and on["values"] == sorted(set(on["values"]))
    assert {"action": "FailJob", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]} in spec["podFailurePolicy"]["rules"]
    assert spec["template"]["spec"]["terminationGracePeriodSeconds"] >= 60
    [start] = [one for one in objects if one["kind"] == "ConfigMap"]
    assert container["envFrom"] == [{"configMapRef": {"name": start["metadata"]["name"]}}]
    assert start["data"]["START_AT"] < datetime.datetime.now(datetime.timezone.utc).isoformat(), "a forgotten time must be over"
    assert not re.findall(r"\$\((?!START_AT\)|REPORT\))", " ".join(container["args"])), container["args"]
    return job, environment


def volume_holds(objects):
    """The Job that merges finds the reports where the generators write them."""
    job, environment = values_hold(objects)
    merge = find(objects, "Job", "seeker-sim-merge")
    pods_are_restricted(merge)
    assert merge["spec"]["suspend"] is True and merge["spec"]["backoffLimit"] == 0
    pods = [one["spec"]["template"]["spec"] for one in [job, merge]]
    volumes = [(pod["containers"][0]["volumeMounts"], pod["volumes"], pod["containers"][0]["envFrom"]) for pod in pods]
    assert volumes[0] == volumes[1], volumes
    [mount], [volume], _ = volumes[0]
    assert volume["persistentVolumeClaim"]["claimName"] == find(objects, "PersistentVolumeClaim", "seeker-sim-reports")["metadata"]["name"]
    assert find(objects, "PersistentVolumeClaim", "seeker-sim-reports")["spec"]["accessModes"] == ["ReadWriteMany"]
    assert environment["REPORT"] == f"{mount['mountPath']}/part-{{shard}}.json" and mount["subPathExpr"] == "$(START_AT)"
    return job, merge


def command(job, start_at):
    """The arguments of a Job's container, with its variables, and the environment of a pod without the index."""
    [container] = job["spec"]["template"]["spec"]["containers"]
    variables = {variable["name"]: variable["value"] for variable in container.get("env", [])} | {"START_AT": start_at}
    args = [re.sub(r"\$\((\w+)\)", lambda name: variables[name[1]], arg) for arg in container["args"]]
    return args, {"PATH": os.environ["PATH"], **variables}


def in_seconds(seconds):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def run_pods(job, start_at, load, url, folder):
    """Runs the command of each pod at the same time. Returns the exit codes and the logs, which have standard output and standard error."""
    args, environment = command(job, start_at)
    args = [url if arg.startswith("http://") else load.get(arg.split("=")[0], arg) for arg in args]
    args = [arg.replace("/reports/", f"{folder}/") for arg in args]
    count = job["spec"]["completions"]
    pods = [subprocess.Popen([PROGRAM, *args], env=environment | {"JOB_COMPLETION_INDEX": str(index)}, cwd=folder, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for index in range(count)]
    logs = [pod.communicate()[0] for pod in pods]
    return [pod.returncode for pod in pods], logs


def report_in(log):
    """The report in a log, as the sed command of docs/src/guides/clusters.md finds it."""
    return subprocess.run(["sed", "-n", "/^{$/,/^}$/p"], input=log, check=True, capture_output=True, text=True).stdout


def pods_run(base, with_volume, merge):
    """Runs the command of the Job for each index against a receiver, and merges the reports, once from the logs and once from a folder."""
    with subprocess.Popen([PROGRAM, "serve", "--bind", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True) as serving, \
            tempfile.TemporaryDirectory() as name:
        url = re.search(r"http://[0-9.]+:[0-9]+", serving.stdout.readline()).group()
        threading.Thread(target=serving.stdout.read, daemon=True).start()
        folder = pathlib.Path(name)
        try:
            load = {"--rate": "--rate=100/s", "--duration": "--duration=3s"}
            codes, logs = run_pods(base, in_seconds(8), load, url, folder)
            assert codes == [0] * len(codes), (codes, logs)
            (folder / "logs").mkdir()
            for index, log in enumerate(logs):
                report = report_in(log)
                (folder / "logs" / f"part-{index}.json").write_text(report, encoding="utf-8")
                assert json.loads(report)["shard"] == {"part": index + 1, "of": len(codes)}, log
            merged = subprocess.run([PROGRAM, "report", "merge", folder / "logs", "--report", folder / "logs" / "whole.json"],
                                    check=False, capture_output=True, text=True)
            assert merged.returncode == 0, merged.stdout + merged.stderr
            assert json.loads((folder / "logs" / "whole.json").read_text())["events"]["planned"] == 300

            load["--seed"] = "--seed=2"
            codes, logs = run_pods(with_volume, in_seconds(8), load, url, folder)
            assert codes == [0] * len(codes), (codes, logs)
            args, environment = command(merge, in_seconds(0))
            args = [arg.replace("/reports", name) for arg in args]
            merged = subprocess.run([PROGRAM, *args], env=environment, cwd=folder, capture_output=True, text=True, check=False)
            assert merged.returncode == 0, merged.stdout + merged.stderr
            assert json.loads((folder / "whole.json").read_text())["events"]["planned"] == 300

            codes, logs = run_pods(base, in_seconds(-1), load, url, folder)
            assert codes == [TOO_LATE] * len(codes) and not any(report_in(log) for log in logs), (codes, logs)
        finally:
            serving.kill()


def main():
    files = [list(yaml.safe_load_all(path.read_text())) for path in DEPLOY.glob("*/*.yaml") if path.name not in
             ["kustomization.yaml", "reports.yaml"]]
    for objects in files:
        validate(objects)
    job = next(one for objects in files for one in objects if one["metadata"]["name"] == "seeker-sim")
    assert refused([job | {"spec": job["spec"] | {"completionmode": "Indexed"}}]), "the schemas refuse an unknown key"
    if not shutil.which("kubectl"):
        print("kubectl is missing, so only the schemas of the single files were checked")
        return
    base, volume = rendered(DEPLOY / "base"), rendered(DEPLOY / "volume")
    validate(base)
    validate(volume)
    job, _ = values_hold(base)
    with_volume, merge = volume_holds(volume)
    for value, broken in [("completionMode", "NonIndexed"), ("parallelism", 3), ("maxFailedIndexes", 0)]:
        try:
            values_hold([*(one for one in base if one is not job), job | {"spec": job["spec"] | {value: broken}}])
        except AssertionError:
            continue
        raise AssertionError(f"{value}: {broken} was not found")
    pods_run(job, with_volume, merge)
    print(f"the manifests hold for Kubernetes {VERSIONS[0]} to {VERSIONS[-1]}")


main()
