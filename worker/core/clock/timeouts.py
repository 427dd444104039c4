"""How long what is waited for: every wait of the send engine in one place."""

from datetime import timedelta

#: A whole call of the provider, with its quick retries.
POST_DEADLINE = timedelta(seconds=20)
#: How long whoever claimed an attempt may take to settle it.
LEASE = timedelta(seconds=90)
#: Less of the lease than this is too little for one more POST.
LEASE_LEFT_MIN = timedelta(seconds=25)

#: How long a published nudge is waited for before the sweeper looks again; it grows.
NUDGE_WAIT = timedelta(seconds=30)
NUDGE_WAIT_MAX = timedelta(minutes=15)
#: How long to wait with the next POST of the same bytes; it doubles with each lease.
REPEAT_WAIT = timedelta(seconds=30)
REPEAT_WAIT_MAX = timedelta(minutes=30)
#: TurboSMS refuses the same message for 90 s (427); after this it takes it.
DUPLICATE_WAIT = timedelta(seconds=100)
#: A row that broke before its POST; it doubles.
TRY_WAIT = timedelta(seconds=30)
#: When delivery is first asked for.
RECEIPT_WAIT = timedelta(minutes=1)
#: How long whoever asks for receipts may take to write down the answer; what is not begun within half of it is left.
ASK_LEASE = timedelta(minutes=3)
#: When the price of delivered messages is first asked for: many of them at once.
FOLLOW_UP_WAIT = timedelta(minutes=2)
#: The longest that TurboSMS waits for Viber before it sends the SMS (`hybrid_ttl`), and an hour for it to begin.
SMS_FOLLOWS = timedelta(hours=25)

#: A row whose account is paused is looked at this often by the sweeper once it is resumed.
PAUSE_WAIT = timedelta(seconds=30)
#: How long a text waits for the one that has its key and will end, before that is looked at again.
PHONE_WAIT = timedelta(minutes=2)
#: How long rows are left to processes whose key opens their account's token.
KEY_WAIT = timedelta(seconds=5)
#: How long a paused account waits for its first probe; it doubles.
PROBE_WAIT = timedelta(minutes=1)
PROBE_WAIT_MAX = timedelta(minutes=15)
#: How long a failing provider is left alone before the first probe; it doubles.
BREAK_WAIT = timedelta(seconds=30)
BREAK_WAIT_MAX = timedelta(minutes=5)
#: An answer that takes this long counts as a failure of the provider.
CRAWL = timedelta(seconds=10)

#: The request was certainly never made.
UNREACHABLE_WAIT = timedelta(seconds=30)
#: A failure that time heals (503-506).
LATER_WAIT = timedelta(seconds=30)
#: At least this long once TurboSMS limits our requests (438: "about a minute").
RATE_WAIT = timedelta(seconds=60)
#: The pace comes back by half with every such span without a complaint.
RATE_RECOVERY = timedelta(minutes=1)

#: How long a place in a line may be ahead: lines are guesses, and are made anew by then.
LINE_MAX = timedelta(minutes=15)
#: How long a nudge waits for POSTs under way before it leaves its rows to the sweeper, and how often it looks.
ROOM_WAIT = timedelta(seconds=1)
#: What is stopped until a person lets it go on is looked at this often; who lets it go on does not wait for that.
STOP_WAIT = timedelta(hours=1)
#: A POST begins by what people paused so long ago at most; what it held back is claimed again after as long.
PAUSES_KNOWN = timedelta(seconds=1)

#: How long a scheduler may freeze with timers in hand before others take them.
TIMER_PATIENCE = timedelta(seconds=10)
#: How long a scheduler may freeze while it publishes outcomes before others publish them.
OUTCOMES_PATIENCE = timedelta(seconds=10)
#: How long outcomes wait for texts that go out, and for how long they are kept where nobody takes them.
OUTCOMES_HOLD = timedelta(minutes=1)
OUTCOMES_LIFE = timedelta(days=3)
#: How long a transaction may last whose process froze in the middle of a message to PostgreSQL.
FROZEN_WAIT = timedelta(seconds=30)
#: How long a scheduler may take to publish what it has in hand before it is the others'.
OCCURRENCE_LEASE = timedelta(seconds=15)
