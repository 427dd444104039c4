"""Where each sealed value stands: what was sealed in one place opens in no other."""

from typing import Literal, NamedTuple, get_args

#: Which key derived from SMS_SECRET_KEY seals: that of `callbacks` may be given away alone.
Purpose = Literal["tokens", "callbacks", "addresses"]
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)


class Place(NamedTuple):
    """Where a sealed value stands; it opens nowhere else."""

    table: str
    column: str
    owner: str
    purpose: Purpose = "tokens"

    @property
    def associated_data(self) -> bytes:
        return f"{self.table}\0{self.column}\0{self.owner}".encode()


SALT = Place("secrets", "sealed", "recipient_salt")


def token_of(account: str) -> Place:
    return Place("accounts", "token", account)


def callback_key_of(account: str) -> Place:
    return Place("accounts", "callback_secret", account, "callbacks")


def signing_key_of(account: str, key_id: int) -> Place:
    return Place("api_keys", "sealed_secret", f"{account}/{key_id}", "addresses")
