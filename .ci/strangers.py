"""Runs against services of other projects: nginx, which answers 204 to everything (over HTTP/1.1, HTTPS and HTTP/2, and to clients with a
certificate), and Python's http.server, which refuses POST.

The reports must tell what the services logged. Both services listen on loopback and end with the script.
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
  ssl_certificate {folder}/certificate.pem;
  ssl_certificate_key {folder}/key.pem;
  server {{
    listen 127.0.0.1:{plain};
    listen 127.0.0.1:{tls} ssl http2;
    location / {{ return 204; }}
  }}
  server {{
    listen 127.0.0.1:{mutual} ssl http2;
    ssl_client_certificate {folder}/client.pem;
    ssl_verify_client on;
    location / {{ return 204; }}
  }}
}}
"""

# More than the 1,000 requests after which nginx closes a connection.
RATE, SECONDS = 500, 3
PLANNED = RATE * SECONDS


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


def run(program, folder, target, *options):
    """The exit code and the report of a short run against the service."""
    report = folder / "run.json"
    load = ["--duration", f"{SECONDS}s", "--rate", f"{RATE}/s", "--report", str(report)]
    code = subprocess.run([program, "run", "--target", target, *load, *options], check=False, timeout=120).returncode
    return code, json.loads(report.read_text(encoding="utf-8"))


def end(service):
    service.terminate()
    service.wait(timeout=20)


def certify(name, key, certificate):
    """Makes a key and a certificate of its own for this name."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name},IP:127.0.0.1",
         "-addext", "basicConstraints=critical,CA:FALSE", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True)


def nginx(program, folder):
    plain, tls, mutual = free_port(), free_port(), free_port()
    certificate = folder / "certificate.pem"
    certify("localhost", folder / "key.pem", certificate)
    certify("client", folder / "client-key.pem", folder / "client.pem")
    configuration = folder / "nginx.conf"
    configuration.write_text(NGINX.format(folder=folder, plain=plain, tls=tls, mutual=mutual), encoding="utf-8")
    service = subprocess.Popen(["nginx", "-c", str(configuration)])
    try:
        for port in (plain, tls, mutual):
            wait_for(port, service)
        trusting = ["--ca", str(certificate)]
        identified = [*trusting, "--cert", str(folder / "client.pem"), "--key", str(folder / "client-key.pem")]
        for target, options, protocol in (
            (f"http://127.0.0.1:{plain}", [], "HTTP/1.1"),
            (f"https://localhost:{tls}", trusting, "HTTP/1.1"),
            (f"https://localhost:{tls}", [*trusting, "--http2"], "HTTP/2.0"),
            (f"https://localhost:{mutual}", identified, "HTTP/1.1"),
            (f"https://localhost:{mutual}", [*identified, "--http2"], "HTTP/2.0"),
        ):
            # One connection, so that each run meets the end of one.
            code, report = run(program, folder, target, "--connections", "1", *options)
            assert code == 0 and report["outcome"] == "passed", (target, options, report["reasons"], report["errors"])
            assert report["events"]["acknowledged"] == PLANNED, (target, options, report["events"], report["errors"])
            # A line of the log may come after its answer.
            logged = 0
            for _ in range(100):
                log = (folder / "access.log").read_text(encoding="utf-8").splitlines()
                logged = sum(f'"POST /clientEvents {protocol}" 204' in line for line in log)
                if logged >= PLANNED:
                    break
                time.sleep(0.05)
            assert logged == PLANNED, (target, options, logged)
            (folder / "access.log").write_text("", encoding="utf-8")
        # nginx refuses clients without a certificate.
        _, report = run(program, folder, f"https://localhost:{mutual}", *trusting)
        assert report["outcome"] == "threshold_missed" and report["events"]["refused"] == PLANNED, report["events"]
        assert report["errors"] == {"answered 400": PLANNED}, report["errors"]
    finally:
        end(service)


def http_server(program, folder):
    port = free_port()
    server = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "--directory", str(folder), str(port)]
    service = subprocess.Popen(server, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(port, service)
        code, report = run(program, folder, f"http://127.0.0.1:{port}")
    finally:
        end(service)
    assert code == 1 and report["outcome"] == "threshold_missed", report["outcome"]
    assert report["events"]["failed"] == PLANNED and report["errors"] == {"answered 501": PLANNED}, report


def main():
    program = sys.argv[1]
    for check in (nginx, http_server):
        with tempfile.TemporaryDirectory() as name:
            check(program, pathlib.Path(name))
    print("all services were reported as they answered")


main()
