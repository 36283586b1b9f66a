from django.contrib import admin

from .models import Course, Enrollment, Student


@admin.register(Student)
class StudentAdmin(admin.ModelAdmin):
    list_display = ["student_number", "full_name", "program", "is_active"]
    search_fields = ["student_number", "given_name", "family_name", "email"]


@admin.register(Course)
class CourseAdmin(admin.ModelAdmin):
    list_display = ["code", "title", "credits", "capacity"]
    search_fields = ["code", "title"]


@admin.register(Enrollment)
class EnrollmentAdmin(admin.ModelAdmin):
    list_display = ["student", "course", "term", "status"]
    list_filter = ["term", "status"]
