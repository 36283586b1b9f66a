"""What the demo's two agents are asked for, and the small changes by which they do it: words, no acts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lanewise.demo.actors import Change

if TYPE_CHECKING:
    from collections.abc import Mapping

LANES = ("backend", "frontend")

#: What happens, and what there is to learn from it.
CHAPTERS = (
    ("A repository gets two lanes", "A lane is a worktree, a branch, and a domain: the paths it may write."),
    (
        "Two agents start, each in a lane of its own",
        "An edit takes a lease on its path by itself. Its token is a number that only ever rises.",
    ),
    (
        "Both want CHANGELOG.md at the same moment",
        "The first holds it. The other hears who that is, how long for, and what to do instead.",
    ),
    (
        "The frontend agent reaches over the border",
        "Another lane's paths are refused, by whichever tool; so is what git shares between all worktrees.",
    ),
    (
        "A human stops everybody",
        "During a halt every edit is refused and ends its agent's turn. No agent can resume.",
    ),
    ("Both commit, and what they held is free again", "A commit gives leases back, so the next one can have the path."),
    ("The human goes on with main", "Git's own work is no edit: a merge brings in other lanes' paths unhindered."),
)

TASKS: Mapping[str, str] = {
    "backend": "say how many seats a course has left",
    "frontend": "let people filter enrollments by term",
}

_ENROLLMENT = "backend/apps/enrollment"
_COMPONENTS = "frontend/src/components"

#: What each does first, in its own domain.
FIRST: Mapping[str, tuple[Change, ...]] = {
    "backend": (
        Change(
            f"{_ENROLLMENT}/models.py",
            old='        return f"{self.code} {self.title}"\n',
            new='        return f"{self.code} {self.title}"\n\n'
            "    def seats_left(self, taken: int) -> int:\n        return max(0, self.capacity - taken)\n",
        ),
        Change(
            f"{_ENROLLMENT}/services.py",
            old="def _promote_next(",
            new="def seats_left(course: Course, term: str) -> int:\n"
            "    taken = Enrollment.objects.filter(course=course, term=term, status=Status.ENROLLED).count()\n"
            "    return course.seats_left(taken)\n\n\ndef _promote_next(",
        ),
        Change(
            f"{_ENROLLMENT}/admin.py",
            old='    search_fields = ["code", "title"]\n',
            new='    search_fields = ["code", "title"]\n    list_filter = ["capacity"]\n',
        ),
    ),
    "frontend": (
        Change(
            f"{_COMPONENTS}/TermFilter.vue",
            new="<script setup lang=\"ts\">\nconst term = defineModel<string>({ default: '' })\n</script>\n\n"
            '<template>\n  <label class="term">Term <input v-model="term" /></label>\n</template>\n',
        ),
        Change(
            f"{_COMPONENTS}/EnrollmentList.vue",
            old="const open = computed(() => enrollments.value.filter((item) => item.status !== 'dropped'))\n",
            new="const term = ref('')\nconst open = computed(() =>\n"
            "  enrollments.value.filter((item) => item.status !== 'dropped' && item.term.includes(term.value)),\n)\n",
        ),
        Change(
            "frontend/src/style.css",
            old="button {\n",
            new=".term input {\n  width: 6rem;\n}\n\nbutton {\n",
        ),
    ),
}

#: What both want at once.
CHANGELOG = "CHANGELOG.md"
NEWS: Mapping[str, Change] = {
    "backend": Change(
        CHANGELOG, old="## Unreleased\n", new="## Unreleased\n\n- A course says how many seats it has left.\n"
    ),
    "frontend": Change(
        CHANGELOG, old="## Unreleased\n", new="## Unreleased\n\n- Enrollments can be filtered by term.\n"
    ),
}

#: What whoever is refused does instead.
INSTEAD: Mapping[str, Change] = {
    "backend": Change("backend/config/settings.py", old='"VERSION": "1.2.3"', new='"VERSION": "1.3.0"'),
    "frontend": Change(
        "frontend/src/api/client.ts",
        old="// A path that leaves the API's contract",
        new="// Terms are filtered in the browser.\n// A path that leaves the API's contract",
    ),
}

#: Frontend reaches over.
FOREIGN = Change(
    f"{_ENROLLMENT}/serializers.py",
    old='        fields = ["id", "code", "title", "credits", "capacity"]\n',
    new='        fields = ["id", "code", "title", "credits", "capacity", "seats_left"]\n',
)
REDIRECT = f"echo '#' >> {FOREIGN.path}"
STASH = "git stash"

#: What backend does meanwhile.
MEANWHILE = Change(
    f"{_ENROLLMENT}/tests/test_services.py",
    old="    def test_seats_are_counted_per_term(self):\n",
    new="    def test_a_full_course_has_no_seats_left(self):\n"
    "        self.assertEqual(self.course.seats_left(1), 0)\n\n"
    "    def test_seats_are_counted_per_term(self):\n",
)

#: What both are at when the human halts, and go on with afterwards.
HALTED: Mapping[str, Change] = {
    "backend": Change(
        f"{_ENROLLMENT}/serializers.py",
        old="class CourseSerializer(serializers.ModelSerializer):\n",
        new="# Its seats_left comes with the next version of the contract.\n"
        "class CourseSerializer(serializers.ModelSerializer):\n",
    ),
    "frontend": Change(
        f"{_COMPONENTS}/StudentCard.vue",
        old='    <em v-if="student.is_active === false">inactive</em>\n',
        new='    <em v-if="student.is_active === false">not active</em>\n',
    ),
}
REASON = "wait, I am about to release"

COMMITS: Mapping[str, str] = {"backend": "Say how many seats are left", "frontend": "Filter enrollments by term"}
LATE_COMMIT = "Say so in the changelog"

#: What the human commits on main, together with lanewise.toml: paths that frontend itself may not write.
HUMANS: tuple[Change, ...] = (
    Change("README.md", old="# Naga SIS\n", new="# Naga SIS\n\nTwo agents work here: see lanewise.toml.\n"),
    Change("backend/requirements.txt", old="redis>=5.2,<8\n", new="redis>=5.2,<9\n"),
)
HUMANS_COMMIT = "Tell about the lanes; allow redis 8"
