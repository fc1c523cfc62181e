"""Which projects a change belongs to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mrbot.decision.projects import concerned, home, placed, places, planned_over_static
from mrbot.ids import Json
from mrbot.resources.model import Certainty, Source
from tests.build import make_file, make_plan, make_project, make_reading, make_resource

ROOT = make_project("root", "", environment="all")
INFRA = make_project("infra", "infra", environment="production", also=("modules/**",))
EDGE = make_project("edge", "infra/edge", environment="edge", also=("modules/cdn/**",))
ALL = (ROOT, INFRA, EDGE)


def test_without_projects_nothing_is_concerned() -> None:
    assert concerned((), [make_file()]) == ()
    assert home((), "main.tf") is None


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("README.md", ["root"]),
        ("infra/main.tf", ["root", "infra"]),
        ("infra/edge/main.tf", ["root", "infra", "edge"]),
        ("infrastructure/main.tf", ["root"]),
        ("modules/vpc/main.tf", ["root", "infra"]),
        ("modules/cdn/main.tf", ["root", "infra", "edge"]),
    ],
)
def test_a_file_concerns_every_project_that_holds_or_names_it(path: str, names: list[str]) -> None:
    assert [project.name for project in concerned(ALL, [make_file(path)])] == names


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("README.md", "root"),
        ("infra/main.tf", "infra"),
        ("infra/edge/main.tf", "edge"),
        ("infra/edges/main.tf", "infra"),
        ("modules/cdn/main.tf", "root"),
    ],
)
def test_a_file_has_its_home_in_the_deepest_directory(path: str, name: str) -> None:
    found = home(ALL, path)
    assert found is not None
    assert found.name == name


def test_a_file_outside_every_directory_has_no_home() -> None:
    assert home((INFRA, EDGE), "docs/a.md") is None
    assert places((INFRA, EDGE), "docs/a.md") == ()


def test_a_file_acts_on_its_home_and_on_those_that_name_it() -> None:
    assert places(ALL, "infra/edge/main.tf") == (EDGE,)
    assert places(ALL, "modules/cdn/main.tf") == ALL


def test_a_rename_concerns_the_project_that_the_file_left() -> None:
    moved = make_file("docs/main.tf", old_path="infra/edge/main.tf")
    assert concerned((EDGE,), [moved]) == (EDGE,)


def test_a_resource_is_placed_by_its_file_unless_it_says_where_it_is() -> None:
    at = Source(path="infra/edge/main.tf", line=1)
    reading = make_reading(
        make_resource(source=at), make_resource(source=at, project="infra", environment="x")
    )
    first, second = placed(reading, ALL).resources
    assert (first.project, first.environment) == ("edge", "edge")
    assert (second.project, second.environment) == ("infra", "x")


@pytest.mark.parametrize(
    ("kind", "format_", "project", "kept"),
    [
        ("aws_vpc", "terraform", "infra", False),
        ("aws_vpc", "terraform", "edge", True),
        ("aws_vpc", "kubernetes", "infra", True),
        ("aws_subnet", "terraform", "infra", True),
        ("provider", "terraform", "infra", True),
        ("lock", "terraform", "infra", True),
        ("data.aws_ami", "terraform", "infra", True),
    ],
)
def test_a_plan_takes_the_place_of_what_it_speaks_of(
    kind: str, format_: str, project: str, kept: bool
) -> None:
    static = make_resource(f"{kind}.main", kind=kind, format=format_, project=project)
    planned = make_resource("aws_vpc.main", project="infra", certainty=Certainty.PLANNED)
    document: Json = {
        "resource_changes": [
            {"mode": "managed", "type": "aws_vpc", "name": "main", "module_address": None}
        ],
        "configuration": {"root_module": {}},
    }
    plan = make_plan("infra", resources=[planned], document=document)
    found = planned_over_static(make_reading(static), [plan], ALL)
    assert (static in found.resources) is kept
    assert planned in found.resources


@pytest.mark.parametrize(
    ("address", "project", "known"),
    [
        ("aws_vpc.main", "infra", True),
        ("aws_vpc.main[0]", "infra", True),
        ('aws_vpc.main["a.b"]', "infra", True),
        ("module.net.aws_vpc.main", "infra", False),
        ("aws_vpc.other", "infra", False),
        ("aws_vpc.main", "other", False),
    ],
)
def test_a_planned_resource_keeps_the_place_of_its_block(
    address: str, project: str, known: bool
) -> None:
    place = Source(path="infra/main.tf", line=7)
    static = make_resource("aws_vpc.main", project="infra", source=place)
    planned = make_resource(address, project=project, certainty=Certainty.PLANNED)
    planned = replace(planned, source=None)
    plan = make_plan(project, resources=[planned], document={"resource_changes": []})
    [found] = [
        one
        for one in planned_over_static(make_reading(static), [plan], ALL).resources
        if one.certainty is Certainty.PLANNED
    ]
    assert found.source == (place if known else None)
