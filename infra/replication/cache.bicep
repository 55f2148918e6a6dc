// The account through which disk writes pass on their way to the other region. It has to be in the
// region that the machines run in.
targetScope = 'resourceGroup'

@description('Name of the account.')
param name string

@description('Region of the account.')
param location string

@description('Tags of the account.')
param tags object

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: 'Standard_LRS'
  }
  properties: {
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    allowBlobPublicAccess: false
    // The Mobility agent writes with signatures made from the key.
    allowSharedKeyAccess: true
  }
}

@description('Id of the account.')
output id string = account.id
