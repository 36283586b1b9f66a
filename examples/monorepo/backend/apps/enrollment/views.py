from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from . import services
from .models import Course, Enrollment, Student
from .serializers import CourseSerializer, EnrollmentSerializer, StudentSerializer


class StudentViewSet(viewsets.ModelViewSet):
    queryset = Student.objects.all()
    serializer_class = StudentSerializer
    http_method_names = ["get", "post", "patch", "head", "options"]


class CourseViewSet(viewsets.ModelViewSet):
    queryset = Course.objects.all()
    serializer_class = CourseSerializer
    http_method_names = ["get", "post", "patch", "head", "options"]


@extend_schema_view(
    list=extend_schema(
        parameters=[
            OpenApiParameter("student", int, description="Only this student's enrollments."),
            OpenApiParameter("term", str, description="Only this term, for example 2025-T1."),
        ],
    ),
)
class EnrollmentViewSet(
    mixins.CreateModelMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet,
):
    queryset = Enrollment.objects.select_related("student", "course")
    serializer_class = EnrollmentSerializer

    def get_queryset(self):
        queryset = super().get_queryset()
        if self.action != "list":
            return queryset
        student, term = self.request.query_params.get("student"), self.request.query_params.get("term")
        if student:
            if not student.isdecimal():
                raise ValidationError({"student": "A student is named by its number."})
            queryset = queryset.filter(student_id=student)
        return queryset.filter(term=term) if term else queryset

    def perform_create(self, serializer):
        try:
            serializer.instance = services.enroll(**serializer.validated_data)
        except services.EnrollmentError as error:
            raise ValidationError({"detail": str(error)}) from error

    @extend_schema(request=None, responses=EnrollmentSerializer)
    @action(detail=True, methods=["post"])
    def drop(self, request, pk=None):
        try:
            enrollment = services.drop(self.get_object())
        except services.EnrollmentError as error:
            raise ValidationError({"detail": str(error)}) from error
        return Response(self.get_serializer(enrollment).data)
