from rest_framework import serializers

from .models import Course, Enrollment, Student


class StudentSerializer(serializers.ModelSerializer):
    full_name = serializers.CharField(read_only=True)

    class Meta:
        model = Student
        fields = [
            "id",
            "student_number",
            "given_name",
            "family_name",
            "full_name",
            "email",
            "program",
            "is_active",
        ]


class CourseSerializer(serializers.ModelSerializer):
    class Meta:
        model = Course
        fields = ["id", "code", "title", "credits", "capacity"]


class EnrollmentSerializer(serializers.ModelSerializer):
    student_name = serializers.CharField(source="student.full_name", read_only=True)
    course_code = serializers.CharField(source="course.code", read_only=True)

    class Meta:
        model = Enrollment
        fields = [
            "id",
            "student",
            "student_name",
            "course",
            "course_code",
            "term",
            "status",
            "enrolled_at",
        ]
        read_only_fields = ["status", "enrolled_at"]
        # services.enroll answers duplicates, under the course's lock.
        validators = []
