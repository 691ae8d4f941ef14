#!/bin/sh
# Creates Temporal's two databases, or upgrades them to the schema of this image. Repeating it
# changes nothing: the tool reads the version each database has.
# Reads SQL_PLUGIN, SQL_HOST, SQL_PORT, SQL_USER and SQL_PASSWORD, as temporal-sql-tool does.
set -eu

SCHEMA_FOLDER=${SCHEMA_FOLDER:-/etc/temporal/schema/postgresql/v12}

prepare() {
  temporal-sql-tool --database "$1" create-database
  temporal-sql-tool --database "$1" setup-schema --version 0.0
  temporal-sql-tool --database "$1" update-schema --schema-dir "$SCHEMA_FOLDER/$2/versioned"
}

prepare temporal temporal
prepare temporal_visibility visibility
