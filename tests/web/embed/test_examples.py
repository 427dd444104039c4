"""The examples of the page sign addresses that show a client."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.crm import add_account, execute
from tests.support.waiting import PATIENCE_S
from tests.web.embed.conftest import Crm, made

PAGE = (Path(__file__).parents[3] / "worker/core/access/client-page.md").read_text()
RUNNERS = {"python": sys.executable, "php": shutil.which("php")}
#: An id that a query must not hold as it is.
CLIENT = "Ромашка & Ко/5+6"


@pytest.mark.parametrize("language", [language for language, runner in RUNNERS.items() if runner])
def test_the_example_of_the_page_signs_an_address(crm: Crm, tmp_path: Path, language: str) -> None:
    add_account(crm.pool, "demo")
    execute(crm.pool, "UPDATE notifications SET account = 'demo', client_id = %s WHERE dedupe_key = 'm-4'", CLIENT)
    code = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert code, f"the page has no {language} example"
    script = tmp_path / f"address.{language}"
    script.write_text(code[1])
    environment = {"EMBED_KEY": made(crm.pool, account="demo").text, "CLIENT": CLIENT, "CONSOLE": crm.url}

    done = subprocess.run(
        [str(RUNNERS[language]), str(script)],
        env={**os.environ, **environment},
        check=True,
        timeout=PATIENCE_S,
        capture_output=True,
        text=True,
    )

    page = crm.get(done.stdout.strip().partition("?")[2]).json()
    assert [item["text"] for item in page["items"]] == ["m-4"]
    assert page["rights"] == ["export", "phones"]
