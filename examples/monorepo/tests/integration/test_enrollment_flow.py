"""Across the border: what the API really answers must be what the committed contract says."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from rest_framework.test import APIClient

CONTRACT = Path(__file__).resolve().parents[2] / "libs/shared/api-types/schema.json"
TERM = "2025-T1"

pytestmark = pytest.mark.django_db


@pytest.fixture
def api():
    return APIClient()


@pytest.fixture
def conforms():
    document = json.loads(CONTRACT.read_text(encoding="utf-8"))

    def check(component, body):
        schema = {"$ref": f"#/components/schemas/{component}", "components": document["components"]}
        Draft202012Validator(schema).validate(body)
        unknown = set(body) - set(document["components"]["schemas"][component]["properties"])
        assert not unknown, f"{component} answers fields the contract does not know: {unknown}"
        return body

    return check


def create(api, path, body):
    response = api.post(path, body)
    assert response.status_code == 201, response.content
    return response.json()


def test_the_waitlist_moves_up_when_a_student_drops(api, conforms):
    course = conforms("Course", create(api, "/api/courses/", {"code": "CS201", "title": "Databases", "capacity": 1}))
    enrollments = []
    for number, name in enumerate(["Sophea", "Dara"]):
        student = {
            "student_number": f"S-{number:04}",
            "given_name": name,
            "family_name": "Chan",
            "email": f"{name.lower()}@naga.example",
        }
        student = conforms("Student", create(api, "/api/students/", student))
        body = {"student": student["id"], "course": course["id"], "term": TERM}
        enrollments.append(conforms("Enrollment", create(api, "/api/enrollments/", body)))
    assert [item["status"] for item in enrollments] == ["enrolled", "waitlisted"]

    dropped = api.post(f"/api/enrollments/{enrollments[0]['id']}/drop/").json()
    assert conforms("Enrollment", dropped)["status"] == "dropped"

    page = api.get("/api/enrollments/", {"term": TERM}).json()
    items = [conforms("Enrollment", item) for item in page["results"]]
    assert {item["student_name"]: item["status"] for item in items} == {
        "Sophea Chan": "dropped",
        "Dara Chan": "enrolled",
    }


def test_the_contract_has_the_paths_the_frontend_calls():
    paths = json.loads(CONTRACT.read_text(encoding="utf-8"))["paths"]
    assert {"/api/students/", "/api/enrollments/", "/api/enrollments/{id}/drop/"} <= set(paths)
