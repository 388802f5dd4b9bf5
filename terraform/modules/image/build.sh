#!/bin/sh
# Build the image and push it to ECR. Terraform runs this with everything in the environment.
#
# The registry's password comes from the AWS CLI or from Docker's own credentials (a credential helper, an
# earlier login), never from Terraform: the data source aws_ecr_authorization_token would keep a token that
# is valid for 12 hours in the state, and the provider has no ephemeral twin of it.
set -eu

# ${BASE_IMAGE:+…} leaves the default to the Dockerfile.
docker build --platform "$PLATFORM" --target functions ${BASE_IMAGE:+--build-arg "BASE_IMAGE=$BASE_IMAGE"} --tag "$IMAGE" "$SOURCE_ROOT"

if aws --version >/dev/null 2>&1; then
    password="$(aws ecr get-login-password --region "$REGION")"
    printf '%s' "$password" | docker login --username AWS --password-stdin "$REGISTRY"
else
    echo "No AWS CLI here: pushing with the credentials that Docker already has for $REGISTRY."
fi

# Tags are immutable: after an interrupted apply or a revert the registry has the image already and refuses
# it, which is as good as a push.
docker push "$IMAGE" || docker manifest inspect "$IMAGE" >/dev/null
