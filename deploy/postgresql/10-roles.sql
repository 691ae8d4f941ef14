-- Run once, when the data volume is empty. Neither role is a superuser: Temporal owns its two
-- databases, the service owns its own, and neither can read the other's.
\getenv paysaga_password PAYSAGA_DB_PASSWORD
\getenv temporal_password TEMPORAL_DB_PASSWORD

CREATE ROLE paysaga LOGIN PASSWORD :'paysaga_password';
CREATE DATABASE paysaga OWNER paysaga;
REVOKE CONNECT ON DATABASE paysaga FROM PUBLIC;

CREATE ROLE temporal LOGIN CREATEDB PASSWORD :'temporal_password';
