#!/bin/sh
# make deploy: looks for what an apply needs, asks where alarms go, says what it will cost, then init and apply; then asks
# for the secrets, which can exist only now. Safe to run again whenever and wherever it was stopped: each step leaves
# alone what is there already. Arguments go to terraform apply.
set -eu
# A shell goes on after a program that ends at Ctrl-C by itself, as the AWS CLI does.
trap 'exit 130' INT
cd "$(dirname "$0")"

need() {
    echo "make deploy needs $1" >&2
    exit 1
}

# Whether a variable is given, by the environment or by the file that this script writes, too.
given() {
    eval "[ -n \"\${TF_VAR_$1:-}\" ]" || grep -Eqs "^[[:space:]]*$1[[:space:]]*=" terraform.tfvars
}

# Whether several workspaces are asked for.
several() {
    [ "${TF_VAR_several_workspaces:-}" = true ] || grep -Eqs '^[[:space:]]*several_workspaces[[:space:]]*=[[:space:]]*true' terraform.tfvars
}

# The deployment's name, as Terraform will take it.
name="${TF_VAR_name:-slack-gpt-backend}"
if [ -f terraform.tfvars ]; then
    while read -r line || [ -n "$line" ]; do
        case "$line" in
        name=\"*\" | name[[:space:]]*=*\"*\"*) name="${line#*\"}" && name="${name%%\"*}" ;;
        esac
    done <terraform.tfvars
fi
for argument in "$@"; do
    case "$argument" in -var=name=*) name="${argument#-var=name=}" ;; esac
done

# Asks IAM whether the credentials may do this to that. Where they may not ask, Terraform will find out.
unchecked=''
may() {
    [ -z "$unchecked" ] || return 0
    decision="$(aws iam simulate-principal-policy --policy-source-arn "$principal" --action-names "$1" \
        --resource-arns "$2" --query 'EvaluationResults[0].EvalDecision' --output text 2>/dev/null)" || decision=''
    case "$decision" in
    allowed) ;;
    *Deny) need "permission to $1 on $2. terraform/policies has all that it needs." ;;
    *) unchecked=1 && echo "The permissions are not checked: these credentials may not ask IAM for them." >&2 ;;
    esac
}

command -v terraform >/dev/null || need "Terraform 1.11 or newer: there is no terraform on the PATH."
if ! given image_uri; then
    command -v docker >/dev/null || need "Docker, which builds the image: there is no docker on the PATH."
    docker version >/dev/null 2>&1 || need "a Docker engine that runs: docker version gets no answer."
fi
if command -v aws >/dev/null; then
    region="${AWS_REGION:-${AWS_DEFAULT_REGION:-$(aws configure get region 2>/dev/null || true)}}"
    [ -n "$region" ] || need "a region: export AWS_REGION=…"
    # Terraform reads the one, version 1 of the AWS CLI the other.
    export AWS_REGION="$region" AWS_DEFAULT_REGION="$region"
    # arn:aws:iam::123456789012:user/pochi, or arn:aws:sts::123456789012:assumed-role/ROLE/SESSION
    principal="$(aws sts get-caller-identity --query Arn --output text)" || need "credentials for AWS that are valid."
    partition="${principal#arn:}" account="${principal#arn:*:*::}"
    partition="${partition%%:*}" account="${account%%:*}"
    case "$principal" in
    *:assumed-role/*)
        role="${principal#*:assumed-role/}"
        principal="$(aws iam get-role --role-name "${role%%/*}" --query Role.Arn --output text 2>/dev/null || true)"
        ;;
    *:root) principal='' ;; # it may do everything, and IAM does not simulate it
    esac
    if [ -n "$principal" ]; then
        place="$region:$account"
        may apigateway:POST "arn:$partition:apigateway:$region::/apis"
        may cloudwatch:PutMetricAlarm "arn:$partition:cloudwatch:$place:alarm:$name-dead-letters"
        may dynamodb:CreateTable "arn:$partition:dynamodb:$place:table/$name"
        given image_uri || may ecr:CreateRepository "arn:$partition:ecr:$place:repository/$name"
        may iam:CreateRole "arn:$partition:iam::$account:role/$name-worker"
        if several; then may kms:CreateKey '*'; fi
        may lambda:CreateFunction "arn:$partition:lambda:$place:function:$name-worker"
        may logs:CreateLogGroup "arn:$partition:logs:$place:log-group:/aws/lambda/$name-worker"
        may resource-groups:CreateGroup '*'
        may sns:CreateTopic "arn:$partition:sns:$place:$name-alarms"
        may sqs:CreateQueue "arn:$partition:sqs:$place:$name.fifo"
        may ssm:PutParameter "arn:$partition:ssm:$place:parameter/$name/SlackToken"
    fi
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

# made by make reference: cost
echo "AWS will cost about \$1.42 a month idle and \$8.32 with 10,000 questions, the model not included (us-east-1, prices of 2026-11-26; docs/costs.md)." >&2
if several; then echo "The key of several workspaces is another \$1.00 a month." >&2; fi
# end

# By which name AWS knows what Terraform calls so; empty where AWS makes up the name.
id_of() {
    case "$1" in
    *.aws_ssm_parameter.*) short="${1#*\"}" && echo "/$name/${short%\"*}" ;;
    module.api.aws_cloudwatch_log_group.*) echo "/aws/vendedlogs/$name" ;;
    module.events.aws_cloudwatch_log_group.*) echo "/aws/lambda/$name-events" ;;
    module.worker.aws_cloudwatch_log_group.*) echo "/aws/lambda/$name-worker" ;;
    module.install*.aws_cloudwatch_log_group.*) echo "/aws/lambda/$name-install" ;;
    module.events.aws_iam_role.* | module.events.aws_lambda_function.*) echo "$name-events" ;;
    module.worker.aws_iam_role.* | module.worker.aws_lambda_function.*) echo "$name-worker" ;;
    module.install*.aws_iam_role.* | module.install*.aws_lambda_function.*) echo "$name-install" ;;
    *.aws_kms_alias.*) echo "alias/$name-tokens" ;;
    *.aws_dynamodb_table.usage) echo "$name-usage" ;;
    *.aws_dynamodb_table.* | *.aws_ecr_repository.* | *.aws_resourcegroups_group.*) echo "$name" ;;
    esac
}

# What Terraform could not make because it exists: an apply that was killed had begun it, and could not write it down.
left_over() {
    exists=''
    while read -r line; do
        case "$line" in
        *Error:*lready*xists* | *Error:*ResourceConflict* | *Error:*ResourceInUse*) exists=1 ;;
        *Error:*) exists='' ;;
        *"with module."*)
            address="${line#*with }" address="${address%,*}"
            if [ -n "$exists" ] && [ -n "$(id_of "$address")" ]; then echo "$address"; fi
            ;;
        esac
    done <"$errors"
}

# Asks whether to take that over, and does. 1 where there is nothing, or nobody who says yes.
take_over() {
    addresses="$(left_over)"
    [ -n "$addresses" ] && [ -t 0 ] || return 1
    echo "An apply that was killed has left these in AWS, unknown to Terraform:" >&2
    echo "$addresses" >&2
    printf 'Take them over? They must be of this deployment and of no other. (yes): ' >&2
    read -r answer
    [ "$answer" = yes ] || return 1
    for address in $addresses; do
        printf 'import {\n  to = %s\n  id = "%s"\n}\n' "$address" "$(id_of "$address")" >>"$imports"
    done
}

# Terraform's errors come on the standard error, and on no other way: they are shown when it has ended.
errors="$(mktemp)" imports="$PWD/left-over.tf"
trap 'rm -f "$errors" "$imports"' EXIT
rm -f "$imports"
applied() {
    ended=0
    terraform apply "$@" 2>"$errors" || ended=$?
    cat "$errors" >&2
    return "$ended"
}

terraform init -input=false
until applied "$@"; do
    if ! take_over; then
        echo "Run it again to go on." >&2
        exit 1
    fi
done

echo
echo "Make the Slack app by the link that this prints, and install it:"
echo "  terraform -chdir=terraform output -raw slack_install_link"
if given alarm_email; then
    echo "Alarms are sent once the link in the first e-mail has been opened."
fi
if [ -t 0 ]; then
    echo
    terraform output -raw slack_install_link
    echo
    echo "Then give its secrets and the model's key. Enter leaves one for later: run make deploy again."
    prefix="$(terraform output -raw parameters_prefix)"
    cd ..
    "${MAKE:-make}" --no-print-directory .venv/bin/bot .venv/.aws-installed
    PARAMETERS_PREFIX="$prefix" .venv/bin/bot secret
else
    echo "Then set its secrets, and the model's key, each with its command:"
    echo "  terraform -chdir=terraform output parameter_commands"
fi
