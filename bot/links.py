"""Do the cited addresses still open? A job of its own: the rest of Waymark asks nobody."""

from __future__ import annotations

import http.client
import socket
import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from knowledge.model import Fact
from knowledge.yaml_lines import DataError, Problem, read_yaml

State = Literal["opens", "moved", "gone", "nameless", "unsure", "unreachable", "skipped"]
TIMEOUT = 15.0
DELAY = 1.0
HOSTS_AT_ONCE = 8
AGENT = "waymark-links (checks whether cited pages still open)"
_ASKED_AGAIN = ("gone", "unsure", "nameless")
# These servers answer no programs, or not always: a person has to look. So for every 5xx.
_UNSURE = (401, 403, 405, 406, 408, 429)


@dataclass(frozen=True, slots=True)
class Link:
    """A cited address, where it is cited first, and what became of it."""

    url: str
    where: str
    state: State = "opens"
    note: str = ""


def cited(facts: Iterable[Fact]) -> dict[str, str]:
    """Return every address that facts cite or show, and where it stands first."""
    found: dict[str, str] = {}
    for fact in facts:
        for url in (*fact.urls, *(citation.url for citation in fact.citations)):
            found.setdefault(url.partition("#")[0], fact.where)
    return found


def load_skips(path: Path) -> dict[str, str]:
    """Return the hosts that are not asked and why, or raise ``DataError``."""
    problems: list[Problem] = []
    node = read_yaml(path, root=path.parent.parent, problems=problems)
    skips: dict[str, str] = {}
    for entry in node.items().get("skip", node).entries() if node else ():
        values = entry.plain()
        if not isinstance(values, dict) or set(values) != {"host", "reason"} or None in values:
            problems.append(Problem(entry.where, "not a skip", "write host and reason"))
            continue
        skips[str(values["host"])] = str(values["reason"])
    if problems:
        raise DataError(problems)
    return skips


def check_links(
    urls: Mapping[str, str],
    *,
    skips: Mapping[str, str],
    delay: float = DELAY,
    timeout: float = TIMEOUT,
) -> Iterator[Link]:
    """Yield what became of each address: several hosts at once, each with a pause between two."""
    by_host: dict[str, list[str]] = defaultdict(list)
    for url in urls:
        by_host[urlsplit(url).hostname or ""].append(url)

    def of_host(host: str) -> list[Link]:
        if host in skips:
            return [Link(url, urls[url], "skipped", skips[host]) for url in by_host[host]]
        found = []
        for at, url in enumerate(by_host[host]):
            if at:
                time.sleep(delay)
            found.append(Link(url, urls[url], *_ask(url, timeout)))
        return found

    with ThreadPoolExecutor(HOSTS_AT_ONCE) as pool:
        for found in pool.map(of_host, by_host):
            yield from found


def offline(found: Iterable[Link]) -> bool:
    """Say whether no host at all could be reached: then nothing was learnt about any page."""
    asked = [link for link in found if link.state != "skipped"]
    # Without a network no name resolves either.
    return bool(asked) and all(link.state in ("unreachable", "nameless") for link in asked)


def _ask(url: str, timeout: float) -> tuple[State, str]:
    """Ask for the head of a page, and for the page where a server answers no heads.

    A name that does not resolve is asked for twice too: that may be the resolver's fault.
    """
    state, note = _try(url, "HEAD", timeout)
    return _try(url, "GET", timeout) if state in _ASKED_AGAIN else (state, note)


def _try(url: str, method: str, timeout: float) -> tuple[State, str]:
    request = urllib.request.Request(url, method=method, headers={"User-Agent": AGENT})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            end = answer.geturl().partition("#")[0]
    except urllib.error.HTTPError as error:
        unsure = error.code in _UNSURE or error.code >= 500
        return ("unsure" if unsure else "gone"), f"status {error.code}"
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        state: State = "nameless" if isinstance(reason, socket.gaierror) else "unreachable"
        return state, type(reason).__name__
    if _plain(end) == _plain(url):
        return "opens", ""
    # A page that sends everybody to the front page of its site no longer holds what was cited.
    home = urlsplit(end).path in ("", "/") and urlsplit(url).path not in ("", "/")
    return ("gone", f"leads to {end}") if home else ("moved", f"to {end}")


def _plain(url: str) -> str:
    parts = urlsplit(url)
    return f"{(parts.hostname or '').removeprefix('www.')}{parts.path.rstrip('/')}?{parts.query}"
