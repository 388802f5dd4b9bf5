#!/bin/sh
# make deploy: init and apply. Secrets come from the environment (TF_VAR_slack_token and so on) or are asked for
# where someone is at the terminal; they reach Terraform as ephemeral variables, which no state and no plan keeps.
# A secret that is set already stays as it is, whatever is typed, until its number in secret_versions is raised.
set -eu
cd "$(dirname "$0")"

ask() {
    eval "known=\${TF_VAR_$1:-}"
    [ -z "$known" ] || return 0
    printf '%s (Enter to leave it, or to set it in SSM later): ' "$2" >&2
    stty -echo
    read -r answer || true
    stty echo
    echo >&2
    [ -z "$answer" ] || export "TF_VAR_$1=$answer"
}

if [ -t 0 ]; then
    trap 'stty echo' EXIT INT TERM
    ask slack_token "Slack bot token (xoxb-…)"
    ask slack_signing_secret "Slack signing secret"
    ask openai_api_key "OpenAI API key"
fi
terraform init -input=false
terraform apply "$@"
