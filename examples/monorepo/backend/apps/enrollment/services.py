"""The rules of enrolling: seats are limited, and a freed seat goes to whoever waited longest."""

from django.db import transaction

from .models import Course, Enrollment, Student

Status = Enrollment.Status


class EnrollmentError(Exception):
    """The request is well formed but the rules say no."""


@transaction.atomic
def enroll(student: Student, course: Course, term: str) -> Enrollment:
    # The course row is the lock: two requests must not both take the last seat.
    course = Course.objects.select_for_update().get(pk=course.pk)
    if not student.is_active:
        raise EnrollmentError("An inactive student cannot enroll.")
    in_term = Enrollment.objects.filter(course=course, term=term)
    if in_term.filter(student=student).exclude(status=Status.DROPPED).exists():
        raise EnrollmentError("The student already has this course in this term.")
    taken = in_term.filter(status=Status.ENROLLED).count()
    status = Status.ENROLLED if taken < course.capacity else Status.WAITLISTED
    return Enrollment.objects.create(student=student, course=course, term=term, status=status)


@transaction.atomic
def drop(enrollment: Enrollment) -> Enrollment:
    Course.objects.select_for_update().get(pk=enrollment.course_id)
    enrollment.refresh_from_db()
    if enrollment.status not in (Status.ENROLLED, Status.WAITLISTED):
        raise EnrollmentError(f"A {enrollment.status} enrollment cannot be dropped.")
    held_a_seat = enrollment.status == Status.ENROLLED
    enrollment.status = Status.DROPPED
    enrollment.save(update_fields=["status"])
    if held_a_seat:
        _promote_next(enrollment.course_id, enrollment.term)
    return enrollment


def _promote_next(course_id: int, term: str) -> None:
    waiting = Enrollment.objects.filter(course_id=course_id, term=term, status=Status.WAITLISTED)
    first = waiting.order_by("enrolled_at", "id").first()
    if first is not None:
        first.status = Status.ENROLLED
        first.save(update_fields=["status"])
