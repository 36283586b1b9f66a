import { afterEach, expect, test, vi } from 'vitest'
import { ApiError, dropEnrollment, listEnrollments } from './client'

function answer(status: number, body: unknown) {
  const fetch = vi.fn(async (_url: string) => new Response(JSON.stringify(body), { status }))
  vi.stubGlobal('fetch', fetch)
  return fetch
}

afterEach(() => vi.unstubAllGlobals())

test('the filter becomes the query', async () => {
  const fetch = answer(200, { count: 0, results: [] })
  await listEnrollments({ student: 7, term: '2025-T1' })
  expect(fetch.mock.calls[0]?.[0]).toBe('/api/enrollments/?student=7&term=2025-T1')
})

test('the id goes into the path', async () => {
  const fetch = answer(200, {})
  await dropEnrollment(12)
  expect(fetch.mock.calls[0]?.[0]).toBe('/api/enrollments/12/drop/')
})

test("a refusal carries the server's reason", async () => {
  answer(400, { detail: 'The student already has this course in this term.' })
  const refusal = dropEnrollment(12)
  await expect(refusal).rejects.toBeInstanceOf(ApiError)
  await expect(refusal).rejects.toThrow('already has this course')
})
