import os
from collections.abc import Generator
from pathlib import Path

import pytest

from deploy.services.local import Pair
from deploy.services.server import Launch, Server
from tests.faults.harness.environment import Stage, stage_of, token_of
from tests.faults.harness.servers import Servers, close
from tests.faults.matrix import MATRIX
from tests.support.crm import execute
from tests.support.http_client import http

REFUSE = "UPDATE notifications SET state = 'refused', reason = 'seeded', due_at = NULL WHERE text LIKE %s"
#: Another seed makes other faults; the same seed makes these again.
SEED = int(os.environ.get("FAULTS_SEED", "1"))


NOBODY = Server("nobody", "", Path(), Launch((), {}), lambda: True)


class Lent(Servers):
    """The servers of the whole session, which no row here kills."""

    def revive(self) -> None:
        """They live."""


@pytest.fixture
def lent(amqp_url: str, services: tuple[str, str], template_database: str, tmp_path: Path) -> Generator[Servers]:
    result = Lent(Pair(amqp_url, services[1], NOBODY, NOBODY, tmp_path), template_database, "")
    yield result
    close(list(result.nurseries.values()))


def test_every_row_of_the_matrix_runs_or_has_a_reason() -> None:
    assert [row.id for row in MATRIX if row.run is None and not row.reason] == []
    assert len({row.id for row in MATRIX}) == len(MATRIX)


def test_the_checker_sees_a_loss_a_double_and_a_wrong_end_in_a_real_system(lent: Servers, tmp_path: Path) -> None:
    with stage_of("seeded", seed=SEED, servers=lent, folder=tmp_path) as stage:
        lost, doubled, wrong = (stage.events.single("order.created", people=1) for _ in range(3))
        with stage.fleet(workers=1) as fleet:
            stage.publish([lost, doubled, wrong]).wait()
            assert stage.rest().came
            execute(stage.pool, "DELETE FROM notifications WHERE text LIKE %s", f"%{lost.mark}%")
            execute(stage.pool, REFUSE, f"%{wrong.mark}%")
            send_again(stage, doubled.mark)
            result = stage.result(fleet, runs=1)

    assert (result.lost, result.doubled) == (1, 1)
    assert [fault for fault in result.faults if wrong.mark in fault and "refused" in fault]
    assert not result.is_ok


def send_again(stage: Stage, mark: str) -> None:
    """What becomes of a repeat where the provider has forgotten its key."""
    stage.provider.settings(duplicate_window_s=0)
    known = next(message for message in stage.provider.messages() if mark in message["text"])
    sms = {"sender": known["sender"], "text": known["text"]}
    body = {"recipients": [known["recipient"]], "sms": sms, "sequence_id": f"{known['sequence_id']}x"}
    headers = {"Authorization": f"Bearer {token_of(known['account'])}"}
    http.post(f"{stage.provider.url}/message/send.json", json=body, headers=headers).raise_for_status()
