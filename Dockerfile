# One image for both functions; each names its handler as the command. Only what every builder understands
# is used here, so that an engine without BuildKit builds it too.
ARG BASE_IMAGE=public.ecr.aws/lambda/python:3.13

FROM ${BASE_IMAGE} AS build

COPY requirements/install requirements/aws.txt /build/
RUN sh /build/install python3 /build/aws.txt --target /build/dependencies --no-cache-dir --no-compile \
    && rm -rf /build/dependencies/bin

# botocore describes some 400 services in its data folder, a third of what the dependencies weigh. Four are
# in use; the files beside the folders (endpoints, partitions, retries, defaults) serve all of them.
RUN cd /build/dependencies/botocore/data \
    && find . -mindepth 1 -maxdepth 1 -type d \
        ! -name dynamodb ! -name sqs ! -name ssm ! -name sts -exec rm -rf {} +

COPY domain /build/code/domain
COPY adapters /build/code/adapters
COPY entrypoints /build/code/entrypoints

# Byte code halves the time of the imports. Nothing changes in an image, so it need not be checked against
# its source, and nobody may write to either.
RUN python3 -m compileall -q --invalidation-mode unchecked-hash /build/dependencies /build/code \
    && chmod -R a=rX /build/dependencies /build/code

FROM ${BASE_IMAGE}
#checkov:skip=CKV_DOCKER_7:The tag is in BASE_IMAGE, which checkov does not look up.
#checkov:skip=CKV_DOCKER_2:Lambda watches its functions itself and ignores a health check.
#checkov:skip=CKV_DOCKER_3:Lambda runs the image as a user of its own without privileges; AWS asks to leave USER out.

COPY --from=build /build/dependencies ${LAMBDA_TASK_ROOT}
COPY --from=build /build/code ${LAMBDA_TASK_ROOT}
