"""docs/openapi.yml and the server's routes say the same, both ways."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.channels import web
from bot.server import make_app
from knowledge.base import Knowledge
from knowledge.message import KINDS
from tests.channels.support import SETTINGS, ScriptedBrain
from tests.support.server import ROOT

METHODS = ("get", "post", "put", "patch", "delete", "head", "options")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "docs/openapi.yml").read_text("utf-8")))


def documented(document: dict[str, Any]) -> set[tuple[str, str]]:
    """Return every method and path of the document, each value of a path's names written out."""
    found = set()
    for path, item in document["paths"].items():
        methods = [name for name in METHODS if name in item]
        operation = item[methods[0]]
        names = [p for p in operation.get("parameters", ()) if p["in"] == "path"]
        for values in product(*(name["schema"]["enum"] for name in names)):
            made = path
            for name, value in zip(names, values, strict=True):
                made = made.replace("{" + name["name"] + "}", value)
            found |= {(method.upper(), made) for method in methods}
    return found


def test_every_route_is_documented_and_every_documented_one_is_there(
    document: dict[str, Any],
) -> None:
    app = make_app(SETTINGS, brain=ScriptedBrain(), name="documented")
    app.router.finalize()
    served = {(method, f"/{route.path}") for route in app.router.routes for method in route.methods}
    assert served == documented(document)


def test_the_documented_homes_kinds_and_codes_are_those_of_the_server(
    document: dict[str, Any], knowledge: Knowledge
) -> None:
    schemas = document["components"]["schemas"]
    homes = schemas["NewSession"]["properties"]["home"]["enum"]
    assert set(homes) - {None} == {place.id for place in knowledge.homes()}
    assert tuple(schemas["Message"]["properties"]["kind"]["enum"]) == KINDS
    codes = schemas["Error"]["properties"]["error"]["properties"]["code"]["enum"]
    sources = (ROOT / "bot/server.py", Path(web.__file__))
    written = "\n".join(source.read_text("utf-8") for source in sources)
    raised = set(re.findall(r'ApiError\(\s*\d{3},\s*"(\w+)"', written))
    raised |= {"not_found", "method_not_allowed", "too_big", "bad_request", "fault"}
    assert set(codes) == raised
