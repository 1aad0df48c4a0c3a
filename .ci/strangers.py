"""Runs against services that nobody here wrote: nginx, which answers 204 to everything, and Python's http.server, which refuses POST.

What the runs report must be the truth. Both services listen on loopback and are ended with the script.
"""

import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

NGINX = """
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
  access_log {folder}/access.log;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port}; location / {{ return 204; }} }}
}}
"""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(port, service):
    for _ in range(200):
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert service.poll() is None, "the service ended"
        time.sleep(0.05)
    raise AssertionError("the service does not listen")


def run(program, folder, port, service):
    """The exit code and the report of a short run against the service."""
    try:
        wait_for(port, service)
        report = folder / "run.json"
        target = f"http://127.0.0.1:{port}"
        options = ["--duration", "3s", "--rate", "300/s", "--report", str(report)]
        code = subprocess.run([program, "run", "--target", target, *options], check=False, timeout=120).returncode
        return code, json.loads(report.read_text(encoding="utf-8"))
    finally:
        service.terminate()
        service.wait(timeout=20)


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        port = free_port()
        configuration = folder / "nginx.conf"
        configuration.write_text(NGINX.format(folder=folder, port=port), encoding="utf-8")
        code, report = run(program, folder, port, subprocess.Popen(["nginx", "-c", str(configuration)]))
        logged = (folder / "access.log").read_text(encoding="utf-8").splitlines()
        posts = [line for line in logged if '"POST /clientEvents HTTP/1.1" 204' in line]
        assert code == 0 and report["outcome"] == "passed", report["reasons"]
        assert report["events"]["acknowledged"] == len(posts) == 900, (report["events"], len(posts))

    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        port = free_port()
        server = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "--directory", name, str(port)]
        service = subprocess.Popen(server, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        code, report = run(program, folder, port, service)
        assert code == 1 and report["outcome"] == "threshold_missed", report["outcome"]
        assert report["events"]["failed"] == 900 and report["errors"] == {"answered 501": 900}, report
    print("both services were reported truthfully")


main()
