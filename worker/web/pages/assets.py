"""Style, scripts and pictures: each at an address that holds its hash, so that browsers may keep it for ever."""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

STATIC = Path(str(files("worker").joinpath("web/pages/static")))
PREFIX = "/assets"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent; `zipped` to browsers that take it so, which all do."""

    content: bytes
    zipped: bytes
    media_type: str
    digest: str


@cache
def assets() -> Mapping[str, Asset]:
    """Every file that browsers may ask for, by its name below `static/`."""
    found = sorted(path for path in STATIC.rglob("*") if path.suffix in TYPES)
    return {path.relative_to(STATIC).as_posix(): asset(path) for path in found}


def asset(path: Path) -> Asset:
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()[:12]
    return Asset(content, gzip.compress(content, mtime=0), TYPES[path.suffix], digest)


def address_of(name: str) -> str:
    return f"{PREFIX}/{assets()[name].digest}/{name}"


async def show(request: Request) -> Response:
    """A file; the hash is for browsers' caches: who asks with an old one gets the file of today."""
    found = assets().get(request.path_params["name"])
    if found is None:
        return Response(status_code=404)
    headers = {"Vary": "Accept-Encoding"}
    is_todays = request.path_params["digest"] == found.digest
    headers["Cache-Control"] = FOR_EVER if is_todays else "no-store"
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(found.zipped, headers={**headers, "Content-Encoding": "gzip"}, media_type=found.media_type)
    return Response(found.content, headers=headers, media_type=found.media_type)


ROUTE = Route(f"{PREFIX}/{{digest}}/{{name:path}}", show, methods=["GET"])
