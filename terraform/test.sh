#!/usr/bin/env bash
# Terraform's own tests in each module and example, with mocked providers; each validates what it plans.
#
# Terraform starts a mocked provider too, for its schema, and anew for each graph that it walks: two or three times for a
# run of a test, half a second of a processor each time. So one process of the provider serves them all, the way its
# authors debug it: https://developer.hashicorp.com/terraform/plugin/debugging
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

# Terraform and its provider spend a third of their time on collecting garbage of programs that end in seconds.
export GOGC=400

init() { terraform -chdir="$1" init -backend=false -input=false >/dev/null; }

# The root module calls all others: what it installs suits the versions that each of them admits.
for module in . examples/*; do
  init "$module"
done
provider="$(find -L .terraform/providers -name 'terraform-provider-aws_*' | head -n 1)"

scratch="$(mktemp -d)"
touch "$scratch/output"
TMPDIR="$scratch" "$provider" -debug >"$scratch/output" 2>&1 & # with its socket in there
process=$!
trap 'kill "$process" 2>/dev/null && wait "$process" || true; rm -r "$scratch"' EXIT
until address="$(sed -n "s/.*TF_REATTACH_PROVIDERS='\(.*\)'.*/\1/p" "$scratch/output")" && [ -n "$address" ]; do
  kill -0 "$process" || { cat "$scratch/output" >&2 && exit 1; }
  sleep 0.1
done
export TF_REATTACH_PROVIDERS="$address"

for module in . modules/* examples/*; do
  echo "== terraform/$module"
  init "$module"
  if [ -d "$module/tests" ]; then terraform -chdir="$module" test; else terraform -chdir="$module" validate; fi
done
