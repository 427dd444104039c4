"""Jobs: tried before somebody agrees, and carried on part by part by whichever console has time."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from functools import partial
from typing import Any

from worker.core.hands.chosen import Chosen
from worker.core.hands.job import Part
from worker.core.hands.resend import DID_NOT_ARRIVE, MAY_HAVE_ARRIVED, Terms
from worker.core.sending.nudge import NotificationId
from worker.logs.setup import log
from worker.steps.hands.cancel import cancel
from worker.steps.hands.resend import resend
from worker.steps.hands.resend_rehearsal import rehearse_resend
from worker.steps.ingest.plan import Intake
from worker.steps.operate.dead_letters import drop
from worker.steps.operate.replay import CannotBeReplayed, Outcome, RefusedAgain, Replay, replay
from worker.steps.sending.post import Sender
from worker.store.db.postgres import Connection, clock, committed, is_caused_by_input, tried
from worker.store.hands import chosen as chosen_texts
from worker.store.hands import jobs

#: Items of one transaction; while it lasts nobody can stop the job.
PART = 100
#: So many are tried before somebody agrees: what becomes of the others is much the same.
TRIED_TEXTS, TRIED_LETTERS = 500, 50
REPLAYED, REFUSED, NOT_REPLAYED = "replayed", "refused_again", "not_replayed"
DROPPED, CLOSED_BEFORE, BROKEN = "dropped", "closed_before", "broken"


def states_of(terms: Mapping[str, Any]) -> frozenset[str]:
    """The states in which a text is sent again; of what may have arrived only what was agreed to."""
    return DID_NOT_ARRIVE | MAY_HAVE_ARRIVED if terms.get("twice") else DID_NOT_ARRIVE


def facts_of(connection: Connection, wanted: Chosen) -> dict[str, Any]:
    """What texts are composed of, and what they may cost at most."""
    cost = wanted.cost(chosen_texts.prices_of(connection, wanted))
    return {
        "oldest": wanted.oldest,
        "newest": wanted.newest,
        "states": wanted.count_by("state"),
        "triggers": wanted.count_by("trigger"),
        **asdict(cost),
    }


def tried_resend(sender: Sender, wanted: Chosen, terms: Terms) -> Counter[str]:
    """What would become of the first of them: sent again and claimed as workers do, and taken back."""
    for account, ids in wanted.parts(TRIED_TEXTS):
        act = partial(rehearse_resend, account=account, notification_ids=ids, sender=sender, terms=terms)
        return tried(sender.pool, act, keeps=lambda _counts: False)
    return Counter()


def tried_replay(intake: Intake, numbers: Sequence[int], *, by: str) -> Counter[str]:
    """What would become of the first letters."""
    how = Replay(by, is_trial=True)
    return Counter(name_of(replay(intake, number, how)) for number in numbers[:TRIED_LETTERS])


def carry_on(intake: Intake) -> bool:
    """Do the next part of a job; False: none runs."""
    return committed(intake.pool, partial(do_part, intake))


def do_part(intake: Intake, connection: Connection) -> bool:
    part = jobs.next_part(connection, size=PART)
    if part is None:
        return False
    jobs.advance(connection, part, outcomes(intake, part, connection), now=clock(connection))
    return True


def outcomes(intake: Intake, part: Part, connection: Connection) -> Counter[str]:
    """What became of a part; one that breaks stays as it was, and the others go on."""
    try:
        with connection.transaction():
            return act(intake, part, connection)
    except Exception as error:
        if not is_caused_by_input(error):
            raise
        log.error("job.fault", job=part.id, action=part.action, exc_info=error)
        return Counter({BROKEN: len(part.items)})


def act(intake: Intake, part: Part, connection: Connection) -> Counter[str]:
    match part.action:
        case "cancel":
            return cancel(connection, part.account, list(map(id_of, part.items)), by=part.by)
        case "resend":
            terms = Terms(part.by, states_of(part.terms), part.total)
            return resend(connection, part.account, list(map(id_of, part.items)), terms=terms)
        case "replay":
            # In transactions of their own: a letter that is refused again takes no other along.
            return Counter(name_of(replay(intake, int(number), Replay(part.by))) for number in part.items)
        case "drop":
            why, now = str(part.terms.get("why", "")), clock(connection)
            done = drop(connection, list(map(int, part.items)), why=why, by=part.by, now=now)
            return Counter(DROPPED if each.is_done else CLOSED_BEFORE for each in done)


def id_of(item: str) -> NotificationId:
    month, _slash, number = item.partition("/")
    return date.fromisoformat(f"{month}-01"), int(number)


def name_of(outcome: Outcome) -> str:
    match outcome:
        case RefusedAgain():
            return REFUSED
        case CannotBeReplayed():
            return NOT_REPLAYED
        case _:
            return REPLAYED
