from django.test import TestCase

from apps.enrollment.models import Course, Enrollment, Student
from apps.enrollment.services import EnrollmentError, drop, enroll

TERM = "2025-T1"
Status = Enrollment.Status


class EnrollTests(TestCase):
    def setUp(self):
        self.course = Course.objects.create(code="CS201", title="Databases", capacity=1)
        self.students = [
            Student.objects.create(
                student_number=f"S-{number:04}",
                given_name="Dara",
                family_name=f"Sok {number}",
                email=f"dara{number}@naga.example",
            )
            for number in range(3)
        ]

    def test_a_full_course_puts_the_next_student_on_the_waitlist(self):
        first, second = (enroll(student, self.course, TERM) for student in self.students[:2])
        self.assertEqual((first.status, second.status), (Status.ENROLLED, Status.WAITLISTED))

    def test_seats_are_counted_per_term(self):
        enroll(self.students[0], self.course, TERM)
        self.assertEqual(enroll(self.students[1], self.course, "2025-T2").status, Status.ENROLLED)

    def test_a_dropped_seat_goes_to_whoever_waited_longest(self):
        first, second, third = (enroll(student, self.course, TERM) for student in self.students)
        drop(first)
        second.refresh_from_db()
        third.refresh_from_db()
        self.assertEqual((second.status, third.status), (Status.ENROLLED, Status.WAITLISTED))

    def test_leaving_the_waitlist_frees_no_seat(self):
        _, second, third = (enroll(student, self.course, TERM) for student in self.students)
        drop(second)
        third.refresh_from_db()
        self.assertEqual(third.status, Status.WAITLISTED)

    def test_an_inactive_student_cannot_enroll(self):
        self.students[0].is_active = False
        with self.assertRaises(EnrollmentError):
            enroll(self.students[0], self.course, TERM)

    def test_dropping_twice_is_refused(self):
        enrollment = enroll(self.students[0], self.course, TERM)
        drop(enrollment)
        with self.assertRaises(EnrollmentError):
            drop(enrollment)
