"""`python -m worker` is `perfectum-sms`."""

from __future__ import annotations

from worker.cli import main

main()
