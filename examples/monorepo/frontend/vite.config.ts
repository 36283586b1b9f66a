import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { loadEnv } from 'vite'
import { defineConfig } from 'vitest/config'

const root = fileURLToPath(new URL('..', import.meta.url))

export default defineConfig(({ mode }) => {
  const env = loadEnv(mode, root, '')
  const api = env.API_URL || `http://127.0.0.1:${env.DJANGO_PORT || 8000}`
  return {
    plugins: [vue()],
    envDir: root,
    server: {
      port: Number(env.VITE_PORT || 3000),
      strictPort: true,
      proxy: { '/api': api },
    },
    test: {
      environment: 'happy-dom',
      include: ['src/**/*.spec.ts'],
    },
  }
})
