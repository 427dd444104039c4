"""Stories in which anything may happen to the ledger: commands, deaths, late workers, whatever the provider answers.

Real SQL, the real steps, the simulated provider over HTTP. A longer search: SMS_STORIES=1000 runs so many stories,
others in each run; a failure is reported as the shortest story that still fails.
"""

import os
import sys
from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar, get_args

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,  # pyright: ignore[reportUnknownVariableType] - untyped there
)

from tests.story.crm_events import RECORD_KINDS, CrmEvent
from tests.story.environment import IN_FLIGHT, KEY_LIFE, RICH, Stage, stage
from tests.story.final_states import Happened, every_end_is_explained, everything_is_finished
from tests.story.invariants import (
    PROMISES,
    acceptances_are_recorded,
    no_account_has_more_under_way_than_it_may,
    no_text_goes_twice,
)
from tests.story.provider_faults import Trouble, refusals, troubles
from tests.story.surroundings import Change, World
from tests.story.workers import Death, Fate, QueuedNudge, Workers
from tests.support.databases import own_roles
from tests.support.tries import tries
from worker.failpoint import Boundary

STORIES = int(os.environ.get("SMS_STORIES", "0"))
#: In seconds. No wait is left with less than a lane's horizon to go: workers would sleep for it.
A_WHILE, LONG = 124, 1860
PASSING = st.sampled_from([A_WHILE] * 6 + [31, 31, LONG, LONG, 9 * 3600, 3 * 24 * 3600])
ACCOUNTS = st.sampled_from(["acme", "acme", "bravo"])
MODES = st.sampled_from(["send", "sendmulti"])
NTH = st.integers(0, 5)
WHOLE: tuple[Fate, ...] = ("done", "in_hand", "done_twice", "in_hand", "done", "in_hand", "lost")
#: Those that leave a POST without an answer are the ones that matter most.
BOUNDARIES: tuple[Boundary, ...] = ("claimed", "stored", "sent", "answered", "sent", "answered", "recorded")
DEATHS: tuple[Fate, ...] = tuple(Death(at, after) for at in BOUNDARIES for after in (0, 1))
FATES = st.sampled_from(WHOLE * 2 + DEATHS)
PEOPLE = st.frozensets(st.integers(0, 3), min_size=1, max_size=3)
EVENTS = st.builds(CrmEvent, ACCOUNTS, st.sampled_from(RECORD_KINDS), PEOPLE, NTH)
TROUBLES: st.SearchStrategy[Trouble | None] = st.one_of(st.none(), troubles(), refusals())
CHANGES: st.SearchStrategy[Change] = st.sampled_from(get_args(Change))


class AnyStory(RuleBasedStateMachine):
    """Everything that may happen, in any order."""

    stage: ClassVar[Stage]

    def __init__(self) -> None:
        super().__init__()
        self.workers = Workers(self.stage)
        self.happened = Happened()
        self.world = World(self.workers, self.happened)

    @initialize(
        modes=st.fixed_dictionaries(dict.fromkeys(IN_FLIGHT, MODES)),
        repeat_shape=st.sampled_from(["rows", "nested", "null"]),
        duplicate_window_s=st.sampled_from([0, 90]),
        keys_honoured=st.sampled_from([True, True, True, True, False]),
        multi_keys=st.sampled_from(["item", "item", "item", "request", "ignored"]),
        refusals_stored=st.booleans(),
        repeated=st.sampled_from([None, "order_created"]),
        goes_straight=st.booleans(),
        reports=st.lists(EVENTS, min_size=2, max_size=5),
    )
    def begins(
        self,
        modes: Mapping[str, str],
        repeated: str | None,
        goes_straight: bool,  # noqa: FBT001 (drawn)
        reports: list[CrmEvent],
        **switches: object,
    ) -> None:
        life = {"key_life_s": (KEY_LIFE + timedelta(minutes=10)).total_seconds()}
        self.stage.begin(modes, {**switches, **life}, repeated=repeated, goes_straight=goes_straight)
        for account, mode in modes.items():
            if switches["keys_honoured"] and (mode == "send" or switches["multi_keys"] == "item"):
                self.happened.honoured |= {account}
        for report in reports:
            self.world.publish(report)

    @rule(report=EVENTS)
    def an_event_asks_for_a_text(self, report: CrmEvent) -> None:
        self.world.publish(report)

    @precondition(lambda self: self.workers.waiting)
    @rule(deeds=st.lists(st.tuples(NTH, FATES), min_size=1, max_size=4), trouble=TROUBLES)
    def something_is_done(self, deeds: list[tuple[int, Fate]], trouble: Trouble | None) -> None:
        for nth, fate in deeds:
            self.meets(fate, trouble if (nth, fate) == deeds[0] else None)
            if waiting := self.workers.waiting:
                self.workers.do(waiting[nth % len(waiting)], fate)
            self.every_promise_is_kept()

    @rule(chosen=st.sets(st.integers(0, 9), min_size=1), fate=FATES, trouble=TROUBLES)
    def any_rows_are_nudged(self, chosen: set[int], fate: Fate, trouble: Trouble | None) -> None:
        self.meets(fate, trouble)
        notification_ids = enumerate(self.stage.look().rows)
        self.workers.do(
            QueuedNudge(tuple(notification_id for nth, notification_id in notification_ids if nth in chosen)), fate
        )

    @rule(seconds=PASSING, fate=st.sampled_from(WHOLE), trouble=refusals() | TROUBLES)
    def what_waited_is_released(self, seconds: int, fate: Fate, trouble: Trouble | None) -> None:
        self.stage.pass_time(timedelta(seconds=seconds))
        self.workers.sweep()
        self.meets(fate, trouble)
        for order in self.workers.orders[:1]:
            self.workers.do(order, fate)

    @rule(change=CHANGES, account=ACCOUNTS, nth=NTH)
    def the_world_changes(self, change: Change, account: str, nth: int) -> None:
        self.world.change(change, account, nth)

    def meets(self, fate: Fate, trouble: Trouble | None) -> None:
        """What the next POST meets, and who dies over it."""
        if fate == "lost" or isinstance(fate, Death):
            self.happened.mishaps.add("died")
        if trouble:
            self.happened.mishaps.add(str(trouble["fault"]))
            self.happened.codes |= {code for code in (trouble.get("code"),) if isinstance(code, int)}
            self.stage.door("POST", "faults", trouble)

    @invariant()
    def every_promise_is_kept(self) -> None:
        seen = self.stage.look()
        for promise in PROMISES:
            promise(seen)
        no_text_goes_twice(seen, self.happened.honoured)
        acceptances_are_recorded(seen, self.stage.accepted_ids)
        no_account_has_more_under_way_than_it_may(seen, self.stage.in_hand())

    def teardown(self) -> None:
        if sys.exc_info()[0] is None:
            self.ends_well()

    def ends_well(self) -> None:
        """Everybody still at work dies, the provider is well and time passes: everything comes to its end."""
        self.happened.mishaps |= {"died"} if self.stage.hands else set()
        self.stage.hands.clear()
        self.stage.door("DELETE", "faults")
        self.stage.refill(RICH)
        for seconds in [A_WHILE] * 6 + [LONG] * 24:
            self.stage.pass_time(timedelta(seconds=seconds))
            for account in IN_FLIGHT:
                self.world.change("account_goes_on", account, 0)
            self.workers.sweep()
            self.workers.do_everything()
            self.every_promise_is_kept()
            if not self.stage.look().is_anything_open:
                break
        seen = self.stage.look()
        everything_is_finished(seen)
        every_end_is_explained(seen, self.happened)


def test_any_story_keeps_every_promise_and_ends_well(database_url: str) -> None:
    search = settings(
        max_examples=STORIES or tries(12),
        stateful_step_count=40,
        derandomize=not STORIES,
        database=None,
        deadline=None,
        # A story is a hundred statements and POSTs on a machine that has other work.
        suppress_health_check=[HealthCheck.too_slow],
        report_multiple_bugs=False,
    )
    with own_roles(database_url) as roles, stage(database_url, roles.worker) as result:

        class AStory(AnyStory):
            stage = result

        run_state_machine_as_test(AStory, settings=search)
