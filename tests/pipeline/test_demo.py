from __future__ import annotations

import os
import subprocess
import sys

from tests.crm import SECRET


def test_the_demo_ends_as_expected_at_any_hour(amqp_url: str, database_url: str) -> None:
    environment = {**os.environ, "SMS_AMQP_URL": amqp_url, "SMS_DATABASE_URL": database_url, "SMS_SECRET_KEY": SECRET}
    environment |= {"NO_COLOR": "1", "COLUMNS": "200"}

    done = subprocess.run(
        [sys.executable, "-m", "worker", "demo"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Олена, рахунок" in done.stdout
    assert "1 repeated event sent nothing more" in done.stdout
    for reason in ("not_json", "schema", "unknown_account", "account_mismatch", "id_reused", "bad_phone", "landline"):
        assert reason in done.stdout
