// The file share over which the offer's scripts hand the web server's definition to the deployment
// manager. Needed only while the cluster is set up; `configure-websphere.sh` unmounts it.
targetScope = 'resourceGroup'

@description('Name of the storage account.')
param accountName string

@description('Name of the share.')
param shareName string

@description('Region of the share.')
param location string

@description('Id of the machines\' subnet.')
param subnetId string

@description('Private address of the share in that subnet.')
param address string

@description('Tags of all parts.')
param tags object

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  name: accountName
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
    // The scripts mount the share with the account's key; SMB knows no other way for them.
    allowSharedKeyAccess: true
    publicNetworkAccess: 'Disabled'
    networkAcls: {
      bypass: 'None'
      defaultAction: 'Deny'
    }
  }
}

resource share 'Microsoft.Storage/storageAccounts/fileServices/shares@2025-01-01' = {
  #disable-next-line use-parent-property // The file service between is always there and never configured.
  name: '${accountName}/default/${shareName}'
  properties: {
    shareQuota: 1
  }
  dependsOn: [
    account
  ]
}

resource endpoint 'Microsoft.Network/privateEndpoints@2024-05-01' = {
  name: '${accountName}-file'
  location: location
  tags: tags
  properties: {
    subnet: {
      id: subnetId
    }
    ipConfigurations: [
      {
        name: 'file'
        properties: {
          groupId: 'file'
          memberName: 'file'
          privateIPAddress: address
        }
      }
    ]
    privateLinkServiceConnections: [
      {
        name: 'file'
        properties: {
          privateLinkServiceId: account.id
          groupIds: ['file']
        }
      }
    ]
  }
}
