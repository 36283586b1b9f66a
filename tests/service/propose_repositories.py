"""Tiny imitations of the layouts of real repositories: path to text."""

from __future__ import annotations

import json


def package(*wanted: str, **more: object) -> str:
    return json.dumps({"dependencies": dict.fromkeys(wanted, "*"), **more})


def project(*wanted: str) -> str:
    return f'[project]\nname = "x"\ndependencies = {json.dumps(list(wanted))}\n'


NAGA = {
    "package.json": package("nx", workspaces=["frontend", "libs/shared/*"]),
    "package-lock.json": "{}",
    "nx.json": "{}",
    "tsconfig.base.json": "{}",
    "docker-compose.yml": (
        "services:\n  postgres:\n    ports:\n      - 5432:5432\n  redis:\n    ports: ['${REDIS:-6379}:6379']\n"
    ),
    "README.md": "",
    "CLAUDE.md": "",
    "docs/a.md": "",
    ".github/workflows/ci.yml": "",
    "tests/integration/test_flow.py": "",
    "backend/manage.py": "import django",
    "backend/requirements.txt": "Django>=5\ndjangorestframework\n",
    "backend/project.json": "{}",
    "backend/apps/enrollment/models.py": "",
    "frontend/package.json": package("vue", "vite"),
    "frontend/vite.config.ts": "export default { server: { port: Number(env.PORT || 3000) } }",
    "frontend/src/App.vue": "",
    "libs/shared/api-types/package.json": "{}",
    "libs/shared/api-types/index.ts": "",
}
MEALIE = {
    "pyproject.toml": '[tool.poetry]\nname = "m"\n[tool.poetry.dependencies]\nfastapi = "*"\n',
    "poetry.lock": "",
    "alembic.ini": "",
    "Taskfile.yml": "",
    "alembic/versions/a.py": "",
    "mealie/app.py": "from fastapi import FastAPI",
    "mealie/main.py": "",
    "tests/test_a.py": "",
    "tests/e2e/package.json": package("@playwright/test"),
    "tests/e2e/a.ts": "",
    "docs/docs/index.md": "",
    "docker/docker-compose.yml": "services:\n  mealie:\n    ports:\n      - 9091:9000\n",
    "frontend/package.json": package("nuxt"),
    "frontend/yarn.lock": "# yarn lockfile v1\n",
    "frontend/pages/index.vue": "",
    "dev/scripts/gen.py": "",
}
TEMPLATE = {
    "pyproject.toml": '[dependency-groups]\ndev = ["prek"]\n[tool.uv.workspace]\nmembers = ["backend"]\n',
    "uv.lock": "",
    "package.json": json.dumps({"workspaces": ["frontend", "packages/*"]}),
    "bun.lock": "",
    "compose.yml": "services:\n  db:\n    image: x\n",
    "compose.override.yml": (
        'services:\n\n  db:\n    ports:\n      - "5432:5432"\n  backend:\n    ports:\n      - "8000:8000"\n'
        "    build:\n      context: .\nvolumes:\n  a:\n"
    ),
    "backend/pyproject.toml": project("fastapi[standard]>=0.114"),
    "backend/app/main.py": "",
    "frontend/package.json": package("react", devDependencies={"vite": "*"}),
    "frontend/src/main.tsx": "",
    "frontend/src/routeTree.gen.ts": "",
    "frontend/src/client/sdk.gen.ts": "",
    "frontend/src/client/types.gen.ts": "",
    "frontend/src/client/index.ts": "",
    "packages/react-email/package.json": package("react", scripts={"dev": "x"}),
    "packages/react-email/a.tsx": "",
}
PAPERLESS = {
    "pyproject.toml": project("django~=5.2", "djangorestframework"),
    "uv.lock": "",
    "CODEOWNERS": "/.github/ @o/ci\n/src-ui/ @o/front\n/src/ @o/back\n/scripts/ @o/back\npyproject.toml @o/back\n"
    "uv.lock @o/back\n*.py @o/back\n",
    "Dockerfile": "",
    "scripts/a.sh": "",
    "src/manage.py": "#!/usr/bin/env python3\nimport django",
    "src/documents/models.py": "",
    "src/paperless_mail/templates/package.json": package("mjml"),
    "src-ui/package.json": package("@angular/core", "@angular/cli"),
    "src-ui/pnpm-lock.yaml": "",
    "src-ui/angular.json": "{}",
    "src-ui/src/main.ts": "",
}
DJANGO_AT_ROOT = {
    "manage.py": "",
    "requirements.txt": "django",
    "requirements-dev.txt": "pytest",
    "mysite/settings.py": "",
    "polls/models.py": "",
    "templates/a.html": "",
    "ui/package.json": package("svelte", "@sveltejs/kit", "vite"),
    "ui/package-lock.json": "{}",
    "ui/src/a.svelte": "",
}
FRONTEND_AT_ROOT = {
    "package.json": package("vue", "vite"),
    "package-lock.json": "{}",
    "index.html": "",
    "vite.config.ts": "",
    "tsconfig.json": "{}",
    "src/App.vue": "",
    "src/main.ts": "",
    "public/a.svg": "",
    "api/requirements.txt": "Flask==3\n",
    "api/app.py": "from flask import Flask",
}
NX_APPS = {
    "nx.json": "{}",
    "package.json": package("@angular/core", "@nestjs/core", "nx"),
    "yarn.lock": "__metadata:\n",
    "apps/web/project.json": "{}",
    "apps/web/src/app.component.ts": "",
    "apps/api/project.json": "{}",
    "apps/api/src/main.ts": "",
    "apps/web-e2e/project.json": "{}",
    "apps/web-e2e/src/a.cy.ts": "",
    "libs/ui/button/project.json": "{}",
    "libs/ui/button/a.component.ts": "",
    "libs/shared/types/project.json": "{}",
    "libs/shared/types/index.ts": "",
}
GO_AND_NEXT = {
    "server/go.mod": "module x",
    "server/main.go": "",
    "web/package.json": package("next", "react"),
    "web/pnpm-lock.yaml": "",
    "web/app/page.tsx": "",
    "Gemfile": "gem 'fastlane'",
}
THREE_SERVICES = {
    "billing/pyproject.toml": project("fastapi"),
    "billing/uv.lock": "",
    "billing/main.py": "",
    "users/pyproject.toml": project("flask"),
    "users/app.py": "",
    "web/package.json": package("react"),
    "web/src/a.jsx": "",
}
MANY = {f"services/s{n}/{file}": "" for n in range(8) for file in ("go.mod", "main.go", *map(str, range(n)))}
LIBRARIES = {
    "package.json": json.dumps({"workspaces": ["packages/*"]}),
    "pnpm-lock.yaml": "",
    "packages/core/package.json": package("zod"),
    "packages/core/a.ts": "",
    "packages/main/package.json": package("zod"),
    "packages/main/a.ts": "",
    "packages/9-cli/package.json": package("zod"),
    "packages/9-cli/a.ts": "",
}
ONE = {"pyproject.toml": project("requests"), "src/x/__init__.py": "", "README.md": ""}
MIXED_ROOT = {"manage.py": "", "package.json": package("react"), "shop/models.py": "", "requirements.txt": "django"}
EMPTY: dict[str, str] = {}
PROSE = {"README.md": "", "chapters/1.md": ""}
ODD_NAMES = {
    "back end/manage.py": "",
    "back end/requirements.txt": "django",
    'front"end/package.json': package("vue"),
    'front"end/a.vue': "",
    "a\nb/manage.py": "",
    "x[1]/package.json": package("vue"),
}
REPOSITORIES: dict[str, dict[str, str]] = {
    name: value for name, value in dict(globals()).items() if name.isupper() and isinstance(value, dict)
}
