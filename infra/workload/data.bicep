// The data tier: a SQL server in each site, the database, the failover group.
targetScope = 'subscription'

@description('Names: preferred and standby server, failover group, database.')
param names object

@description('Preferred region.')
param preferredLocation string

@description('Standby region.')
param standbyLocation string

@description('Resource group of the preferred site.')
param preferredGroupName string

@description('Resource group of the standby site.')
param standbyGroupName string

@description('SQL administrator of both servers.')
param administratorLogin string

@description('Password of the SQL administrator.')
@secure()
param administratorPassword string

@description('Object id of the Entra administrator.')
param entraAdminObjectId string

@description('Display name of the Entra administrator.')
param entraAdminName string

@description('What the Entra administrator is.')
@allowed(['User', 'Group', 'Application'])
param entraAdminType string

@description('Addresses from which the two sites go out.')
param egressAddresses array

@description('Whether whatever runs in Azure may try to log in.')
param allowAzureServices bool

@description('Database SKU: name and tier.')
param databaseSku object

@description('Where database backups are kept.')
@allowed(['Geo', 'GeoZone', 'Local', 'Zone'])
param databaseBackupRedundancy string

@description('Whether database and failover group are deployed. They cannot be while the roles are swapped.')
param withFailoverGroup bool

@description('Tags of all parts.')
param tags object

module preferred 'sql/server.bicep' = {
  name: 'preferred-sql'
  scope: resourceGroup(preferredGroupName)
  params: {
    name: names.preferred
    location: preferredLocation
    administratorLogin: administratorLogin
    administratorPassword: administratorPassword
    entraAdminObjectId: entraAdminObjectId
    entraAdminName: entraAdminName
    entraAdminType: entraAdminType
    egressAddresses: egressAddresses
    allowAzureServices: allowAzureServices
    tags: tags
  }
}

module standby 'sql/server.bicep' = {
  name: 'standby-sql'
  scope: resourceGroup(standbyGroupName)
  params: {
    name: names.standby
    location: standbyLocation
    administratorLogin: administratorLogin
    administratorPassword: administratorPassword
    entraAdminObjectId: entraAdminObjectId
    entraAdminName: entraAdminName
    entraAdminType: entraAdminType
    egressAddresses: egressAddresses
    allowAzureServices: allowAzureServices
    tags: tags
  }
}

module group 'sql/failover-group.bicep' = if (withFailoverGroup) {
  name: 'failover-group'
  scope: resourceGroup(preferredGroupName)
  params: {
    serverName: names.preferred
    location: preferredLocation
    partnerServerId: standby.outputs.id
    name: names.group
    databaseName: names.database
    sku: databaseSku
    backupRedundancy: databaseBackupRedundancy
    tags: tags
  }
  dependsOn: [
    preferred
  ]
}

@description('Id of the SQL server in the preferred site.')
output preferredServerId string = preferred.outputs.id
@description('Id of the SQL server in the standby site.')
output standbyServerId string = standby.outputs.id
@description('Host name that always leads to the primary server.')
output listener string = withFailoverGroup ? group!.outputs.listener : '${names.group}${environment().suffixes.sqlServerHostname}'
