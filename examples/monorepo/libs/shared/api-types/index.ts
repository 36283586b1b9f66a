// Names for what the frontend uses. schema.d.ts is generated: `npm run generate-types`.
import type { components, paths } from './schema'

type Schemas = components['schemas']

export type ApiPath = keyof paths
export type Student = Schemas['Student']
export type Course = Schemas['Course']
export type Enrollment = Schemas['Enrollment']
export type EnrollmentStatus = Enrollment['status']
export type EnrollmentRequest = Schemas['EnrollmentRequest']
export type EnrollmentPage = Schemas['PaginatedEnrollmentList']
export type StudentPage = Schemas['PaginatedStudentList']
