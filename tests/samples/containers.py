"""Compose files and Dockerfiles, as teams write them."""

COMPOSE = """\
name: shop
x-logging: &logging
  driver: json-file
  options: {max-size: 10m}
include:
  - ../common/compose.yaml
  - {path: [a.yaml, b.yaml], env_file: .env}
services:
  web:
    image: "shop/web:${TAG:-latest}"
    build: {context: ., dockerfile: Dockerfile, args: [VERSION=1, "NPM_TOKEN=npm-abc-123"]}
    ports: ["80:8080", {target: 443, published: "443", protocol: tcp}]
    environment:
      - DB_PASSWORD=hunter2-compose
      - LEVEL=info
      - FROM_OUTSIDE
    volumes: ["data:/data", {type: bind, source: ./conf, target: /conf, read_only: true}]
    depends_on: {db: {condition: service_healthy}}
    deploy: {replicas: 2, resources: {limits: {cpus: "0.5", memory: 512M}}}
    healthcheck: {test: [CMD, curl, "http://localhost"], interval: 30s}
    logging: *logging
    privileged: true
    cap_add: [NET_ADMIN]
    networks: {front: {aliases: [shop]}, back: {}}
    labels: {team: shop}
    secrets: [cert]
  db:
    image: postgres:16
    command: ["postgres", "-c", "max_connections=200"]
    environment: {POSTGRES_PASSWORD: hunter2-db, POSTGRES_DB: shop}
    ports: !reset []
    volumes: !override [data:/var/lib/postgresql]
volumes:
  data: {driver: local}
  cache:
networks:
  front: {ipam: {config: [{subnet: 10.1.0.0/16}]}}
  back: {internal: true, external: false}
secrets:
  cert: {file: ./cert.pem}
  inline: {environment: TOKEN}
configs:
  nginx: {content: "server { listen 80; }"}
"""

DOCKERFILE = """\
# syntax=docker/dockerfile:1.7
# escape=\\
ARG BASE=python:3.11-slim
FROM ${BASE} AS build
ARG NPM_TOKEN=npm-token-1 VERSION
ENV API_TOKEN=tok-123-xyz LEVEL="info" \\
    REGION=eu
ENV OLD_STYLE some words here
WORKDIR /src
COPY --chown=app:app --link . /src/
RUN --mount=type=secret,id=npm,target=/root/.npmrc \\
    --network=none pip install \\
      # a comment within
      -r requirements.txt && \\
    rm -rf /var/cache
RUN ["make", "all"]
RUN <<EOT
set -e
make install
EOT
COPY <<"conf" /etc/app.conf
token = abc
conf

FROM gcr.io/distroless/python3@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
LABEL team=net "cost centre"="42"
COPY --from=build /src/dist /app
ADD --checksum=sha256:abc https://example.com/a.tar.gz /a/
USER 1000:1000
EXPOSE 8080/tcp 9090-9099
VOLUME ["/data", "/more"]
HEALTHCHECK --interval=5s --retries=3 CMD curl -f http://localhost
STOPSIGNAL SIGTERM
SHELL ["/bin/bash", "-c"]
ONBUILD RUN echo later
ENTRYPOINT ["/app/run", "--token", "abc"]
CMD serve --port 8080
"""

COMPOSE_FILES = (
    ("compose.yaml", COMPOSE),
    ("deploy/docker-compose.prod.yml", "services:\n  a:\n    image: b:1\n    user: root\n"),
    ("stack.yaml", "services:\n  a: {build: ., network_mode: host}\nvolumes: {v: {}}\n"),
)
DOCKERFILES = (
    ("Dockerfile", DOCKERFILE),
    ("app/web.Dockerfile", "FROM scratch\nCOPY a /\n"),
    ("Containerfile", "# escape=`\nFROM a`\n  AS b\nRUN a `\n b\nUSER root\n"),
)
