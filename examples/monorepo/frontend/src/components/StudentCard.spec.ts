import { mount } from '@vue/test-utils'
import { expect, test } from 'vitest'
import type { Student } from '@naga/api-types'
import StudentCard from './StudentCard.vue'

const student: Student = {
  id: 1,
  student_number: 'S-0001',
  given_name: 'Sophea',
  family_name: 'Chan',
  full_name: 'Sophea Chan',
  email: 'sophea@naga.example',
}

test('shows who the student is', () => {
  const text = mount(StudentCard, { props: { student } }).text()
  expect(text).toContain('Sophea Chan')
  expect(text).toContain('S-0001')
  expect(text).not.toContain('inactive')
})

test('marks an inactive student', () => {
  const card = mount(StudentCard, { props: { student: { ...student, is_active: false } } })
  expect(card.text()).toContain('inactive')
})

test('a click selects', async () => {
  const card = mount(StudentCard, { props: { student } })
  await card.trigger('click')
  expect(card.emitted('select')).toHaveLength(1)
})
