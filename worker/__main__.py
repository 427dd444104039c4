"""`python -m worker` is `perfectum-sms`."""

from worker.cli import main

main()
