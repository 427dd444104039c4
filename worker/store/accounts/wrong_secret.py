"""What is raised where SMS_SECRET_KEY is not the key of a database."""

from worker.language import _


class WrongSecretError(Exception):
    """SMS_SECRET_KEY does not open what this database keeps sealed."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "SMS_SECRET_KEY does not open this database's secrets. Give the key they were sealed with; to change "
                "it, write the new key, a comma and the old one, then run perfectum-sms key rotate. If the key is "
                "lost: perfectum-sms key reset."
            )
        )
