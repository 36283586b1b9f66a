from rest_framework.test import APITestCase

from apps.enrollment.models import Course, Enrollment, Student


class EnrollmentApiTests(APITestCase):
    def setUp(self):
        self.student = Student.objects.create(
            student_number="S-0001", given_name="សុភា", family_name="ចាន់", email="sophea@naga.example"
        )
        self.course = Course.objects.create(code="ENGL110", title="Academic Writing")

    def post(self, **changes):
        body = {"student": self.student.pk, "course": self.course.pk, "term": "2025-T1", **changes}
        return self.client.post("/api/enrollments/", body)

    def test_creating_an_enrollment_answers_with_names(self):
        response = self.post()
        self.assertEqual(response.status_code, 201, response.content)
        self.assertEqual(response.json()["student_name"], "សុភា ចាន់")
        self.assertEqual(response.json()["course_code"], "ENGL110")

    def test_the_client_cannot_choose_the_status(self):
        self.assertEqual(self.post(status="completed").json()["status"], "enrolled")

    def test_a_duplicate_is_refused_with_a_reason(self):
        self.post()
        response = self.post()
        self.assertEqual(response.status_code, 400)
        self.assertIn("already", response.json()["detail"])

    def test_the_list_is_filtered_by_student_and_term(self):
        self.post()
        self.post(term="2025-T2")
        url = f"/api/enrollments/?student={self.student.pk}&term=2025-T2"
        terms = [item["term"] for item in self.client.get(url).json()["results"]]
        self.assertEqual(terms, ["2025-T2"])
        self.assertEqual(self.client.get("/api/enrollments/?student=0").json()["count"], 0)

    def test_a_student_that_is_not_a_number_is_refused(self):
        self.assertEqual(self.client.get("/api/enrollments/?student=x").status_code, 400)

    def test_dropping(self):
        enrollment = self.post().json()
        response = self.client.post(f"/api/enrollments/{enrollment['id']}/drop/")
        self.assertEqual(response.json()["status"], "dropped")
        self.assertEqual(Enrollment.objects.get().status, "dropped")

    def test_students_and_courses_are_never_deleted(self):
        self.assertEqual(self.client.delete(f"/api/students/{self.student.pk}/").status_code, 405)
        self.assertEqual(self.client.delete(f"/api/courses/{self.course.pk}/").status_code, 405)
