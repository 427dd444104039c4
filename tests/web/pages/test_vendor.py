"""What browsers get from others is what its makers published, and nothing besides."""

import hashlib
import json

from worker.web.pages.assets import STATIC

VENDOR = STATIC / "vendor"


def test_each_file_has_the_hash_that_is_kept() -> None:
    entries = json.loads((VENDOR / "vendor.json").read_text())

    assert {path.name for path in VENDOR.iterdir()} == {"vendor.json", *(entry["file"] for entry in entries)}
    for entry in entries:
        assert hashlib.sha256((VENDOR / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]
        assert entry["integrity"].startswith("sha512-")
        assert entry["licence"]
