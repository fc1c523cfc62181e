import pytest

from mrbot.resources.compose import reader as compose
from mrbot.resources.declared import TextFile
from mrbot.resources.model import SENSITIVE, SENSITIVE_CHANGED, Action
from mrbot.resources.syntax.yaml_build import MAX_DEPTH
from mrbot.resources.syntax.yaml_text import MAX_BYTES
from tests.unit.resources.build import changes_by, encoded, faults, reading

PATH = "deploy/compose.yaml"
FILE = """
name: shop
x-log: &log {driver: json-file}
include:
  - ../db/compose.yaml
  - {path: [a.yml, b.yml], env_file: .env}
services:
  web:
    image: registry.example:5000/shop/web:1.2@sha256:aa
    logging: *log
    environment:
      DB_PASSWORD: hunter2
      DB_HOST: db
  db:
    image: postgres
volumes:
  data:
networks:
  back: {internal: true}
secrets:
  key: {content: hunter3}
configs:
  web: {file: ./web.conf}
models:
  llm: {model: ai/x}
"""


def one(text, before="", path=PATH):
    """The one change from `before` to `text`, all of it understood."""
    changes, faults = changes_by(compose, {path: before}, {path: text})
    assert faults == []
    (change,) = changes
    return change


def service(body):
    """The service `web` of a file that declares it with `body` in braces."""
    return one(f"services: {{web: {{{body}}}}}")


def test_a_compose_file_is_its_settings_includes_and_named_things():
    changes, faults = changes_by(compose, {}, {PATH: FILE})

    assert faults == []
    assert [(c.kind, c.address, c.source.line, c.stateful) for c in changes] == [
        ("settings", PATH, 2, False),
        ("include", f"{PATH}/include[0] ../db/compose.yaml", 5, False),
        ("include", f"{PATH}/include[1] a.yml b.yml", 6, False),
        ("service", f"{PATH}/web", 8, False),
        ("service", f"{PATH}/db", 14, False),
        ("volume", f"{PATH}/volumes/data", 17, True),
        ("network", f"{PATH}/networks/back", 19, False),
        ("secret", f"{PATH}/secrets/key", 21, False),
        ("config", f"{PATH}/configs/web", 23, False),
        ("model", f"{PATH}/models/llm", 25, False),
    ]
    values = {c.address: c.after for c in changes}
    assert values[PATH] == {"name": "shop", "x-log": {"driver": "json-file"}}
    assert values[f"{PATH}/web"] == {
        "image": "registry.example:5000/shop/web:1.2@sha256:aa",
        "logging": {"driver": "json-file"},
        "environment": {"DB_PASSWORD": SENSITIVE, "DB_HOST": "db"},
    }
    assert values[f"{PATH}/volumes/data"] == {}
    assert values[f"{PATH}/secrets/key"] == {"content": SENSITIVE}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("compose.yaml", True),
        ("a/b/docker-compose.yml", True),
        ("docker-compose.prod.yml", True),
        ("compose.override.yml", True),
        ("compose-dev.yaml", True),
        ("Docker-Compose.YML", True),
        ("composer.yaml", False),
        ("compose.yaml/x.yml", False),
        ("compose.json", False),
        ("my-compose.yml", False),
    ],
)
def test_compose_files_are_known_by_name(path, expected):
    assert compose.reads(path) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("services: {web: {image: x}}", True),
        ("services: {web: {build: .}}", True),
        ("services: {web: {port: 80}}", False),
        ("services: [web]", False),
        ("services: {web: 1}", False),
        ("- image: x", False),
        ("", False),
        ("a: [", False),
        (b"\xff", False),
    ],
)
def test_other_files_are_known_by_their_services(text, expected):
    assert compose.looks_like(TextFile(path="stack.yml", text=encoded(text))) is expected


@pytest.mark.parametrize(
    "text",
    [
        "services: {web: !override {image: evil}}",
        "services: !override {web: {image: evil}}",
        "--- !override\nservices: {web: {image: evil}}",
        "services: {web: !reset {}, other: {image: evil}}",
    ],
    ids=["a service", "all services", "the file", "beside a reset"],
)
def test_no_tag_hides_services(text):
    result = reading({}, {"stack.yml": text})

    assert "service" in {change.kind for change in result.resources}


def test_no_document_before_them_hides_services():
    result = reading({}, {"stack.yml": "x-a: 1\n---\nservices: {web: {image: evil}}"})

    assert faults(result) == [("stack.yml", 3, True)]


@pytest.mark.parametrize(
    "text", ["services: {web: !x evil}", "a: 1\n---\nservices: [image]", "web: !x {image: a}"]
)
def test_other_yaml_is_no_compose_file_for_its_tags_and_documents(text):
    assert {change.format for change in reading({}, {"stack.yml": text}).resources} == {"data"}


def test_a_change_in_one_service_leaves_the_others_alone():
    change = one(FILE.replace("postgres", "postgres:16"), FILE)

    assert (change.action, change.address) == (Action.UPDATE, f"{PATH}/db")
    assert change.after == {"image": "postgres:16"}


def test_what_moves_to_another_file_is_another_thing():
    text = "services: {debug: {privileged: true}}"
    changes, _ = changes_by(compose, {"compose.dev.yml": text}, {"compose.prod.yml": text})

    assert {(c.action, c.address) for c in changes} == {
        (Action.DELETE, "compose.dev.yml/debug"),
        (Action.CREATE, "compose.prod.yml/debug"),
    }


@pytest.mark.parametrize(
    ("body", "stateful"),
    [
        ("", True),
        ("{driver: local}", True),
        ("{external: '${X}'}", True),
        ("{external: false}", True),
        ("{external: true}", False),
        ("{external: 'yes'}", False),
        ("{external: {name: x}}", False),
    ],
)
def test_data_goes_with_a_volume_that_compose_made(body, stateful):
    assert one(f"volumes: {{data: {body}}}").stateful is stateful


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        ("image: 'web:${TAG}'", ("image",)),
        ("image: 'web:$TAG'", ("image",)),
        ("image: 'web:${TAG:-latest}'", ("image",)),
        ("command: [a, 'b $C']", ("command.1",)),
        ("command: '$$$C'", ("command",)),
        ("command: 'echo $$C $${D} 5$ $1'", ()),
        ("environment: {A: , B: x}", ("environment.A",)),
        ("environment: [A, B=x]", ("environment.A",)),
        ("environment: [$A=x]", ("environment.0",)),
        ("environment: ['A=$B']", ("environment.A",)),
        ("build: {args: [A]}", ("build.args.A",)),
        ("labels: {$X: y}", ()),
    ],
)
def test_what_variables_stand_for_is_unknown(body, paths):
    assert service(body).unknown_paths == paths


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        ("environment: {DB_PASSWORD: hunter2}", ("environment.DB_PASSWORD",)),
        ("environment: [A=b, DB_PASSWORD=hunter2]", ("environment.DB_PASSWORD",)),
        ("environment: [DB_PASSWORD=a, DB_PASSWORD=hunter2]", ("environment.0", "environment.1")),
        ("environment: {DB_PASSWORD: '${DB:-hunter2}'}", ("environment.DB_PASSWORD",)),
        ("environment: ['DB_PASSWORD=${DB-hunter2}']", ("environment.DB_PASSWORD",)),
        ("environment: {DB_PASSWORD: $$ecret}", ("environment.DB_PASSWORD",)),
        ("environment: {DB: 'postgres://u:hunter2@db/x'}", ("environment.DB",)),
        ("build: {args: {API_TOKEN: hunter2}}", ("build.args.API_TOKEN",)),
        ("build: {args: [API_TOKEN=hunter2]}", ("build.args.API_TOKEN",)),
        ("labels: {com.example.api-token: hunter2}", ("labels.com.example.api-token",)),
        ("labels: [com.example.api-token=hunter2]", ("labels.com.example.api-token",)),
        ("command: [app, --token=hunter2]", ("command.1",)),
        (
            'build: {dockerfile_inline: "FROM x\\nENV A_TOKEN=hunter2"}',
            ("build.dockerfile_inline",),
        ),
    ],
)
def test_secrets_are_masked(body, paths):
    change = service(body)

    assert change.sensitive_paths == paths
    assert "hunter2" not in repr(change)
    assert "ecret}" not in repr(change)


@pytest.mark.parametrize(
    "body",
    [
        "environment: {DB_PASSWORD: '${DB_PASSWORD}'}",
        "environment: {DB_PASSWORD: '${DB_PASSWORD:?is not set}'}",
        "environment: {DB_PASSWORD: $DB_PASSWORD, DB_HOST: db}",
        "environment: ['DB_PASSWORD=${DB_PASSWORD}', DB_PASSWORD]",
        "environment: {DB_PASSWORD_FILE: /run/secrets/db}",
        "secrets: [db_password]",
        "environment: {DB: 'postgres://db/x'}",
        "build: {dockerfile_inline: 'FROM x'}",
    ],
)
def test_references_to_secrets_stay_readable(body):
    assert service(body).sensitive_paths == ()


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("configs: {a: {content: 'port=80\n\n  password = hunter2'}}", ("content",)),
        ('configs: {a: {content: \'{"x": {"api_key": "hunter2"}}\'}}', ("content.x.api_key",)),
        ("configs: {a: {content: 'password=${PASSWORD}'}}", ()),
        ("configs: {a: {content: 'port=80'}}", ()),
        ("secrets: {a: {environment: A_TOKEN}}", ()),
        ("volumes: {a: {driver_opts: {o: 'addr=x,password=hunter2'}}}", ("driver_opts.o",)),
        ("x-env: {A_TOKEN: hunter2}", ("x-env.A_TOKEN",)),
    ],
)
def test_texts_that_assign_secrets_are_masked(text, paths):
    change = one(text)

    assert "hunter2" not in repr(change)
    assert set(paths) <= set(change.sensitive_paths)
    assert bool(paths) == bool(change.sensitive_paths)


def test_a_changed_secret_is_told_to_have_changed():
    old, new = (f"services: {{web: {{environment: [A_TOKEN={x}]}}}}" for x in ("one", "two"))

    assert one(new, old).after == {"environment": {"A_TOKEN": SENSITIVE_CHANGED}}


def test_a_secret_hides_nothing_that_takes_its_place():
    old = "services: {web: {environment: [A_TOKEN=x]}}"
    new = "services: {web: {environment: [LD_PRELOAD=/evil.so, A_TOKEN=x]}}"

    assert one(new, old).after == {"environment": {"LD_PRELOAD": "/evil.so", "A_TOKEN": SENSITIVE}}


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ("environment: [A=b=c, B, C=]", {"environment": {"A": "b=c", "B": None, "C": ""}}),
        ("environment: [A=b, A=c]", {"environment": ["A=b", "A=c"]}),
        ("environment: [A=b, 1]", {"environment": ["A=b", 1]}),
        ("command: [A=b]", {"command": ["A=b"]}),
    ],
)
def test_a_list_of_names_and_values_is_a_mapping(body, value):
    assert service(body).after == value


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ("privileged: yes", {"privileged": True}),
        ("privileged: 'true'", {"privileged": True}),
        ("privileged: !override On", {"privileged": True, "!override": ["privileged"]}),
        ("read_only: no", {"read_only": False}),
        ("volumes: [{read_only: 'no'}]", {"volumes": [{"read_only": False}]}),
        ("privileged: '${P}'", {"privileged": "${P}"}),
        ("environment: {A: yes, B: 'true'}", {"environment": {"A": "yes", "B": "true"}}),
        ("environment: {A: true}", {"environment": {"A": True}}),
        ("restart: no", {"restart": "no"}),
        ("environment: {UMASK: 022}", {"environment": {"UMASK": 18}}),
    ],
)
def test_words_mean_what_they_mean_to_compose(body, value):
    assert service(body).after == value


@pytest.mark.parametrize(
    ("old", "new"),
    [("on", "true"), ("y", "yes"), ("022", "22"), ("1_0", "'1_0'")],
)
def test_a_word_that_compose_hands_on_as_it_stands_is_another_value(old, new):
    texts = [f"services: {{web: {{environment: {{A: {word}}}}}}}" for word in (old, new)]

    assert one(texts[1], texts[0]).action is Action.UPDATE


def test_tags_are_told_and_hide_nothing():
    text = """
services: !override
  web: !override
    privileged: !override true
    cap_drop: !reset [ALL]
    environment: {A: !reset null, B: x}
  gone: !reset {image: x}
networks: !reset {back: {}}
"""
    changes, faults = changes_by(compose, {}, {PATH: text})

    assert faults == []
    assert [(c.kind, c.source.line, c.after) for c in changes] == [
        (
            "settings",
            2,
            {"!override": ["services"], "!reset": ["services.gone", "networks"]},
        ),
        (
            "service",
            3,
            {
                "privileged": True,
                "environment": {"B": "x"},
                "!override": ["", "privileged"],
                "!reset": ["cap_drop", "environment.A"],
            },
        ),
    ]


def test_a_tag_that_comes_or_goes_is_a_change():
    plain, tagged = (f"services: {{web: {{ports: {tag}[80]}}}}" for tag in ("", "!override "))

    assert one(tagged, plain).after == {"ports": [80], "!override": ["ports"]}


def test_a_key_that_only_looks_like_a_tag_is_refused():
    _, faults = changes_by(compose, {}, {PATH: "services:\n  a:\n    environment: {'!reset': x}\n"})

    assert [(one.line, one.relevant) for one in faults] == [(3, True)]


def test_an_unknown_section_is_a_setting():
    changes, faults = changes_by(compose, {}, {PATH: "services: {}\njobs: {a: {}}"})

    assert faults == []
    assert [(c.kind, c.after) for c in changes] == [("settings", {"jobs": {"a": {}}})]


def test_an_empty_file_declares_nothing():
    assert changes_by(compose, {}, {PATH: "# nothing\n---\n"}) == ([], [])


def test_manifests_by_such_a_name_are_left_to_their_own_reader():
    manifest = "apiVersion: v1\nkind: Pod\nspec: {}\n"

    assert changes_by(compose, {}, {PATH: f"{manifest}---\n{manifest}"}) == ([], [])


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: b: c", 1),
        ("services:\n  a: {}\n  a: {}", 3),
        ("[a]", 1),
        ("name: x\nservices: [web]", 2),
        ("services:\n  web: nginx", 2),
        ("services:\n  a/b: {}", 2),
        ("services: {}\nvolumes:\n  x: !vault y", 3),
        ("services: {}\n---\nservices: {web: {privileged: true}}", 3),
        ("name: x\nweb:\n  image: x\n  privileged: true", 2),
        ("apiVersion: v1\nkind: Pod\nservices: {}\nspec: {}", 1),
        ("apiVersion: v1\nkind: Pod\n---\nservices: {}", 4),
        ("services: &a {web: *a}", 1),
        ("a: " + "[" * (MAX_DEPTH + 1), 1),
        ("#" * (MAX_BYTES + 1), 0),
        (b"a: \xff", 1),
    ],
    ids=[
        "syntax",
        "duplicate",
        "list",
        "services list",
        "service word",
        "name",
        "tag",
        "second document",
        "first format",
        "manifest",
        "manifest first",
        "loop",
        "deep",
        "large",
        "not text",
    ],
)
def test_a_file_that_cannot_be_read_is_relevant(text, line):
    _, faults = changes_by(compose, {}, {PATH: text})

    assert [(f.path, f.line, f.relevant) for f in faults] == [(PATH, line, True)]


def test_one_bad_service_does_not_hide_the_others():
    changes, faults = changes_by(
        compose, {}, {PATH: "services: {a: 1, b: {privileged: true}}", "compose.yml": "a: ["}
    )

    assert len(faults) == 2
    assert [(c.address, c.after) for c in changes] == [(f"{PATH}/b", {"privileged": True})]


def test_hostile_text_is_read_in_linear_time():
    text = "a" * 1_000_000 + "=" * 1000 + "${" * 100_000 + "x:" * 100_000

    assert one(f"configs: {{a: {{content: '{text}'}}}}").kind == "config"
