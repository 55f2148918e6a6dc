// The vault, in the standby region: one in the preferred region would be lost together with what it
// is to recover. Redundancy cannot be changed after the first machine is protected.
targetScope = 'resourceGroup'

@description('Name of the vault.')
param name string

@description('Region of the vault: the standby region.')
param location string

@description('Tags of the vault.')
param tags object

resource vault 'Microsoft.RecoveryServices/vaults@2025-08-01' = {
  name: name
  location: location
  tags: tags
  sku: {
    name: 'RS0'
    tier: 'Standard'
  }
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    publicNetworkAccess: 'Enabled'
    redundancySettings: {
      standardTierStorageRedundancy: 'GeoRedundant'
      crossRegionRestore: 'Enabled'
    }
  }
}

@description('Id of the vault.')
output id string = vault.id
@description('Name of the vault.')
output name string = vault.name
