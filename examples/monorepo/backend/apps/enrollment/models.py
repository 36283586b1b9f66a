from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q


class Student(models.Model):
    student_number = models.CharField(max_length=12, unique=True)
    given_name = models.CharField(max_length=80)
    family_name = models.CharField(max_length=80)
    email = models.EmailField(unique=True)
    program = models.CharField(max_length=80, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["family_name", "given_name", "id"]

    def __str__(self):
        return f"{self.student_number} {self.full_name}"

    @property
    def full_name(self) -> str:
        return f"{self.given_name} {self.family_name}"


class Course(models.Model):
    code = models.CharField(max_length=12, unique=True)
    title = models.CharField(max_length=160)
    credits = models.PositiveSmallIntegerField(default=3)
    capacity = models.PositiveSmallIntegerField(default=30, validators=[MinValueValidator(1)])

    class Meta:
        ordering = ["code"]

    def __str__(self):
        return f"{self.code} {self.title}"


class Enrollment(models.Model):
    class Status(models.TextChoices):
        ENROLLED = "enrolled", "Enrolled"
        WAITLISTED = "waitlisted", "Waitlisted"
        DROPPED = "dropped", "Dropped"
        COMPLETED = "completed", "Completed"

    student = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="enrollments")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="enrollments")
    term = models.CharField(
        max_length=7,
        validators=[RegexValidator(r"^\d{4}-T[1-3]\Z", "A term looks like 2025-T1.")],
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.ENROLLED)
    enrolled_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-term", "enrolled_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["student", "course", "term"],
                condition=~Q(status="dropped"),
                name="one_open_enrollment_per_term",
            ),
        ]

    def __str__(self):
        return f"{self.student_id} in {self.course_id}, {self.term}: {self.status}"
