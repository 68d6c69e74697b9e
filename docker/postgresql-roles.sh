#!/bin/sh
# Runs once, as the superuser, when the database volume is new: the two roles and the database (docs/operations.md).
set -eu
psql --set=ON_ERROR_STOP=1 --no-psqlrc --quiet \
     --set=owner_password="$PARLEY_OWNER_PASSWORD" --set=app_password="$PARLEY_APP_PASSWORD" \
     --username="${POSTGRES_USER:-postgres}" --dbname=postgres <<'SQL'
CREATE ROLE parley_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'app_password';
CREATE ROLE parley_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'owner_password';
GRANT parley_app TO parley_owner;
CREATE DATABASE parley OWNER parley_owner ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C' TEMPLATE template0;
REVOKE ALL ON DATABASE parley FROM PUBLIC;
GRANT CONNECT ON DATABASE parley TO parley_app;
SQL
