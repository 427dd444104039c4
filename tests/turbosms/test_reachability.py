from pathlib import Path

import structlog

from tests.support.crm import TOKEN
from tests.turbosms.raw_server import answer, serving
from tests.turbosms.test_client import OK, self_signed
from worker.turbosms.client import TurboSms
from worker.turbosms.reachability import Reach


def test_an_untrusted_certificate_is_logged_once_and_once_when_over(tmp_path: Path) -> None:
    reach = Reach()
    with structlog.testing.capture_logs() as log_entries:
        with serving(answer(OK), self_signed(tmp_path)) as server:
            provider = TurboSms(server.url, deadline_s=1, on_reachability=reach.record)
            for _ in range(2):
                provider.ping(token=TOKEN)
            provider.close()
        with serving(answer(OK)) as server:
            provider = TurboSms(server.url, on_reachability=reach.record)
            for _ in range(2):
                provider.ping(token=TOKEN)
            provider.close()

    assert [line["event"] for line in log_entries] == ["provider.unreachable", "provider.reached"]
    assert "certificate verify failed" in log_entries[0]["reason"]
