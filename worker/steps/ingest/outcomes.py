"""What a batch of events came to, event by event and text by text, as it is reported."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from worker.core.contract.event import Event
from worker.core.sending.notification_states import ENDS
from worker.core.sending.nudge import NotificationId
from worker.steps.effects import REPEATED, Accounted, Ended, Reported
from worker.steps.ends import buried
from worker.store.ingest.dead_letters import DeadLetter
from worker.store.ingest.events import Stored
from worker.store.ingest.notifications import NewNotification


def outcomes(
    stored: Sequence[Stored],
    written: Iterable[NewNotification],
    notification_ids: Mapping[bytes, NotificationId],
    repeated: Iterable[Event],
    dead: Iterable[DeadLetter],
) -> Iterator[Reported]:
    """Each event with its texts, those of them that end here, repeats and letters."""
    texts: dict[int, dict[NotificationId, NewNotification]] = defaultdict(dict)
    for new in written:
        if notification_id := notification_ids.get(new.draft.key):
            texts[new.event].setdefault(notification_id, new)
    for item in stored:
        event, own = item.event, texts.get(item.id, {})
        yield Accounted(event.account, event.id, event.type, item.outcome, tuple(own))
        for notification_id, new in own.items():
            draft = new.draft
            if draft.state in ENDS:
                yield Ended(draft.account, draft.trigger, notification_id, event.id, draft.state, draft.reason)
    yield from (Accounted(event.account, event.id, event.type, REPEATED) for event in repeated)
    yield from map(buried, dead)
