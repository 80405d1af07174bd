"""What deploy/ promises: held to Kubernetes' schemas, to docs/operations.md, and nginx is run.

Compose publishes no schema that resolves beside Rasa, so that its file is held to its promises only.
"""

from __future__ import annotations

import re
import shutil
import signal
import ssl
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import requests
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bot.settings import ROOT
from bot.settings_page import settings_page
from tests.support.scripted import ScriptedServer
from tests.support.server import free_port
from tests.support.services import needed, until

DEPLOY = ROOT / "deploy"
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yml"))
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
# For whoever runs it.
INSIDE = {"/ready", "/ready/process", "/metrics"}


def documents() -> Iterator[dict[str, Any]]:
    for path in MANIFESTS:
        yield from yaml.safe_load_all(path.read_text())


def kind(name: str) -> dict[str, Any]:
    return next(one for one in documents() if one["kind"] == name)


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_every_manifest_holds_to_the_schemas_of_kubernetes(path: Path) -> None:
    found = list(yaml.safe_load_all(path.read_text()))
    for document in found:
        kubernetes_validate.validate(document, "1.28", strict=True)
    found[0]["spec" if "spec" in found[0] else "data"]["unknownField"] = {"a": 1}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(found[0], "1.28", strict=True)


def test_a_new_process_answers_before_an_old_one_is_stopped() -> None:
    spec = kind("Deployment")["spec"]
    assert spec["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    pod = spec["template"]["spec"]
    (container,) = pod["containers"]
    pause = int(container["lifecycle"]["preStop"]["exec"]["command"][1])
    # The pause, the longest turn, and what a stop waits after it.
    assert pod["terminationGracePeriodSeconds"] > pause + 8 + 2 + 8
    assert container["readinessProbe"]["httpGet"]["path"] == "/ready/process"
    assert container["livenessProbe"]["httpGet"]["path"] == "/live"
    assert kind("PodDisruptionBudget")["spec"]["minAvailable"] >= 1


def test_the_scaler_alone_says_how_many_there_are() -> None:
    """A number in the deployment would be set again with every change of it."""
    assert "replicas" not in kind("Deployment")["spec"]
    scaler = kind("HorizontalPodAutoscaler")["spec"]
    assert scaler["scaleTargetRef"]["name"] == kind("Deployment")["metadata"]["name"]
    assert scaler["minReplicas"] >= 2


def test_a_pod_can_do_nothing_but_its_work() -> None:
    pod = kind("Deployment")["spec"]["template"]["spec"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    (container,) = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {"cpu", "memory"} <= set(container["resources"]["requests"])
    assert "memory" in container["resources"]["limits"]
    assert set(kind("NetworkPolicy")["spec"]["policyTypes"]) == {"Ingress", "Egress"}


def test_people_reach_every_page_and_nothing_that_is_for_the_operator(tmp_path: Path) -> None:
    paths = kind("Ingress")["spec"]["rules"][0]["http"]["paths"]

    def let_in(path: str) -> bool:
        return any(
            path == one["path"]
            or (one["pathType"] == "Prefix" and path.startswith(f"{one['path']}/"))
            for one in paths
        )

    with ScriptedServer(tmp_path) as server:
        page = requests.get(server.url, timeout=5).text
        linked = re.findall(r'(?:src|href)="([^"#?:]+)"', page)
        served = {f"/{path.lstrip('/')}" for path in linked}
        served |= {"/", "/live", "/privacy", "/webhooks/web/sessions", "/webhooks/slack/webhook"}
        assert len(served) >= 7
        for path in served | INSIDE:
            assert requests.get(server.url + path, timeout=5).status_code != 404, path
    assert {path for path in served if not let_in(path)} == set()
    assert {path for path in INSIDE if let_in(path)} == set()


def test_of_the_compose_group_only_80_and_443_are_open() -> None:
    assert SERVICES["proxy"]["ports"] == ["80:8080", "443:8443"]
    assert [name for name, one in SERVICES.items() if "ports" in one] == ["proxy"]
    for name in ("postgres", "redis"):
        assert SERVICES[name]["networks"] == ["back"]
    assert COMPOSE["networks"]["back"] == {"internal": True}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_of_compose_is_contained_limited_and_watched(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True and service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
    of_the_image = "HEALTHCHECK" in (DEPLOY / "Containerfile").read_text()
    assert "healthcheck" in service or (of_the_image and service["image"] == "waymark:1")
    assert ":" in service["image"] and not service["image"].endswith(":latest")
    for secret in service["secrets"]:
        assert COMPOSE["secrets"][secret]["file"] == f"../secrets/{secret}"


def test_every_setting_in_deploy_exists_and_no_secret_is_in_it() -> None:
    known = set(re.findall(r"`(WAYMARK_[A-Z_]+)`", settings_page()))
    environment = dict(SERVICES["waymark1"]["environment"])
    container = kind("Deployment")["spec"]["template"]["spec"]["containers"][0]
    environment |= {one["name"]: one["value"] for one in container["env"]}
    environment |= kind("ConfigMap")["data"]
    dotted = (DEPLOY / "Containerfile").read_text()
    names = set(environment) | set(re.findall(r"\b(WAYMARK_\w+)=", dotted))
    assert len(names) > 8
    assert names - known == set()
    for name, value in environment.items():
        if name.endswith("_FILE"):
            assert value.startswith("/run/secrets/")
    assert not [one for one in documents() if one["kind"] == "Secret"]


def test_the_images_are_from_one_base_and_run_as_nobody() -> None:
    text = (DEPLOY / "Containerfile").read_text()
    stages = re.split(r"^FROM ", text, flags=re.MULTILINE)[1:]
    assert [stage.split()[0] for stage in stages] == ["debian:12-slim"] * 3
    for stage in stages[1:]:
        assert re.search(r"^USER (10001:10001|www-data)$", stage, re.MULTILINE)
        assert re.search(r"^STOPSIGNAL ", stage, re.MULTILINE)
    assert "make setup" in stages[0] and "ADD " not in text
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".git", ".local", ".venv", "models", "secrets"} <= set(ignored)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Return a folder with a certificate for this machine and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (tmp_path / "tls_certificate").write_bytes(made.public_bytes(pem))
    (tmp_path / "tls_key").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return tmp_path


def test_nginx_of_compose_serves_over_tls_and_sends_everybody_there(
    certificate: Path, tmp_path: Path
) -> None:
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin")
    needed("nginx", present=program is not None)
    folder, plain, secure = tmp_path / "nginx", free_port(), free_port()
    shutil.copytree(DEPLOY / "nginx", folder)
    with ScriptedServer(tmp_path) as server:
        config = (folder / "nginx.conf").read_text()
        for old, new in (
            # First: every other folder lies in this one.
            ("/tmp/", f"{tmp_path}/"),
            ("waymark1:5005", f"127.0.0.1:{server.port}"),
            # The second one is away: nobody notices.
            ("waymark2:5005", f"127.0.0.1:{free_port()}"),
            ("listen 8080", f"listen 127.0.0.1:{plain}"),
            ("listen 8443", f"listen 127.0.0.1:{secure}"),
            ("/etc/nginx/waymark", str(folder)),
            ("/run/secrets", str(certificate)),
            ("worker_processes auto", "user root;\nworker_processes 1"),
        ):
            assert old in config
            config = config.replace(old, new)
        (folder / "nginx.conf").write_text(config)
        nginx = subprocess.Popen(
            [str(program), "-e", "stderr", "-c", str(folder / "nginx.conf")],
            stderr=subprocess.PIPE,
        )
        try:
            live = f"http://localhost:{plain}/live"
            until(lambda: answers(live), seconds=20, what="an answer of nginx")
            sent = requests.get(f"http://localhost:{plain}/?a=1", timeout=5, allow_redirects=False)
            assert sent.status_code == 301 and sent.headers["location"] == "https://localhost/?a=1"
            session = requests.Session()
            ours = str(certificate / "tls_certificate")
            for _ in range(4):
                page = session.get(f"https://localhost:{secure}/", timeout=5, verify=ours)
                assert page.status_code == 200
                assert page.headers["strict-transport-security"] == "max-age=31536000"
                assert "default-src 'none'" in page.headers["content-security-policy"]
            with pytest.raises(requests.exceptions.SSLError):
                session.mount("https://", adapter(ssl.TLSVersion.TLSv1_1))
                session.get(f"https://localhost:{secure}/", timeout=5, verify=False)
        finally:
            nginx.send_signal(signal.SIGQUIT)
            _, errors = nginx.communicate(timeout=20)
        assert nginx.returncode == 0 and errors == b""


def adapter(newest: ssl.TLSVersion) -> requests.adapters.HTTPAdapter:
    """Return what connects with this version of TLS at most."""

    class Old(requests.adapters.HTTPAdapter):
        def init_poolmanager(self, *given: Any, **named: Any) -> None:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = newest
            super().init_poolmanager(*given, ssl_context=context, **named)

    return Old()


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).status_code == 200
    except requests.RequestException:
        return False
