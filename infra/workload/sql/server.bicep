// One logical SQL server and who may reach it. Used once for each site.
targetScope = 'resourceGroup'

@description('Name of the server; it is global DNS.')
param name string

@description('Region of the server.')
param location string

@description('SQL administrator. Both servers have the same one, because logins are not replicated.')
param administratorLogin string

@description('Password of the SQL administrator, the same on both servers.')
@secure()
param administratorPassword string

@description('Object id of the Entra administrator.')
param entraAdminObjectId string

@description('Display name of the Entra administrator.')
param entraAdminName string

@description('What the Entra administrator is.')
@allowed(['User', 'Group', 'Application'])
param entraAdminType string

@description('Addresses from which the sites\' networks go out. Both servers take both: either can be primary.')
param egressAddresses array

@description('Whether whatever runs in Azure may try to log in, as in the tutorial.')
param allowAzureServices bool

@description('Tags of the server.')
param tags object

resource server 'Microsoft.Sql/servers@2023-08-01' = {
  name: name
  location: location
  tags: tags
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    administratorLogin: administratorLogin
    administratorLoginPassword: administratorPassword
    administrators: {
      administratorType: 'ActiveDirectory'
      principalType: entraAdminType
      login: entraAdminName
      sid: entraAdminObjectId
      tenantId: tenant().tenantId
      // WebSphere's data source logs in with a SQL login.
      azureADOnlyAuthentication: false
    }
    minimalTlsVersion: '1.2'
    publicNetworkAccess: 'Enabled'
    restrictOutboundNetworkAccess: 'Disabled'
  }
}

resource fromSites 'Microsoft.Sql/servers/firewallRules@2023-08-01' = [for (address, i) in egressAddresses: {
  parent: server
  name: 'site-egress-${i}'
  properties: {
    startIpAddress: address
    endIpAddress: address
  }
}]

// 0.0.0.0 stands for "any address that belongs to Azure", of any customer.
resource fromAzure 'Microsoft.Sql/servers/firewallRules@2023-08-01' = if (allowAzureServices) {
  parent: server
  name: 'AllowAllWindowsAzureIps'
  properties: {
    startIpAddress: '0.0.0.0'
    endIpAddress: '0.0.0.0'
  }
}

@description('Id of the server.')
output id string = server.id
