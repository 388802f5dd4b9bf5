#!/bin/sh
# make deploy: looks for what an apply needs, asks where alarms go, then init and apply. Safe to run again whenever and
# wherever it was stopped. Arguments go to terraform apply.
set -eu
cd "$(dirname "$0")"

need() {
    echo "make deploy needs $1" >&2
    exit 1
}

# Whether a variable is given, by the environment or by the file that this script writes, too.
given() {
    eval "[ -n \"\${TF_VAR_$1:-}\" ]" || grep -Eqs "^[[:space:]]*$1[[:space:]]*=" terraform.tfvars
}

command -v terraform >/dev/null || need "Terraform 1.11 or newer: there is no terraform on the PATH."
if ! given image_uri; then
    command -v docker >/dev/null || need "Docker, which builds the image: there is no docker on the PATH."
    docker version >/dev/null 2>&1 || need "a Docker engine that runs: docker version gets no answer."
fi
if command -v aws >/dev/null; then
    [ -n "${AWS_REGION:-${AWS_DEFAULT_REGION:-$(aws configure get region 2>/dev/null || true)}}" ] ||
        need "a region: export AWS_REGION=…"
    aws sts get-caller-identity >/dev/null || need "credentials for AWS that are valid."
else
    [ -n "${AWS_REGION:-${AWS_DEFAULT_REGION:-}}" ] || need "a region: export AWS_REGION=…"
fi

# Without a subscriber nobody hears the alarms. The answer is kept, so that the next apply does not end the subscription.
if [ -t 0 ] && ! given alarm_email; then
    printf 'E-mail address for alarms (Enter for none): ' >&2
    read -r address
    case "$address" in
    '') line='alarm_email = null' ;;
    *[!A-Za-z0-9.@_+-]* | *@*@*) need "an e-mail address of letters, digits and . _ + - @." ;;
    ?*@?*.?*) line="alarm_email = \"$address\"" ;;
    *) need "an e-mail address such as bot-alarms@example.com." ;;
    esac
    printf '\n%s\n' "$line" >>terraform.tfvars
    echo "Kept in terraform/terraform.tfvars." >&2
fi

terraform init -input=false
terraform apply "$@"

echo
echo "Make the Slack app by the link that this prints, and install it:"
echo "  terraform -chdir=terraform output -raw slack_install_link"
echo "Then set its secrets, and the model's key, each with its command:"
echo "  terraform -chdir=terraform output parameter_commands"
if given alarm_email; then
    echo "Alarms are sent once the link in the first e-mail has been opened."
fi
