// The database and the failover group around it. Deployed to the server that is primary in the
// normal state; the group makes the copy on the partner.
targetScope = 'resourceGroup'

@description('Name of the server that holds the database.')
param serverName string

@description('Region of that server.')
param location string

@description('Id of the partner server.')
param partnerServerId string

@description('Name of the failover group; it is global DNS.')
param name string

@description('Name of the database.')
param databaseName string

@description('Name and tier of the database\'s SKU.')
param sku object

@description('Where backups are kept.')
@allowed(['Geo', 'GeoZone', 'Local', 'Zone'])
param backupRedundancy string

@description('Tags of both.')
param tags object

resource server 'Microsoft.Sql/servers@2023-08-01' existing = {
  name: serverName
}

resource database 'Microsoft.Sql/servers/databases@2023-08-01' = {
  parent: server
  name: databaseName
  location: location
  tags: tags
  sku: {
    name: sku.name
    tier: sku.tier
  }
  properties: {
    requestedBackupStorageRedundancy: backupRedundancy
  }
}

resource group 'Microsoft.Sql/servers/failoverGroups@2023-08-01' = {
  parent: server
  name: name
  tags: tags
  properties: {
    partnerServers: [
      {
        id: partnerServerId
      }
    ]
    databases: [
      database.id
    ]
    readWriteEndpoint: {
      // Farshore decides. Automatic would wait for an hour at least, and fence nothing.
      failoverPolicy: 'Manual'
    }
    readOnlyEndpoint: {
      failoverPolicy: 'Disabled'
    }
  }
}

@description('Host name that always leads to the primary server.')
output listener string = '${group.name}${environment().suffixes.sqlServerHostname}'
