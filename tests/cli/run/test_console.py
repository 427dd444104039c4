from tests.cli.conftest import Command


def test_a_console_opens_doors_that_there_are_and_needs_their_keys(bare: Command) -> None:
    unknown = bare("console", "--serve", "callbacks,windows")
    keyless = bare("console", "--serve", "callbacks", SMS_DATABASE_URL="postgresql://localhost/sms")
    wrong = bare("console", SMS_DATABASE_URL="postgresql://localhost/sms", SMS_CALLBACK_KEY="hunter2-hunter2")

    assert (unknown.code, "--serve: windows is none of" in unknown.err) == (2, True)
    assert (keyless.code, "SMS_SECRET_KEY is not set" in keyless.err) == (1, True)
    assert (wrong.code, "SMS_CALLBACK_KEY is no derived key" in wrong.err) == (1, True)
