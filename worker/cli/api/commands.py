"""`perfectum-sms api`: what the HTTP API is."""

from worker.cli.terminal import emit, group

app = group("The HTTP API, for whoever writes a CRM.")


@app.callback()
def api() -> None:
    """The HTTP API, for whoever writes a CRM."""


@app.command()
def schema() -> None:
    """Print what the API takes and answers, as OpenAPI 3.1; its process shows the same at /api/v1/openapi.json.

    - `perfectum-sms api schema > openapi.json` opens in Swagger Editor, Postman or Insomnia
    - `perfectum-sms api schema | jq '.paths | keys'` lists the paths
    """
    from worker.web.api.catalogue import ENDPOINTS, TAGS  # noqa: PLC0415 (help must be quick)
    from worker.web.api.openapi import document  # noqa: PLC0415

    emit(document(ENDPOINTS, TAGS))
