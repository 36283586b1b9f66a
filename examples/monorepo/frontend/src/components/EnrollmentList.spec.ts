import { flushPromises, mount } from '@vue/test-utils'
import { beforeEach, expect, test, vi } from 'vitest'
import type { Enrollment } from '@naga/api-types'
import { dropEnrollment, listEnrollments } from '../api/client'
import EnrollmentList from './EnrollmentList.vue'

vi.mock('../api/client')

const enrollment: Enrollment = {
  id: 1,
  student: 7,
  student_name: 'Sophea Chan',
  course: 2,
  course_code: 'CS201',
  term: '2025-T1',
  status: 'enrolled',
  enrolled_at: '2025-01-06T08:00:00Z',
}

async function show(...items: Enrollment[]) {
  vi.mocked(listEnrollments).mockResolvedValue(items)
  const list = mount(EnrollmentList, { props: { studentId: 7 } })
  await flushPromises()
  return list
}

beforeEach(() => vi.resetAllMocks())

test("lists this student's enrollments", async () => {
  const list = await show(enrollment, { ...enrollment, id: 2, course_code: 'ENGL110', status: 'waitlisted' })
  expect(listEnrollments).toHaveBeenCalledWith({ student: 7 })
  expect(list.text()).toContain('CS201, 2025-T1: Enrolled')
  expect(list.text()).toContain('ENGL110, 2025-T1: On the waitlist')
})

test('a dropped enrollment leaves the list', async () => {
  vi.mocked(dropEnrollment).mockResolvedValue({ ...enrollment, status: 'dropped' })
  const list = await show(enrollment)
  await list.get('button').trigger('click')
  await flushPromises()
  expect(dropEnrollment).toHaveBeenCalledWith(1)
  expect(list.text()).toContain('No open enrollments')
})

test('a completed course cannot be dropped', async () => {
  const list = await show({ ...enrollment, status: 'completed' })
  expect(list.find('button').exists()).toBe(false)
})

test('a failure is shown', async () => {
  vi.mocked(dropEnrollment).mockRejectedValue(new Error('A completed enrollment cannot be dropped.'))
  const list = await show(enrollment)
  await list.get('button').trigger('click')
  await flushPromises()
  expect(list.get('[role=alert]').text()).toContain('cannot be dropped')
})
