import type {
  ApiPath,
  Enrollment,
  EnrollmentPage,
  EnrollmentRequest,
  Student,
  StudentPage,
} from '@naga/api-types'

// A path that leaves the API's contract fails the type check here.
const STUDENTS = '/api/students/' satisfies ApiPath
const ENROLLMENTS = '/api/enrollments/' satisfies ApiPath
const DROP = '/api/enrollments/{id}/drop/' satisfies ApiPath

export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message)
    this.name = 'ApiError'
  }
}

async function request<T>(url: string, init?: RequestInit): Promise<T> {
  const response = await fetch(url, {
    ...init,
    headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
  })
  const body = await response.json().catch(() => null)
  if (!response.ok) {
    const detail = [body?.detail].flat().join(' ')
    throw new ApiError(response.status, detail || `The server answered ${response.status}.`)
  }
  return body as T
}

export async function listStudents(): Promise<Student[]> {
  return (await request<StudentPage>(STUDENTS)).results
}

export async function listEnrollments(
  filter: { student?: number; term?: string } = {},
): Promise<Enrollment[]> {
  const query = new URLSearchParams()
  if (filter.student !== undefined) query.set('student', String(filter.student))
  if (filter.term) query.set('term', filter.term)
  return (await request<EnrollmentPage>(`${ENROLLMENTS}?${query}`)).results
}

export function enroll(body: EnrollmentRequest): Promise<Enrollment> {
  return request(ENROLLMENTS, { method: 'POST', body: JSON.stringify(body) })
}

export function dropEnrollment(id: number): Promise<Enrollment> {
  return request(DROP.replace('{id}', String(id)), { method: 'POST' })
}
