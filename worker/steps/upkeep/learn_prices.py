"""What messages lately cost becomes the price that texts are counted with, where nobody set one."""

from worker.core.accounts.price import typical
from worker.store.db.postgres import Pool, clock, transaction
from worker.store.spending import prices


def learn_prices(pool: Pool) -> int:
    """Learn each account's price on each channel; count those that changed.

    Unchanged prices are not written: every change makes all workers read their configuration anew.
    """
    with transaction(pool) as connection:
        prices_seen = {
            (account, channel): (known, typical(recent))
            for account, channel, known, recent in prices.recently(connection)
        }
        new = {key: price for key, (known, price) in prices_seen.items() if price is not None and price != known}
        prices.write(connection, new, now=clock(connection))
        return len(new)
