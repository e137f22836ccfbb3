# One image for every role; docker/entrypoint chooses. Build: docker build -t doorway .
# The base is named once, so that an upgrade is one line.
FROM python:3.11-slim AS python
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1

# Front-end files: Node comes from its Python package and stays in this stage.
FROM python AS assets
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
COPY requirements/node.txt requirements/node.txt
COPY config/local/assets.py config/local/assets.py
RUN python config/local/assets.py

# The locked packages, each against its hash, in a virtual environment of their own.
FROM python AS packages
COPY requirements/base.txt .
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r base.txt

# Static files under names that carry their content's hash, compressed once.
FROM packages AS static
WORKDIR /doorway
COPY . .
COPY --from=assets /build/var/assets var/assets
RUN DJANGO_SETTINGS_MODULE=config.settings.production SECRET_KEY=only-for-this-build-step \
    ALLOWED_HOSTS=localhost PUBLIC_URL=https://localhost \
    DATABASE_URL=postgresql://localhost/nowhere REDIS_URL=redis://localhost/0 \
    /venv/bin/python manage.py collectstatic --no-input --verbosity 0 \
    && rm -rf var/assets tests benchmarks

FROM python AS doorway
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin doorway \
    && install -d -o doorway -g doorway -m 700 /state
COPY --from=packages /venv /venv
COPY --from=static /doorway /doorway
RUN /venv/bin/python -m compileall -q /doorway /venv
ENV PATH=/venv/bin:$PATH DJANGO_SETTINGS_MODULE=config.settings.production
WORKDIR /doorway
USER doorway
ENTRYPOINT ["/doorway/docker/entrypoint"]
CMD ["web"]
