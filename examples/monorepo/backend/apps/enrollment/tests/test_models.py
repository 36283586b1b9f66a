from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.test import TestCase

from apps.enrollment.models import Course, Enrollment, Student


class EnrollmentModelTests(TestCase):
    def setUp(self):
        self.student = Student.objects.create(
            student_number="S-0001", given_name="Sophea", family_name="Chan", email="sophea@naga.example"
        )
        self.course = Course.objects.create(code="MATH101", title="Calculus I")

    def enroll(self, **changes):
        return Enrollment(student=self.student, course=self.course, **{"term": "2025-T1", **changes})

    def test_full_name(self):
        self.assertEqual(self.student.full_name, "Sophea Chan")

    def test_a_term_has_a_year_and_a_number(self):
        for term in ("2025-T4", "25-T1", "spring", "2025-T1\n"):
            with self.subTest(term=term), self.assertRaises(ValidationError):
                self.enroll(term=term).full_clean()

    def test_the_same_course_cannot_be_open_twice_in_a_term(self):
        self.enroll().save()
        with self.assertRaises(IntegrityError):
            self.enroll().save()

    def test_a_dropped_course_can_be_taken_again(self):
        self.enroll(status=Enrollment.Status.DROPPED).save()
        self.enroll().save()
        self.assertEqual(Enrollment.objects.count(), 2)
