-- Contained in the database, so that it exists on whichever server is primary. It may see the state of
-- the replication (sys.dm_geo_replication_link_status) and no table.
IF NOT EXISTS (SELECT 1 FROM sys.database_principals WHERE name = N'$(user_name)')
  CREATE USER [$(user_name)] FROM EXTERNAL PROVIDER WITH OBJECT_ID = '$(user_id)';
GRANT VIEW DATABASE STATE TO [$(user_name)];
