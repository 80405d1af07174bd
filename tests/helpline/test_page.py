"""docs/helplines.md can be followed: its commands are run, and do what the page says."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from bot.settings import SettingsError, from_environment
from tests.helpline.support import ROOT
from tests.helpline.test_server import WAYMARK
from tests.maintain.test_docs import commands, pattern

PAGE = (ROOT / "docs" / "helplines.md").read_text(encoding="utf-8")
_BLOCK = re.compile(r"^( *)<!-- (\w+) -->\n *```(\w+)\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
TOKEN = "42:canary-token"


def blocks(mark: str, language: str) -> list[str]:
    """Return the marked blocks of a language, in order."""
    found = []
    for indent, marked, tongue, block in _BLOCK.findall(PAGE):
        if (marked, tongue) == (mark, language):
            lines = [line.removeprefix(indent) for line in block.splitlines()]
            found.append("\n".join(lines) + "\n")
    return found


class Answering(BaseHTTPRequestHandler):
    """Plays Telegram and the helpline's own server; notes each request."""

    seen: list[tuple[str, str]]

    def do_GET(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self.seen.append((self.path, body))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"ok":true}')

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def internet() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Return the address of a stand-in for the hosts of the page, and what it was asked."""
    seen: list[tuple[str, str]] = []
    server = HTTPServer(("127.0.0.1", 0), type("Noting", (Answering,), {"seen": seen}))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", seen
    server.shutdown()
    server.server_close()
    thread.join()


def run(script: str, folder: Path, *, said: str = "") -> subprocess.CompletedProcess[str]:
    """Run a block in bash, as somebody who pastes it."""
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        input=said,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={
            **{k: v for k, v in os.environ.items() if not k.startswith("WAYMARK_")},
            "PATH": f"{WAYMARK.parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
        },
    )


def environment(path: Path) -> dict[str, str]:
    """Return the variables of an environment file, as a service reads it."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_the_page_can_be_followed_from_nothing_to_a_live_telegram_and_whatsapp_number(
    tmp_path: Path, internet: tuple[str, list[tuple[str, str]]]
) -> None:
    if not (shutil.which("curl") and shutil.which("openssl")):
        pytest.skip("curl or openssl is not installed")
    address, seen = internet
    etc = tmp_path / "etc"
    scripts = blocks("tested", "sh")
    assert len(scripts) == 11
    for script in scripts:
        here = (
            script.replace("/etc/waymark", str(etc))
            .replace("https://api.telegram.org", address)
            .replace("curl -s https://help.your-site.example", f"curl -s {address}")
        )
        done = run(here, tmp_path, said=f"{TOKEN}\n")
        assert done.returncode == 0 and done.stderr == "", f"{script}\n{done.stderr}"
        assert TOKEN not in done.stdout
    for path in etc.iterdir():
        if path.name != "environment":
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name

    set_webhook = next(body for path, body in seen if path == f"/bot{TOKEN}/setWebhook")
    told = parse_qs(set_webhook)
    assert told["url"] == ["https://help.your-site.example/webhooks/telegram/webhook"]
    assert told["secret_token"] == [(etc / "telegram_secret").read_text()]
    assert [path for path, _ in seen] == [
        *("/ready", "/privacy"),
        *(f"/bot{TOKEN}/setWebhook", f"/bot{TOKEN}/getWebhookInfo"),
    ]

    live_with_what_the_page_made(tmp_path, environment(etc / "environment"))


def live_with_what_the_page_made(folder: Path, values: dict[str, str]) -> None:
    """Hold what was set to a server in production, with a file that lists both channels."""
    text = (folder / "helpline.yml").read_text(encoding="utf-8")
    helpline = folder / "etc" / "helpline.yml"
    helpline.write_text(
        text.replace("channels: [web]", "channels: [web, telegram, whatsapp]")
        + "hand_off:\n  desk: webhook\n  url: https://desk.tern-harbour.org/waymark\n"
        "  wait_minutes: 10\n  fallback: advice\n"
    )
    assert values["WAYMARK_TWILIO_FROM"] == "whatsapp:+...", "the page names no number"
    values |= {"WAYMARK_TWILIO_FROM": "whatsapp:+447700900999"}
    with pytest.raises(SettingsError) as caught:
        from_environment(values, production=True)
    # All that is left is that the page's helpline is made up.
    assert len(caught.value.problems) == 2
    assert all("is kept for examples" in line for line in caught.value.problems)
    settings = from_environment(values)
    assert settings.channels.telegram is not None and settings.channels.telegram.token == TOKEN
    assert settings.channels.twilio is not None and settings.hand_off is not None
    assert settings.default_home == "scotland"


def test_what_check_prints_is_what_the_page_says(tmp_path: Path) -> None:
    run(blocks("tested", "sh")[1], tmp_path)
    [block] = blocks("tested", "console")
    for command, said in commands(block):
        done = run(f"{{ {command}; }} || true", tmp_path)
        printed = (done.stdout + done.stderr).strip()
        assert pattern(said).fullmatch(printed), f"{command}\n{printed}"


def test_the_service_is_one_that_systemd_can_read(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")
    [unit] = blocks("unit", "ini")
    path = tmp_path / "waymark.service"
    path.write_text(re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", unit), encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    about_it = [line for line in done.stderr.splitlines() if "waymark.service" in line]
    assert done.returncode == 0 and about_it == [], done.stderr


def test_the_web_server_in_front_is_one_that_nginx_takes(tmp_path: Path) -> None:
    if not (shutil.which("nginx") and shutil.which("openssl")):
        pytest.skip("nginx or openssl is not installed")
    [block] = blocks("nginx", "nginx")
    live = "/etc/letsencrypt/live/help.your-site.example"
    key = ["-keyout", "privkey.pem", "-out", "fullchain.pem", "-subj", "/CN=help.example"]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", *key],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    config = tmp_path / "nginx.conf"
    config.write_text(
        f"pid {tmp_path}/nginx.pid;\nerror_log {tmp_path}/error.log;\nevents {{}}\n"
        f"http {{\n{block.replace(live, str(tmp_path))}\n}}\n"
    )
    done = subprocess.run(
        ["nginx", "-t", "-c", str(config), "-p", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_page_holds_no_number_that_somebody_might_dial() -> None:
    shown = set(re.findall(r"\+?\d[\d ]{7,}\d", PAGE))
    assert {number.replace(" ", "") for number in shown} <= {
        "02079460123",
        "+442079460123",
        "+442079460124",
    }
