# Khata's workshop: one recipe for each thing that is done here. Each sets up what it needs.

set shell := ["bash", "-euo", "pipefail", "-c"]

# Without it, running a file below src/ would put src/ on the path, and src/http before http.
export PYTHONSAFEPATH := "1"
# The Python that is here is the one we use.
export UV_PYTHON_DOWNLOADS := "never"
# pip may put uv where PATH does not look: beside just, or as a module only.
export UV := shell('for uv in uv "$1/uv" "python3 -m uv" "python -m uv"; do if $uv --version >/dev/null 2>&1; then echo "$uv"; exit; fi; done; echo uv', parent_directory(just_executable()))

pins := "--quiet --universal --python-version 3.11 --generate-hashes --no-header"
bin := justfile_directory() / ".venv/bin"

_default:
    @"{{just_executable()}}" --list --unsorted

# Run the shop: engines, sandbox, API and workers, until Ctrl-C.
[group('use')]
[no-exit-message]
up: _runtime
    @exec {{bin}}/khata up --below-just

# Buy through a throw-away shop, and see every promise it shows held.
[group('use')]
[no-exit-message]
demo: _runtime
    @exec {{bin}}/khata demo

# Suffer what Razorpay can do, in throw-away shops, and print what held.
[group('use')]
[no-exit-message]
conformance *args: _runtime
    @exec {{bin}}/khata conformance {{args}}

# Run the tests, or only those that the arguments name.
[group('work')]
test *args: _dev
    @{{bin}}/python -m pytest -n logical --maxprocesses 4 {{args}}

# Check format, lint, security, types, import contracts and our own rules.
[group('work')]
check: _dev
    {{bin}}/ruff format --check --quiet .
    {{bin}}/ruff check --quiet .
    {{bin}}/bandit --quiet --recursive --configfile pyproject.toml src
    {{bin}}/mypy
    {{bin}}/basedpyright
    {{bin}}/lint-imports --no-logo
    {{bin}}/python -m pytest -q tests/architecture

# Ask the package index which pinned packages have known vulnerabilities; this needs the network.
[group('work')]
advisories:
    @$UV tool run --quiet --from pip-audit==2.10.1 pip-audit --strict --disable-pip --progress-spinner off -r requirements/dev.txt -r requirements/bench.txt

# Mend what can be mended by itself: format, and the lints that know how.
[group('work')]
fix: _dev
    {{bin}}/ruff format .
    {{bin}}/ruff check --fix .

# Print what every command does to a checkout session in every state.
[group('use')]
table: _dev
    @{{bin}}/python -m tests.state_table

# Write down who gets past which door of the API: a row for every route, a column for everybody.
[group('use')]
roles: _dev
    @{{bin}}/python -m tests.role_table

# Measure checkouts; `bench money`, `bench manners` (cost a request), `bench book` (event store),
# `bench timing` (whether an answer's time tells who has an account), `bench export` (files),
# `bench analytics` (what analysts ask, on a big book), `bench analysts` (what they cost the
# shop while they ask), `bench console` (its pages).
[group('work')]
bench *args: _dev
    @if [[ "{{args}}" == book* ]]; then bash requirements/install bench; fi
    @{{bin}}/python -m tests.bench {{args}}

# Take the pictures of the docs anew: a purchase in the demo shop, and the console, in a real browser.
[group('work')]
pictures: _dev
    @{{bin}}/python -m tests.browser.pictures

# Pin every package and its hashes anew, for all supported Pythons and platforms.
[group('work')]
lock:
    $UV pip compile {{pins}} pyproject.toml -o requirements/runtime.txt
    $UV pip compile {{pins}} pyproject.toml --group dev -c requirements/runtime.txt -o requirements/dev.txt
    $UV pip compile {{pins}} pyproject.toml --group bench -c requirements/dev.txt -o requirements/bench.txt

_runtime:
    @bash requirements/install runtime

_dev:
    @bash requirements/install dev
