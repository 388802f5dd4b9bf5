# Two images: of the functions (--target functions; each function names its handler as the command), and of the bot on
# one machine, which is the last one. Only what every builder understands is used here, so that an engine without
# BuildKit builds them too; it builds the stages above the target as well.
#
# `make images` pins both by digest and renews the digests. Until it has been run where their registries can be reached they
# are as their tags are on the day of the build.
ARG BASE_IMAGE=public.ecr.aws/lambda/python:3.13
ARG MACHINE_BASE_IMAGE=python:3.13-slim

FROM ${BASE_IMAGE} AS functions-build

COPY requirements/install requirements/aws.txt /build/
RUN sh /build/install python3 /build/aws.txt --target /build/dependencies --no-cache-dir --no-compile \
    && rm -rf /build/dependencies/bin

# botocore describes some 400 services in its data folder, a third of what the dependencies weigh. Five are
# in use; the files beside the folders (endpoints, partitions, retries, defaults) serve all of them.
RUN cd /build/dependencies/botocore/data \
    && find . -mindepth 1 -maxdepth 1 -type d \
        ! -name dynamodb ! -name kms ! -name sqs ! -name ssm ! -name sts -exec rm -rf {} +

# Byte code halves the time of the imports. Nothing changes in an image, so it need not be checked against
# its source, and nobody may write to either. What the code imports is compiled before the code is there: a build after
# a change of the code leaves it alone.
RUN python3 -m compileall -q --invalidation-mode unchecked-hash /build/dependencies && chmod -R a=rX /build/dependencies

COPY domain /build/code/domain
COPY adapters /build/code/adapters
COPY entrypoints /build/code/entrypoints

# What serves one machine and the operator's command line only.
RUN cd /build/code \
    && rm -rf adapters/offline adapters/sqlite entrypoints/configuration/env_file.py \
        entrypoints/configuration/odd_settings.py entrypoints/local entrypoints/operator entrypoints/playground

RUN python3 -m compileall -q --invalidation-mode unchecked-hash /build/code && chmod -R a=rX /build/code

FROM ${BASE_IMAGE} AS functions
#checkov:skip=CKV_DOCKER_7:The tag is in BASE_IMAGE, which checkov does not look up.
# Lambda watches its functions itself and ignores a health check. It runs the image as a user of its own without
# privileges; AWS asks to leave USER out.

COPY --from=functions-build /build/dependencies ${LAMBDA_TASK_ROOT}
COPY --from=functions-build /build/code ${LAMBDA_TASK_ROOT}

FROM ${MACHINE_BASE_IMAGE} AS machine-build

COPY requirements/install requirements/local.txt /build/
RUN sh /build/install python3 /build/local.txt --target /build/dependencies --no-cache-dir --no-compile \
    && rm -rf /build/dependencies/bin \
    && python3 -m compileall -q --invalidation-mode unchecked-hash /build/dependencies \
    && chmod -R a=rX /build/dependencies

COPY domain /build/code/domain
COPY adapters /build/code/adapters
COPY entrypoints /build/code/entrypoints

# The operator's command, and a folder for the data, which a new volume gets its owner from.
RUN rm -rf /build/code/adapters/dynamodb /build/code/adapters/sqs \
        /build/code/entrypoints/lambda_* /build/code/entrypoints/*/lambda_* \
    && printf '#!/bin/sh\nexec python3 -m entrypoints.operator "$@"\n' >/build/bot \
    && python3 -m compileall -q --invalidation-mode unchecked-hash /build/code \
    && chmod -R a=rX /build/code && chmod a+rx /build/bot \
    && mkdir -m 700 /build/data

FROM ${MACHINE_BASE_IMAGE} AS one-machine

COPY --from=machine-build /build/dependencies /app/dependencies
COPY --from=machine-build /build/code /app/code
COPY --from=machine-build /build/bot /usr/local/bin/bot
COPY --from=machine-build --chown=10001:10001 /build/data /data

ENV PYTHONPATH=/app/code:/app/dependencies PYTHONUNBUFFERED=1 HOST=0.0.0.0 PORT=8000 DATABASE_PATH=/data/bot.sqlite3
WORKDIR /app
VOLUME /data
EXPOSE 8000
USER 10001:10001
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["python3", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=4)"]
ENTRYPOINT ["python3", "-m"]
CMD ["entrypoints.local"]
