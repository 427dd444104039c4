"""Entry point of `python -m deploy.services`."""

from __future__ import annotations

from deploy.services.command import app

if __name__ == "__main__":
    app(prog_name="python -m deploy.services")
