"""What the group is made of: the programs from Debian's packages, and our own servers."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from bot.cluster.programs import ClusterError, Program, found, free_port, is_ok, takes_connections
from bot.settings import LOCAL, ROOT, local_key

NGINX_FILES = ROOT / "deploy" / "nginx"
_POSTGRES_USER = "postgres"
# Seconds that a model may take to load: several do so at once, on few cores.
_LOADING = 300.0


@dataclass(frozen=True, slots=True)
class Debian:
    """Where the programs from Debian's packages are."""

    postgres: str
    initdb: str
    redis: str
    nginx: str


def debian(problems: list[str]) -> Debian:
    """Return the programs; what is not installed goes to ``problems``."""
    return Debian(
        postgres=found("postgres", package="postgresql", problems=problems),
        initdb=found("initdb", package="postgresql", problems=problems),
        redis=found("redis-server", package="redis-server", problems=problems),
        nginx=found("nginx", package="nginx-light", problems=problems),
    )


class Secrets:
    """The group's own secrets: made once, one a file, for its owner alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def path(self, name: str, content: str = "") -> Path:
        """Return the file of a secret, made where it is missing or where its content is given."""
        path = self._folder / name
        if content or not path.exists():
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(content or secrets.token_hex(32))
        return path

    def value(self, name: str) -> str:
        """Return a secret."""
        return self.path(name).read_text("utf-8")


def postgres_data(folder: Path) -> Path:
    """Return where the group's PostgreSQL keeps its data.

    It refuses to run as root, and its own user cannot look into a folder of root's: then they are
    in that user's home.
    """
    if os.getuid() != 0:
        return folder / "postgres"
    name = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]
    return Path("/var/lib/postgresql") / f"waymark-cluster-{name}"


def postgres(programs: Debian, folder: Path, keys: Secrets) -> tuple[Program, str]:
    """Return PostgreSQL, with an empty database where there is none yet, and its address."""
    user = _POSTGRES_USER if os.getuid() == 0 else None
    data, port, password = postgres_data(folder), free_port(), keys.value("postgres")
    if not (data / "PG_VERSION").exists():
        _new_database(programs, data, password=password, user=user)
    # From a group that was killed: nobody else can have this folder.
    (data / "postmaster.pid").unlink(missing_ok=True)
    program = Program(
        name="postgres",
        command=(
            *(programs.postgres, "-D", str(data), "-p", str(port)),
            *("-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={data}"),
        ),
        works=lambda: takes_connections(port),
        port=port,
        user=user,
        stop_signal=signal.SIGINT,
    )
    return program, f"postgresql://waymark:{password}@127.0.0.1:{port}/postgres"


def _new_database(programs: Debian, data: Path, *, password: str, user: str | None) -> None:
    shutil.rmtree(data, ignore_errors=True)
    # Its user has to read the password, and nobody else may.
    file = data.with_name(f"{data.name}.password")
    file.touch(mode=0o600)
    file.write_text(password, encoding="utf-8")
    if user:
        shutil.chown(file, user)
    made = subprocess.run(
        [
            *(programs.initdb, "-D", str(data), "-U", "waymark", "--no-sync"),
            *("--auth=scram-sha-256", f"--pwfile={file}", "--encoding=UTF8"),
        ],
        user=user,
        cwd="/",
        check=False,
        capture_output=True,
        text=True,
    )
    file.unlink()
    if made.returncode:
        raise ClusterError([f"postgres: no database could be made in {data}: {made.stderr[-300:]}"])


def redis(programs: Debian, folder: Path, keys: Secrets) -> tuple[Program, str]:
    """Return Redis, which keeps nothing on disk, and its address."""
    port, password = free_port(), keys.value("redis")
    settings = keys.path(
        "redis.conf",
        f"port {port}\nbind 127.0.0.1\nrequirepass {password}\n"
        f'save ""\nappendonly no\ndir "{folder}"\n',
    )
    program = Program(
        name="redis",
        command=(programs.redis, str(settings)),
        works=lambda: takes_connections(port),
        port=port,
    )
    return program, f"redis://:{password}@127.0.0.1:{port}/0"


def server(number: int, *, public: int, database: Path, order: Path, keys: Secrets) -> Program:
    """Return one of our servers; it opens its port when it can answer."""
    port = free_port()
    # The model was signed on this machine with this key.
    local_key("model_key")
    files = {
        "WAYMARK_MODEL_KEY": LOCAL / "model_key.key",
        "WAYMARK_SECRET": keys.path("secret"),
        "WAYMARK_STORE_KEY": keys.path("store_key"),
        "WAYMARK_DATABASE": database,
        "WAYMARK_REDIS": order,
    }
    environment = {
        "WAYMARK_ORIGINS": f"http://localhost:{public}",
        "WAYMARK_PORT": str(port),
        "WAYMARK_PROXIES": "1",
        "WAYMARK_WAIT": f"{_LOADING:g}",
        "RASA_TELEMETRY_ENABLED": "false",
        **{f"{name}_FILE": str(path) for name, path in files.items()},
    }
    return Program(
        name=f"waymark-{number}",
        command=(str(Path(sys.executable).with_name("waymark")), "serve", "--production"),
        works=lambda: is_ok(f"http://127.0.0.1:{port}/ready"),
        port=port,
        environment=environment,
        patience=(_LOADING + 60, 30.0),
    )


def nginx(programs: Debian, folder: Path, *, public: int, servers: list[Program]) -> Program:
    """Return nginx before the servers: no page is kept at one, messaging channels are."""
    addresses = "\n".join(f"    server 127.0.0.1:{one.port} max_fails=0;" for one in servers)
    first, *others = servers
    messaging = "\n".join(
        [
            f"    server 127.0.0.1:{first.port} max_fails=0;",
            *(f"    server 127.0.0.1:{one.port} backup;" for one in others),
        ]
    )
    # Its workers have to reach this folder; as root they would be somebody else.
    user = "user root;\n" if os.getuid() == 0 else ""
    temporary = "\n".join(
        f'  {kind}_temp_path "{folder}/nginx-{kind}";'
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    settings = folder / "nginx.conf"
    settings.write_text(
        f"""{user}worker_processes 1;
daemon off;
pid "{folder}/nginx.pid";
error_log stderr crit;
events {{ worker_connections 1024; }}
http {{
{temporary}
  upstream waymark {{
{addresses}
    keepalive 32;
    keepalive_timeout 4s;
  }}
  upstream waymark_messaging {{
{messaging}
    keepalive 8;
    keepalive_timeout 4s;
  }}
  include "{NGINX_FILES}/proxy.conf";
  server {{
    listen 127.0.0.1:{public};
    set $waymark_files "{NGINX_FILES}";
    include "{NGINX_FILES}/locations.conf";
  }}
}}
""",
        encoding="utf-8",
    )
    return Program(
        name="nginx",
        command=(programs.nginx, "-e", "stderr", "-p", str(folder), "-c", str(settings)),
        works=lambda: is_ok(f"http://127.0.0.1:{public}/live"),
        port=public,
        stop_signal=signal.SIGQUIT,
        patience=(30.0, 15.0),
    )
