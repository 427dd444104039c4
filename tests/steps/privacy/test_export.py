from tests.steps.ledger import planned
from tests.steps.privacy.test_erase import FIRST, HER_KEY, PHONE, TARAS, her, known_everywhere
from tests.support.crm import SALT, event
from worker.core.audit.action import person_of
from worker.steps.ingest.plan import Intake
from worker.steps.privacy.export import export
from worker.steps.sending.post import Sender
from worker.store.audit.audit import Wanted, list_notes
from worker.store.db.postgres import Pool, transaction


def exported(pool: Pool) -> dict[str, object]:
    with transaction(pool) as connection:
        return export(connection, PHONE, None, salt=SALT, by="Олена")


def test_a_person_is_shown_all_that_is_kept_of_them(intake: Intake, sender: Sender) -> None:
    known_everywhere(intake, sender)

    found = exported(intake.pool)

    assert {name for name, items in found.items() if items} >= {
        *("phone", "texts", "events", "records", "calendar", "dead_letters", "stop_list", "people")
    }
    assert FIRST in str(found["texts"])


def test_nothing_of_others_is_shown_to_them(intake: Intake, sender: Sender) -> None:
    known_everywhere(intake, sender)

    assert str(TARAS["firstname"]) not in str(exported(intake.pool))


def test_who_asked_is_noted_with_how_much_they_got(intake: Intake) -> None:
    planned(intake, event(recipients=[her()]))

    exported(intake.pool)

    with transaction(intake.pool) as connection:
        [noted] = list_notes(connection, Wanted(action="privacy_export"))
    assert (noted.by, noted.subject, (noted.after or {})["texts"]) == ("Олена", person_of(HER_KEY), 1)
