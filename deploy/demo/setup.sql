-- What the database's team does once. The variable `password` is that of the login with which providers work: no superuser.
CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY, placed_by name DEFAULT session_user);
CREATE ROLE orders_readonly;
CREATE ROLE orders_readwrite;
GRANT CONNECT ON DATABASE orders TO orders_readonly, orders_readwrite;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO orders_readonly;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO orders_readwrite;
CREATE ROLE credentials_admin LOGIN CREATEROLE PASSWORD :'password';
GRANT orders_readonly, orders_readwrite TO credentials_admin WITH ADMIN OPTION;
